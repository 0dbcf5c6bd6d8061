"""Whom a broadcast would reach, counted before it goes out: the decision itself, on documents that are not written.

What a run sends at once is counted. What its later steps would send hangs on what happens meanwhile; which texts these
would be if nothing does but time is looked at where that is asked for.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import msgspec

from engine.decide import decide, in_audience
from engine.model.customer import Customer
from engine.model.journeys import Journey
from engine.model.messages import Message, Status
from engine.model.program import Program
from engine.model.stimuli import ScheduleReached, TimerDue
from engine.model.suppression import address_of
from engine.ports import Store

PORTION = 500
"""How many customers are in memory at a time."""

EXAMPLES = 10

AHEAD = timedelta(days=1200)
"""How far a run is followed."""

Watch = Callable[[int], None]
"""Is told how many customers have been looked at."""


class Way(msgspec.Struct, frozen=True, order=True):
    """How a message would go, or why it would not: `outcome` is `sent`, `held` or `skipped`."""

    outcome: str
    channel: str
    brand: str
    locale: str
    reason: str


class Text(msgspec.Struct, frozen=True, order=True):
    """What a message says, but for its values."""

    template: str
    channel: str
    brand: str
    locale: str


class Audience(msgspec.Struct, kw_only=True):
    """Of `looked_at` customers, which are all there are where it is `whole`, `members` are of the audience; `none` of
    these get no message at once. `examples` are messages that would go, those of the first customers by id, which are
    hashes: a fair sample. `texts` are those that would go in the whole of the runs, if nothing happens but time; empty
    where they were not asked for."""

    looked_at: int = 0
    whole: bool = False
    members: int = 0
    none: int = 0
    ways: Counter[Way] = msgspec.field(default_factory=Counter)
    examples: list[Message] = msgspec.field(default_factory=list)
    texts: set[Text] = msgspec.field(default_factory=set)

    @property
    def sent(self) -> int:
        """How many messages would go at once."""
        return sum(count for way, count in self.ways.items() if way.outcome == "sent")


def count_audience(
    program: Program,
    store: Store,
    journey: Journey,
    at: datetime,
    *,
    only_to: str = "",
    sample: int | None = None,
    texts: bool = False,
    watch: Watch = lambda _looked_at: None,
) -> Audience:
    """Looks at all customers, or at the first `sample`; `only_to` is the template whose recipients alone are meant.
    With `texts` each run is followed to its end, if nothing happens but time."""
    found = Audience()
    cursor = ""
    while sample is None or found.looked_at < sample:
        wanted = PORTION if sample is None else min(PORTION, sample - found.looked_at)
        customers = store.known_after(cursor, wanted)
        meant = {one.id for one in customers}
        if only_to:
            with store.unit() as unit:
                meant = unit.recipients(only_to, sorted(meant))
        messages: list[Message] = []
        later: list[Message] = []
        for customer in customers:
            if customer.id not in meant or not in_audience(program, customer, journey, at):
                continue
            found.members += 1
            after, effects = decide(program, customer, ScheduleReached(journey=journey.id, at=at), at)
            its = [one for one in effects.messages if one.journey == journey.id]
            found.none += not its
            messages += its
            if texts:
                later += _later(program, after, {one.id for one in effects.begun}, at)
        _add(found, messages, store)
        if texts:
            found.texts |= _texts([*messages, *later], store)
        found.looked_at += len(customers)
        watch(found.looked_at)
        if len(customers) < wanted:
            found.whole = True
            break
        cursor = customers[-1].id
    return found


def _later(program: Program, customer: Customer, runs: set[str], at: datetime) -> Iterator[Message]:
    """What the runs go on to send after `at`, what was held among it."""
    while (due_at := customer.next_due_at) is not None and due_at <= at + AHEAD:
        held = (one.run for one in customer.standing.held.values())
        if runs.isdisjoint(customer.runs) and runs.isdisjoint(held):
            return
        customer, effects = decide(program, customer, TimerDue(), max(due_at, at))
        yield from (one for one in effects.messages if one.run in runs)


def _texts(messages: list[Message], store: Store) -> set[Text]:
    to = {one.id: address_of(one.channel, one.address) for one in messages}
    suppressed = store.suppressed([one for one in to.values() if one is not None])
    return {
        Text(one.template, one.channel or "", one.brand, one.locale or "")
        for one in messages
        if _way(one, to[one.id] in suppressed).outcome == "sent"
    }


def _add(found: Audience, messages: list[Message], store: Store) -> None:
    to = {one.id: address_of(one.channel, one.address) for one in messages}
    suppressed = store.suppressed([one for one in to.values() if one is not None])
    for one in messages:
        way = _way(one, to[one.id] in suppressed)
        found.ways[way] += 1
        if way.outcome == "sent" and len(found.examples) < EXAMPLES:
            found.examples.append(one)


def _way(message: Message, suppressed: bool) -> Way:
    outcome, reason = "sent", "" if message.reason is None else str(message.reason)
    if message.status is Status.HELD:
        outcome = "held"
    elif message.status is Status.SKIPPED:
        outcome = "skipped"
    elif suppressed:
        outcome, reason = "skipped", "suppressed"
    return Way(outcome, message.channel or "", message.brand, message.locale or "", reason)
