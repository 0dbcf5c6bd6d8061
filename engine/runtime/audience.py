"""Whom a broadcast would reach, counted before it goes out: the decision itself, on documents that are not written.

What a run sends at once is counted; what its later steps would send is not known yet.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import msgspec

from engine.decide import decide, in_audience
from engine.model.journeys import Journey
from engine.model.messages import Message, Status
from engine.model.program import Program
from engine.model.stimuli import ScheduleReached
from engine.model.suppression import address_of
from engine.ports import Store

PORTION = 500
"""How many customers are in memory at a time."""

EXAMPLES = 10

Watch = Callable[[int], None]
"""Is told how many customers have been looked at."""


class Way(msgspec.Struct, frozen=True, order=True):
    """How a message would go, or why it would not: `outcome` is `sent`, `held` or `skipped`."""

    outcome: str
    channel: str
    brand: str
    locale: str
    reason: str


class Audience(msgspec.Struct, kw_only=True):
    """Of `looked_at` customers, `members` are of the audience; `none` of these get no message at once. `examples` are
    messages that would go, those of the first customers by id, which are hashes: a fair sample."""

    looked_at: int = 0
    members: int = 0
    none: int = 0
    ways: Counter[Way] = msgspec.field(default_factory=Counter)
    examples: list[Message] = msgspec.field(default_factory=list)

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
    watch: Watch = lambda _looked_at: None,
) -> Audience:
    """Looks at all customers, or at the first `sample`; `only_to` is the template whose recipients alone are meant."""
    found = Audience()
    cursor = ""
    while sample is None or found.looked_at < sample:
        wanted = PORTION if sample is None else min(PORTION, sample - found.looked_at)
        customers = store.known_after(cursor, wanted)
        meant = {one.id for one in customers}
        if only_to:
            with store.unit() as unit:
                meant = unit.recipients(only_to, sorted(meant))
        messages = []
        for customer in customers:
            if customer.id not in meant or not in_audience(program, customer, journey, at):
                continue
            found.members += 1
            _, effects = decide(program, customer, ScheduleReached(journey=journey.id, at=at), at)
            its = [one for one in effects.messages if one.journey == journey.id]
            found.none += not its
            messages += its
        _add(found, messages, store)
        found.looked_at += len(customers)
        watch(found.looked_at)
        if len(customers) < wanted:
            break
        cursor = customers[-1].id
    return found


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
