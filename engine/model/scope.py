"""What an expression sees at one moment: the event, the run, the customer, the vehicle, the dealer, the time.

Members that cost something to find out (the estimated odometer) are asked of `estimate`, so that an
expression that does not name them does not pay for them.
"""

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Raw

from engine.model.events import kept_event
from engine.model.odometer import distance_readings

if TYPE_CHECKING:
    from engine.model.customer import Customer, Run, Vehicle
    from engine.model.events import Event, KeptEvent
    from engine.model.odometer import Estimate
    from engine.model.policy import Dealer
    from engine.model.program import Program


class Scope(msgspec.Struct, kw_only=True):
    """`event` is the event at hand; `start` the one that began the run (`run.event`), read or as it was kept."""

    program: "Program"
    now: datetime
    customer: "Customer | None" = None
    event: "Event | None" = None
    run: "Run | None" = None
    start: "Event | KeptEvent | None" = None
    vehicle: "Vehicle | None" = None
    loop_index: int | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The policy's time zone: local times of day and dates are its."""
        return self.program.policy.zone

    @property
    def brand(self) -> str:
        """The run's brand, one that has templates."""
        return self.program.known_brand(self.program.brand(self.run, self.customer))

    @property
    def start_event(self) -> "Event | None":
        """The event that began the run, read when it is asked for."""
        event = self.start
        if isinstance(event, Raw):
            event = self.start = kept_event(event)
        return event

    @property
    def dealer(self) -> "Dealer | None":
        """The run's dealer, else the event's, else that of the customer's latest purchase."""
        dealer_id = self.run.dealer if self.run else None
        if dealer_id is None and self.event is not None:
            dealer_id = self.event.dealer
        if dealer_id is None and self.customer is not None and self.customer.purchase is not None:
            dealer_id = self.customer.purchase.dealer
        return None if dealer_id is None else self.program.dealers.get(dealer_id)

    def estimate(self) -> "Estimate | None":
        """The vehicle's odometer as estimated for `now`; None without a vehicle or a reading."""
        if self.vehicle is None or not self.vehicle.readings:
            return None
        return self.program.odometer.track(self.vehicle.readings).at(self.now)

    def distance_km(self) -> float | None:
        """Kilometres driven by the run's vehicle since the run began, as estimated for `now`."""
        if self.run is None or self.vehicle is None:
            return None
        readings = distance_readings(self.vehicle.readings, self.run.started_at)
        track = self.program.odometer.track(readings)
        return track.km_at(self.now) - track.km_at(self.run.started_at)
