"""Which of the coming messages appear, vanish, come at another time, or come otherwise."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from engine.decide import decide
from engine.model.customer import Customer
from engine.model.messages import Message, Status
from engine.model.outlines import Moves
from engine.model.program import Program
from engine.model.stimuli import JourneysChanged
from engine.runtime.forecast import forecast

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
        customer, effects = decide(self._after, customer, self._changed, self._now)
        coming = forecast(self._after, customer, self._now, self._until)
        after = _by_id([*effects.messages, *coming])
        return {id_: (before.get(id_), after.get(id_)) for id_ in {**before, **after}}

    def _count(self, before: Message | None, after: Message | None) -> None:
        self.total_before += _goes(before)
        self.total_after += _goes(after)
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
