"""All that a decision needs besides the customer, the stimulus and the moment."""

from collections.abc import Mapping

import msgspec

from engine.model.customer import Customer, Run
from engine.model.event_types import EVENT_TYPES, EventType
from engine.model.journeys import Journey
from engine.model.odometer import Odometer
from engine.model.policy import Dealer, Policy


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """`brands` are those that the project's templates know; another is replaced by the policy's.
    `starting`, `stopping` and `broadcast` (to all
    customers, of an audience) index journeys by event type; `asked` are the types whose latest event is kept,
    because a journey asks for it by `customer.last`. Runs wait for events of the types `awaited`; of those in `heard`
    the newest few are kept, because one may arrive before the run that it concerns."""

    version: str = ""  # a hash of all that it was made from
    deployment: int = 0  # the number of the one that it is; 0 for a folder's
    journeys: Mapping[str, Journey]
    policy: Policy
    odometer: Odometer
    dealers: Mapping[str, Dealer] = msgspec.field(default_factory=dict)
    brands: frozenset[str] = frozenset()
    event_types: Mapping[str, EventType] = msgspec.field(default_factory=lambda: EVENT_TYPES)
    starting: Mapping[str, tuple[Journey, ...]] = msgspec.field(default_factory=dict)
    stopping: Mapping[str, tuple[Journey, ...]] = msgspec.field(default_factory=dict)
    scheduled: tuple[Journey, ...] = ()
    dated: tuple[Journey, ...] = ()
    broadcast: Mapping[str, tuple[Journey, ...]] = msgspec.field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    awaited: frozenset[str] = frozenset()
    heard: frozenset[str] = frozenset()
    wanted: frozenset[str] = frozenset()  # the types of events that are goals
    drafts: bool = False  # whether journeys with `status: draft` run, as in a simulation

    def brand(self, run: Run | None, customer: Customer | None) -> str:
        """The brand of what began the run, else of the customer's latest purchase, else the policy's; as
        events tell it, so that the project may have no templates for it."""
        if run is not None and run.brand is not None:
            return run.brand
        bought = customer.purchase if customer is not None else None
        return bought.brand if bought is not None and bought.brand else self.policy.brand

    def known_brand(self, brand: str) -> str:
        """`brand`, or the policy's in place of one that the project's templates do not know."""
        return brand if brand in self.brands or not self.brands else self.policy.brand
