"""The plan as a whole: all customers, looked at once."""

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from itertools import chain

import msgspec

from engine.model.messages import Status
from engine.model.outlines import Moves, Outline, continued, moves
from engine.model.program import Program
from engine.plan.messages import Example, Line, Messages
from engine.plan.runs import Going, Runs
from engine.ports import MessageFilter, Store

PORTION = 500
"""How many customers are in memory at a time."""

Watch = Callable[[int], None]
"""Is told how many customers have been looked at."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`looked_at` of about `customers` were looked at, as far as there is something to look for. `before` and `after`
    are how many messages come from `now` to `until`; both are None where it is not known what was in force."""

    now: datetime
    until: datetime
    customers: int
    looked_at: int
    runs: Counter[Going]
    before: int | None
    after: int | None
    messages: Counter[Line]
    examples: list[Example]


def plan(
    store: Store,
    before: Program | None,
    after: Program,
    former: Outline,
    now: datetime,
    until: datetime,
    *,
    sample: int | None = None,
    watch: Watch = lambda _looked_at: None,
) -> Plan:
    """`before` is in force, None where nobody knows what was; `former` is the outline of all that was. Of the customers
    only the first `sample` by id are looked at, if that is given: ids are hashes, so that is a fair sample."""
    if before is not None:
        former = continued(former, before)
    led: Moves = moves(former, after)
    runs = Runs(after, led)
    coming = None
    if before is not None:
        coming = Messages(before, after, led, now, until, lambda ids: _decided(store, ids))
    looked_at, cursor = 0, ""
    while sample is None or looked_at < sample:
        wanted = PORTION if sample is None else min(PORTION, sample - looked_at)
        customers = store.known_after(cursor, wanted)
        for one in customers:
            runs.add(one)
        if coming is not None:
            coming.add(customers)
        looked_at += len(customers)
        watch(looked_at)
        if len(customers) < wanted:
            break
        cursor = customers[-1].id
    return Plan(
        now=now,
        until=until,
        customers=store.count_customers() if sample is not None else looked_at,
        looked_at=looked_at,
        runs=runs.counts,
        before=coming.total_before if coming else None,
        after=coming.total_after if coming else None,
        messages=coming.counts if coming else Counter(),
        examples=list(chain.from_iterable(coming.examples.values())) if coming else [],
    )


def _decided(store: Store, ids: Collection[str]) -> set[str]:
    """Those that are in the ledger, and not held back by the decision: nothing more becomes of them."""
    if not ids:
        return set()
    found = store.messages(MessageFilter(ids=frozenset(ids)))
    return {row.message.id for row in found if row.message.status is not Status.HELD}
