"""Who an event is about, as found out by the identifiers it carries."""

from collections.abc import Mapping

import msgspec

from engine.model.events import Event

MERGED = "customer.merged"
"""The type of the event that two customers have turned out to be one."""

MERGED_MEMBER = "merged"
"""Its member with the identifiers of the one who lives on as an alias."""

SETTLED = "/identities"
"""The source of such an event where a person has said so."""

FOUND = "/identity"
"""Its source where the engine has found it out."""

Identifier = tuple[str, str]
"""A kind (`mobile`, `email`, `member`, `plate`, `vin`) and a cleaned value."""


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """Identifiers of one event that lead to two customers (or cars): `kept` counted, `refused` did not. `between` are
    the two customers, the one it counted for first, where they are two persons of different names (or whom a person
    has told apart). `unmet`: of the second one nothing is known yet, so that nobody can tell."""

    kept: Identifier
    refused: Identifier
    between: tuple[str, str] | None = None
    unmet: bool = False


class Identified(msgspec.Struct, frozen=True, kw_only=True):
    """`event` is without the identifiers that contradict. `customer_id` is whom it counts for, None for an
    event about a place. `known` is false where no person is named and nobody is known to own the car: the
    customer is then the car's keeper. `holder_id` is the customer who has the car at present, None where
    the event names none that anybody has. `learn` are the identifiers that from now on lead to `customer_id`
    (a car's, only where nobody has it yet). `unusable` are the members of the event's data that could not be
    used (`customer.mobile`): it counts without them. `same` are customers who turn out to be `customer_id`, each with
    the identifier that tells: they are to be merged, and the event looked at anew."""

    event: Event
    customer_id: str | None
    known: bool = True
    holder_id: str | None = None
    learn: Mapping[Identifier, str] = msgspec.field(default_factory=dict)
    contradictions: tuple[Contradiction, ...] = ()
    unusable: tuple[str, ...] = ()
    same: Mapping[str, Identifier] = msgspec.field(default_factory=dict)
