"""The document being decided on: a mutable copy of the customer, and the effects gathered so far."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import ClassVar

from engine.model.customer import Customer, Run, Vehicle
from engine.model.events import Event, KeptEvent, keep, kept_event
from engine.model.goals import Measured, Reached
from engine.model.journeys import Journey, Status, Step
from engine.model.messages import Message
from engine.model.odometer import Track, distance_readings
from engine.model.program import Program
from engine.model.scope import Scope
from engine.model.stimuli import Effects, Note
from engine.model.tasks import Task

Verb = Callable[..., tuple[Run, int | None]]
"""Does a step; gives the run and the index of the next step, None where it must wait."""

_NOTHING = Effects()
_LIVE = Status.LIVE  # looking up an enum's member costs as much as a call


class Draft:
    """Shares the customer's dictionaries but `runs` until `learn`, which copies them, so that the steps of a
    decision may write to them; time alone changes nothing but runs."""

    __slots__ = (
        "_view",
        "aliases",
        "apart",
        "arrivals",
        "base",
        "begun",
        "consents",
        "counts",
        "emitted",
        "events",
        "forgets",
        "heard",
        "kept",
        "known",
        "last",
        "learned",
        "links",
        "logged",
        "made",
        "measured",
        "messages",
        "notes",
        "now",
        "plans",
        "policy",
        "profile",
        "program",
        "purchase",
        "reached",
        "read_anew",
        "runs",
        "standing",
        "starts",
        "stated",
        "tags",
        "tasks",
        "tracks",
        "untagged",
        "vehicles",
        "watches",
        "zone",
    )

    verbs: ClassVar[Mapping[type[Step], Verb]] = {}
    """What each verb does, which `engine.decide.walk` says."""

    def __init__(self, program: Program, customer: Customer, now: datetime) -> None:
        self.program = program
        self.policy = program.policy
        self.zone = program.policy.zone
        self.now = now
        self.base = customer
        self.known = customer.known
        self.arrivals = customer.arrivals
        self.purchase = customer.purchase
        self.profile = customer.profile
        self.consents = customer.consents
        self.tags = customer.tags
        self.untagged = customer.untagged
        self.vehicles = customer.vehicles
        self.runs = customer.runs.copy()
        self.starts = customer.starts
        self.plans = customer.plans
        self.watches = customer.watches
        self.kept = customer.kept
        self.last = customer.last
        self.heard = customer.heard
        self.counts = customer.counts
        self.standing = customer.standing
        self.aliases = customer.aliases
        self.apart = customer.apart
        self.links = customer.links
        self.events: dict[str, Event] = {}  # those of `kept` that were read, or came just now
        self.begun: list[Run] = []
        self.messages: list[Message] = []
        self.notes: list[Note] = []
        self.tasks: list[Task] = []
        self.emitted: list[
            tuple[Event, str | None]
        ] = []  # made by journeys, and not gone on with yet; with the car
        self.logged: list[Event] = []  # those gone on with
        self.made = 0
        self.measured: list[Measured] = []
        self.reached: list[Reached] = []
        self.read_anew: set[str] = set()  # vehicles whose readings this decision has changed
        self.tracks: dict[tuple[str, datetime], tuple[Track, float]] = {}
        self.learned = False  # whether the dictionaries are this draft's own
        self.stated = False  # whether a step has stated something that other runs may wait by
        self.forgets = False  # whether an event of `kept` may be needed no more
        self._view: Customer | None = customer

    def learn(self) -> None:
        """Something is about to be learned of the customer."""
        self.learned = True
        self.profile = self.profile.copy()
        self.consents = self.consents.copy()
        self.vehicles = self.vehicles.copy()
        self.starts = self.starts.copy()
        self.kept = self.kept.copy()
        self.last = self.last.copy()
        self.counts = self.counts.copy()

    def state(self) -> None:
        """A step is about to state something of the customer."""
        if not self.learned:
            self.learn()
        self.tags = self.tags.copy()
        self.untagged = self.untagged.copy()
        self.settle()
        self.stated = True

    def settle(self) -> None:
        """From now on `view` shows what the draft holds."""
        self._view = None

    @property
    def view(self) -> Customer:
        """The customer that expressions look at. It shares the draft's dictionaries; single values
        (`known`, `purchase`) are those of the last `settle`, after which they do not change."""
        if self._view is None:
            self._view = self._customer(self.base.version, None)
        return self._view

    def scope(self, run: Run | None = None, event: Event | None = None, vehicle: str | None = None) -> Scope:
        """What an expression sees: of `run`, its event, its vehicle and the loop it is in."""
        start: Event | KeptEvent | None = None
        loop_index = None
        if run is not None:
            vehicle = run.vehicle
            if run.event is not None:
                start = self.events.get(run.event) or self.kept.get(run.event)
            if run.loops:
                loop_index = run.loops[-1].index
        return Scope(
            program=self.program,
            now=self.now,
            customer=self.view,
            event=event,
            run=run,
            start=start,
            vehicle=self.vehicles.get(vehicle) if vehicle else None,
            loop_index=loop_index,
        )

    def track(self, vehicle: Vehicle, since: datetime) -> tuple[Track, float]:
        """The car's track, and where its odometer stood at `since`; asked for several runs of one car."""
        found = self.tracks.get((vehicle.id, since))
        if found is None:
            track = self.program.odometer.track(distance_readings(vehicle.readings, since))
            found = self.tracks[vehicle.id, since] = (track, track.km_at(since))
        return found

    def keep(self, key: str, event: Event) -> None:
        """Keeps an event in the document, under its key in hex."""
        if key not in self.kept:
            self.kept[key] = keep(event)
        self.events[key] = event
        self.forgets = True

    def event(self, key: str) -> Event:
        """A kept event."""
        found = self.events.get(key)
        if found is None:
            found = self.events[key] = kept_event(self.kept[key])
        return found

    def note(self, kind: str, journey: str = "", detail: str = "") -> None:
        self.notes.append(Note(kind=kind, journey=journey, detail=detail))

    def end(self, run: Run, why: str) -> None:
        """The run is over, and why: `done`, `stopped`, `restarted`, `another date`, `journey changed`, `retired`,
        `car left`, `merged`."""
        del why  # told to who watches only
        self.runs.pop(run.id, None)
        self.forgets = True

    def begins_none(self, journey: Journey, why: str) -> None:
        """What could have begun a run does not, or a run does not go on: `brand` (the journey is for others), `under
        way`, `stopped before`; `other brand` (a run's has changed). Nobody counts these; they are told to who watches
        only."""

    def active(self, journey: Journey) -> bool:
        """Whether the journey's runs move on: live, or a draft where drafts are tried out."""
        return journey.status is _LIVE or (journey.status is Status.DRAFT and self.program.drafts)

    def finish(self, next_due_at: datetime | None) -> tuple[Customer, Effects]:
        """The new document and the effects."""
        if self.forgets and self.known:
            self._forget()
        customer = self._customer(self.base.version + 1, next_due_at)
        if not (self.begun or self.messages or self.notes or self.tasks or self.measured or self.reached):
            return customer, _NOTHING
        return customer, Effects(
            tuple(self.messages),
            tuple(self.notes),
            tuple(self.tasks),
            tuple(self.logged),
            tuple(self.measured),
            tuple(self.reached),
            tuple(self.begun),
        )

    def _forget(self) -> None:
        """Lets go of the kept events that neither a run nor `last` needs."""
        needed = {run.event for run in self.runs.values()}
        needed.update(one.run.event for one in self.watches.values())
        needed.update(self.last.values())
        for keys in self.heard.values():
            needed.update(keys)
        if not needed.issuperset(self.kept):
            self.kept = {key: event for key, event in self.kept.items() if key in needed}

    def _customer(self, version: int, next_due_at: datetime | None) -> Customer:
        return Customer(
            id=self.base.id,
            known=self.known,
            version=version,
            profile=self.profile,
            consents=self.consents,
            arrivals=self.arrivals,
            tags=self.tags,
            untagged=self.untagged,
            vehicles=self.vehicles,
            runs=self.runs,
            starts=self.starts,
            plans=self.plans,
            watches=self.watches,
            kept=self.kept,
            last=self.last,
            heard=self.heard,
            counts=self.counts,
            purchase=self.purchase,
            standing=self.standing,
            next_due_at=next_due_at,
            scheduled_until=self.base.scheduled_until,
            aliases=self.aliases,
            apart=self.apart,
            links=self.links,
        )
