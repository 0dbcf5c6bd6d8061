"""All that a decision needs besides the customer, the stimulus and the moment."""

from collections.abc import Mapping

import msgspec

from engine.model.event_types import EVENT_TYPES, EventType
from engine.model.journeys import Journey
from engine.model.odometer import Odometer
from engine.model.policy import Dealer, Policy


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """`brands` are those that the project's templates know; another is replaced by the policy's.
    `starting` and `stopping` index journeys by event type; `asked` are the types whose latest event is kept,
    because a journey asks for it by `customer.last`."""

    version: str = ""  # a hash of all that it was made from
    journeys: Mapping[str, Journey]
    policy: Policy
    odometer: Odometer
    dealers: Mapping[str, Dealer] = msgspec.field(default_factory=dict)
    brands: frozenset[str] = frozenset()
    event_types: Mapping[str, EventType] = msgspec.field(default_factory=lambda: EVENT_TYPES)
    starting: Mapping[str, tuple[Journey, ...]] = msgspec.field(default_factory=dict)
    stopping: Mapping[str, tuple[Journey, ...]] = msgspec.field(default_factory=dict)
    scheduled: tuple[Journey, ...] = ()
    asked: frozenset[str] = frozenset()
    drafts: bool = False  # whether journeys with `status: draft` run, as in a simulation
