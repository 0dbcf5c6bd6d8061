"""Contradictions for a person to settle: two customers, of different names, whom events name together."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from engine.model.identity import Identifier
from engine.model.ids import derive

MOST_NAMED = 10
"""How many pairs of identifiers, and how many events, are kept of one."""


class DisputeStatus(StrEnum):
    """`kept`: a person has said that they are two. `merged`: they have turned out to be one, or somebody has said
    so."""

    OPEN = "open"
    KEPT = "kept"
    MERGED = "merged"


class Named(msgspec.Struct, frozen=True, array_like=True, order=True):
    """Two identifiers that an event has named together: the one that counted, and the one that was set aside."""

    kept: Identifier
    refused: Identifier


class Dispute(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`customers` are the two, in order of id. `first_at` and `last_at` are the times of the events that name them
    together, `count` how many there were; `events` the keys (hex) of some of them, and `named` some of what they
    named. `dealer` is that of the latest one."""

    id: str
    customers: tuple[str, str]
    status: DisputeStatus
    first_at: datetime
    last_at: datetime
    count: int = 1
    dealer: str | None = None
    named: tuple[Named, ...] = ()
    events: tuple[str, ...] = ()


def dispute(between: tuple[str, str], named: Named, event: str, at: datetime, dealer: str | None) -> Dispute:
    """As it is when one event tells of it."""
    one, other = sorted(between)
    return Dispute(
        id=dispute_id(one, other),
        customers=(one, other),
        status=DisputeStatus.OPEN,
        first_at=at,
        last_at=at,
        dealer=dealer,
        named=(named,),
        events=(event,),
    )


def dispute_id(one: str, other: str) -> str:
    """That of two customers, whichever comes first."""
    return derive("identity", *sorted((one, other)))


def united(disputes: Iterable[Dispute]) -> dict[str, Dispute]:
    """By id, with all that is known of each. What a person has said of one counts."""
    found: dict[str, Dispute] = {}
    for one in disputes:
        known = found.get(one.id)
        found[one.id] = one if known is None else _one(known, one)
    return found


def moved(disputes: Iterable[Dispute], old: str, into: str) -> dict[str, Dispute]:
    """What they are when one customer is another: between others then; between the two of them, settled."""
    after = []
    for one in disputes:
        if old not in one.customers:
            after.append(one)
        elif into in one.customers:
            after.append(replace(one, status=DisputeStatus.MERGED))
        elif one.status is DisputeStatus.MERGED:
            after.append(one)
        else:
            left, right = sorted(into if customer == old else customer for customer in one.customers)
            after.append(replace(one, id=dispute_id(left, right), customers=(left, right)))
    return united(after)


def _one(known: Dispute, other: Dispute) -> Dispute:
    later = max(known, other, key=lambda one: (one.last_at, one.dealer or ""))
    status = next(
        (one.status for one in (known, other) if one.status is not DisputeStatus.OPEN), known.status
    )
    return replace(
        known,
        status=status,
        first_at=min(known.first_at, other.first_at),
        last_at=later.last_at,
        count=known.count + other.count,
        dealer=later.dealer,
        named=tuple(sorted({*known.named, *other.named})[:MOST_NAMED]),
        events=tuple(sorted({*known.events, *other.events})[:MOST_NAMED]),
    )
