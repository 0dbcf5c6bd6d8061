"""The document being decided on: a mutable copy of the customer, and the effects gathered so far."""

from datetime import datetime

from engine.model.customer import Customer, Run, Vehicle
from engine.model.events import Event
from engine.model.journeys import Journey, Status
from engine.model.messages import Message
from engine.model.odometer import Track
from engine.model.program import Program
from engine.model.scope import Scope
from engine.model.stimuli import Effects, Note


class Draft:
    """Copies the customer's dictionaries once, so that the steps of a decision may write to them."""

    __slots__ = (
        "arrivals",
        "base",
        "consents",
        "counts",
        "kept",
        "known",
        "last",
        "messages",
        "notes",
        "now",
        "policy",
        "profile",
        "program",
        "purchase",
        "read_anew",
        "runs",
        "starts",
        "tags",
        "tracks",
        "vehicles",
        "view",
        "zone",
    )

    def __init__(self, program: Program, customer: Customer, now: datetime) -> None:
        self.program = program
        self.policy = program.policy
        self.zone = program.policy.zone
        self.now = now
        self.base = customer
        self.known = customer.known
        self.arrivals = customer.arrivals
        self.purchase = customer.purchase
        self.profile = customer.profile.copy()
        self.consents = customer.consents.copy()
        self.tags = customer.tags.copy()
        self.vehicles = customer.vehicles.copy()
        self.runs = customer.runs.copy()
        self.starts = customer.starts.copy()
        self.kept = customer.kept.copy()
        self.last = customer.last.copy()
        self.counts = customer.counts.copy()
        self.messages: list[Message] = []
        self.notes: list[Note] = []
        self.read_anew: set[str] = set()  # vehicles whose readings this decision has changed
        self.tracks: dict[tuple[str, datetime], tuple[Track, float]] = {}
        self.view = customer

    def settle(self) -> None:
        """Makes `view`, the customer that expressions look at, show what the draft holds. The view shares the
        draft's dictionaries, so only single values (`known`, `purchase`) need it."""
        self.view = self._customer(self.base.version, None)

    def scope(self, run: Run | None = None, event: Event | None = None, vehicle: str | None = None) -> Scope:
        """What an expression sees: of `run`, its event, its vehicle and the loop it is in."""
        start_event = None
        loop_index = None
        if run is not None:
            vehicle = run.vehicle
            start_event = self.kept.get(run.event) if run.event else None
            if run.loops:
                loop_index = run.loops[-1].index
        return Scope(
            now=self.now,
            zone=self.zone,
            odometer=self.program.odometer,
            dealers=self.program.dealers,
            customer=self.view,
            event=event,
            run=run,
            start_event=start_event,
            vehicle=self.vehicles.get(vehicle) if vehicle else None,
            loop_index=loop_index,
        )

    def track(self, vehicle: Vehicle, since: datetime) -> tuple[Track, float]:
        """The car's track, and where its odometer stood at `since`; asked for several runs of one car."""
        found = self.tracks.get((vehicle.id, since))
        if found is None:
            track = self.program.odometer.track(vehicle.readings)
            found = self.tracks[vehicle.id, since] = (track, track.at(since).km)
        return found

    def note(self, kind: str, journey: str = "", detail: str = "") -> None:
        self.notes.append(Note(kind=kind, journey=journey, detail=detail))

    def active(self, journey: Journey) -> bool:
        """Whether the journey's runs move on: live, or a draft where drafts are tried out."""
        status = journey.status
        return status is Status.LIVE or (status is Status.DRAFT and self.program.drafts)

    def finish(self) -> tuple[Customer, Effects]:
        next_due_at = None
        needed = set(self.last.values() if self.known else self.kept)
        for run in self.runs.values():
            if run.event is not None:
                needed.add(run.event)
            due_at = run.due_at
            if due_at is None or (next_due_at is not None and due_at >= next_due_at):
                continue
            journey = self.program.journeys.get(run.journey)
            if journey is not None and self.active(journey):
                next_due_at = due_at
        if len(self.kept) > len(needed):
            self.kept = {key: event for key, event in self.kept.items() if key in needed}
        customer = self._customer(self.base.version + 1, next_due_at)
        return customer, Effects(tuple(self.messages), tuple(self.notes))

    def _customer(self, version: int, next_due_at: datetime | None) -> Customer:
        return Customer(
            id=self.base.id,
            known=self.known,
            version=version,
            profile=self.profile,
            consents=self.consents,
            arrivals=self.arrivals,
            tags=self.tags,
            vehicles=self.vehicles,
            runs=self.runs,
            starts=self.starts,
            kept=self.kept,
            last=self.last,
            counts=self.counts,
            purchase=self.purchase,
            next_due_at=next_due_at,
        )
