"""Which of the coming messages appear, vanish, come at another time, or come otherwise."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from engine.decide import decide
from engine.model.customer import Customer
from engine.model.journeys import ScheduleStart
from engine.model.journeys import Status as Live
from engine.model.messages import Message, Status
from engine.model.outlines import Moves
from engine.model.program import Program
from engine.model.stimuli import JourneysChanged
from engine.runtime.forecast import forecast

FURTHER = timedelta(days=180)
"""How far beyond the time that is compared a message is looked for that is on one side alone: it may only be later."""

MOST_EXAMPLES = 3
"""Of each journey and kind of change."""

APPEARS, VANISHES, MOVES, CHANGES = "appears", "vanishes", "moves", "changes"

InLedger = Callable[[Collection[str]], Collection[str]]
"""Those of the messages' ids that were decided before, for good: they come no more, whatever the journeys say."""


class Expected(NamedTuple):
    """A coming message as the plan shows it. `outcome` is `sent`, `held` or `skipped`, `reason` why."""

    at: datetime
    step: str
    template: str
    channel: str | None
    brand: str
    outcome: str
    reason: str | None


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one message to one customer; None where there is none. `what` is `appears`, `vanishes`, `moves`
    (comes at another time) or `changes` (comes otherwise)."""

    what: str
    journey: str
    customer: str | None
    vehicle: str | None
    before: Expected | None
    after: Expected | None


class Line(NamedTuple):
    """What is counted together; `channel` is the one after the change, else the one before."""

    journey: str
    channel: str
    what: str


class Messages:
    """Compares what comes for one customer after the other, from `now` to `until`."""

    def __init__(
        self,
        before: Program,
        after: Program,
        moves: Moves,
        now: datetime,
        until: datetime,
        in_ledger: InLedger,
    ) -> None:
        self._before = before
        self._after = after
        self._changed = JourneysChanged(moves)
        self._now = now
        self._until = until
        self._in_ledger = in_ledger
        self.total_before = 0
        self.total_after = 0
        self.counts: Counter[Line] = Counter()
        self.examples: dict[tuple[str, str], list[Example]] = {}

    def add(self, customers: Iterable[Customer]) -> None:
        """Takes in a portion of the customers."""
        pairs: dict[str, tuple[Message | None, Message | None]] = {}
        for customer in customers:
            pairs |= self._pairs(customer)
        known = (
            self._in_ledger([id_ for id_, (before, _) in pairs.items() if before is None]) if pairs else ()
        )
        for id_, (before, after) in pairs.items():
            if id_ not in known:
                self._count(before, after)

    def _pairs(self, customer: Customer) -> dict[str, tuple[Message | None, Message | None]]:
        before = _by_id(forecast(self._before, customer, self._now, self._until))
        changed, effects = decide(self._after, customer, self._changed, self._now)
        coming = forecast(self._after, changed, self._now, self._until)
        after = _by_id([*effects.messages, *coming])
        later_before = self._later(self._before, customer, after, before)
        later_after = self._later(self._after, changed, before, after)
        return {
            id_: (before.get(id_, later_before.get(id_)), after.get(id_, later_after.get(id_)))
            for id_ in {**before, **after}
        }

    def _later(
        self, program: Program, customer: Customer, there: Mapping[str, Message], here: Mapping[str, Message]
    ) -> Mapping[str, Message]:
        """What comes after `until`, where something of it may be `there` and is not `here`. Messages of a schedule are
        not looked for: each is of its moment, and has no other."""
        journeys = {one.journey for one in there.values() if one.id not in here}
        if not any(_may_be_later(program, one) for one in journeys):
            return {}
        until = self._until + FURTHER
        coming = forecast(program, customer, self._now, until, of_a_schedule=1)
        return _by_id(one for one in coming if one.at > self._until)

    def _comes(self, message: Message | None) -> bool:
        """In the time that is compared."""
        return _goes(message) and message is not None and message.at <= self._until

    def _count(self, before: Message | None, after: Message | None) -> None:
        self.total_before += self._comes(before)
        self.total_after += self._comes(after)
        what = _what(before, after)
        told = after if _goes(after) else before
        if not what or told is None:
            return
        self.counts[Line(told.journey, told.channel or "", what)] += 1
        examples = self.examples.setdefault((told.journey, what), [])
        if len(examples) < MOST_EXAMPLES:
            examples.append(
                Example(
                    what=what,
                    journey=told.journey,
                    customer=told.customer,
                    vehicle=told.vehicle,
                    before=_expected(before),
                    after=_expected(after),
                )
            )


def _may_be_later(program: Program, journey: str) -> bool:
    found = program.journeys.get(journey)
    return found is not None and found.status is Live.LIVE and not isinstance(found.start, ScheduleStart)


def _by_id(messages: Iterable[Message]) -> Mapping[str, Message]:
    """The last word on each."""
    return {one.id: one for one in messages}


def _goes(message: Message | None) -> bool:
    return message is not None and message.status is not Status.SKIPPED


def _what(before: Message | None, after: Message | None) -> str:
    if before is None or after is None or _goes(before) != _goes(after):
        return APPEARS if _goes(after) else VANISHES if _goes(before) else ""
    if not _goes(after):
        return ""
    if before.at != after.at or before.held_until != after.held_until:
        return MOVES
    same = all(
        getattr(before, name) == getattr(after, name)
        for name in ("template", "channel", "brand", "locale", "status", "values", "address")
    )
    return "" if same else CHANGES


def _expected(message: Message | None) -> Expected | None:
    if message is None:
        return None
    outcome = "sent" if message.status is Status.QUEUED else str(message.status)
    return Expected(
        message.at, message.step, message.template, message.channel, message.brand, outcome, message.reason
    )
