"""The customer's document: all of one customer's state, read and written whole (law 4 of the architecture).

Members are frozen; a decision makes a new document. Which statement counts is decided by `time`, so each
value that an event can set carries the moment it speaks of.
"""

from datetime import datetime
from typing import Any

import msgspec

from engine.model.events import KeptEvent
from engine.model.standing import NO_STANDING, Standing
from engine.model.times import to_moment


class Stated(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A value and the `time` of the event that stated it; the latest counts, the later arrival on a tie."""

    value: Any
    at: datetime


class ConsentStatement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The latest word on one channel and purpose. `order` numbers arrivals, to settle a tie of `at` between
    a statement for one purpose and one for all."""

    granted: bool
    at: datetime
    order: int


class Reading(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What an odometer was said to show, in km."""

    at: datetime
    km: float


class Vehicle(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A car. `id` is its first known identifier, cleaned (plate or VIN) and never changes; `facts` holds the
    members of the event's `vehicle` but the reading. `readings` are in order of time (ties: of km), at
    most `MOST_READINGS`. `owner_since` is the `time` of the purchase or event that made the customer its
    owner; `former` are the ids of the customers who had it before."""

    id: str
    plate: str | None = None
    vin: str | None = None
    facts: dict[str, Stated] = {}
    readings: tuple[Reading, ...] = ()
    owner_since: datetime | None = None
    former: tuple[str, ...] = ()


PAUSED_UNTIL = "preferences.paused_until"
MOST_READINGS = 40
MOST_HEARD = 12
MOST_TASKS = 20


class Loop(msgspec.Struct, frozen=True, array_like=True):
    """A `repeat` a run is inside of: where it began (moment), and the round it is in or waits for, from 1."""

    step: str
    began_at: datetime
    index: int


class Heard(msgspec.Struct, frozen=True, array_like=True):
    """A `wait_for` that an event ended, as the run stood there, and that event: one that happened earlier may come
    yet. Nothing has followed from it but waiting."""

    step: str
    at: datetime
    loops: tuple[Loop, ...]
    before: str | None
    event: str
    time: datetime


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A journey under way for one value of its `per`.

    `step` is the id of the step the run stands at; `at` the moment it came there, by the journey's own
    reckoning (the end of the wait before, not the clock), from which the step's wait counts; `due_at` when
    the step is to be done, None while nobody can tell. `brand` is that of what was bought in the event that
    began it; None, where nothing was: that of the customer's latest purchase, whenever it is asked for, so
    that a purchase may arrive later. `event` is the key (hex) of the start event in `Customer.kept`, None for
    a scheduled run. `vehicle` is a `Vehicle.id`.

    At a `wait_for`, `awaited` is the key of the event that ends it at `due_at`, None where time alone does. `taken`
    is the key of the event that ended the one before; `heard` are those that an earlier event would end otherwise.
    `tasks` are the ids of the run's tasks, `MOST_TASKS` at most. `date` is the one that began it, if one did.
    """

    id: str
    journey: str
    key: str
    started_at: datetime
    step: str
    at: datetime
    brand: str | None = None
    due_at: datetime | None = None
    event: str | None = None
    vehicle: str | None = None
    dealer: str | None = None
    loops: tuple[Loop, ...] = ()
    awaited: str | None = None
    taken: str | None = None
    heard: tuple[Heard, ...] = ()
    tasks: tuple[str, ...] = ()
    date: str | None = None


class Plan(msgspec.Struct, frozen=True, array_like=True):
    """A run that a date will begin at `due_at`: for the value `key`, with the car `vehicle`. `date` is in ISO 8601."""

    journey: str
    key: str
    vehicle: str | None
    date: str
    due_at: datetime


class Watch(msgspec.Struct, frozen=True, array_like=True):
    """A run, as it began, whose goal counts if it is reached by `until`; `reached` is when it was."""

    run: Run
    until: datetime
    reached: datetime | None = None


class Purchase(msgspec.Struct, frozen=True, array_like=True):
    """What of the latest purchase by `time` is asked for most: its brand and dealer."""

    at: datetime
    brand: str | None
    dealer: str | None


class Link(msgspec.Struct, frozen=True, array_like=True):
    """An event that names this customer beside another one, while nothing is known yet of this one but the id: the
    identifiers of the other and of this one, the event's key (hex), its time and its dealer."""

    kept: tuple[str, str]
    refused: tuple[str, str]
    event: str
    at: datetime
    dealer: str | None


class Customer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One customer.

    `profile` maps the paths of the event's `customer` members (`name`, `address.city`) to what was stated.
    `consents` maps `channel/purpose` (either may be `all`). `runs` and `watches` are keyed by run id. `starts` maps
    `journey␟key` to the `time` of the newest start, for `again`; `plans` has, by the same, what a date
    will begin. `kept` holds, by hex key, the events that
    runs under way began with and those that journeys ask for by `customer.last`; `last` maps a type to its
    newest event's key, `heard` to those of its newest `MOST_HEARD` in order of time, where a run may have to wait for
    one of them; `counts` a type to how many there were. `next_due_at` is the earliest `due_at` of the runs, and of
    what `standing` holds back. `scheduled_until` is kept by the events' clock only: the schedules' moments up to it
    have been done for the customer. `tags` and `untagged` have, by tag, since when it is on or off.

    `known` is false for the keeper of a car whose owner nobody knows: nothing is decided for it, and `kept`
    holds the car's events until somebody owns it.

    `aliases` are the ids of those who turned out to be this customer. Of them nothing is left but a document with
    `into`, the id of the one they live on in; it is not known. `apart` are customers who are another for ever, as a
    person has said. `links` are, by the other's id, events that wait for the first of this customer's own.
    """

    id: str
    known: bool = True
    version: int = 0
    profile: dict[str, Stated] = {}
    consents: dict[str, ConsentStatement] = {}
    arrivals: int = 0
    tags: dict[str, datetime] = {}
    untagged: dict[str, datetime] = {}
    vehicles: dict[str, Vehicle] = {}
    runs: dict[str, Run] = {}
    starts: dict[str, datetime] = {}
    plans: dict[str, Plan] = {}
    watches: dict[str, Watch] = {}
    kept: dict[str, KeptEvent] = {}
    last: dict[str, str] = {}
    heard: dict[str, tuple[str, ...]] = {}
    counts: dict[str, int] = {}
    purchase: Purchase | None = None
    standing: Standing = NO_STANDING
    next_due_at: datetime | None = None
    scheduled_until: datetime | None = None
    aliases: tuple[str, ...] = ()
    into: str = ""
    apart: tuple[str, ...] = ()
    links: dict[str, Link] = {}

    def fact(self, path: str) -> Any:
        """The profile's value at `path`, None where nothing was stated."""
        stated = self.profile.get(path)
        return None if stated is None else stated.value

    @property
    def paused_until(self) -> datetime | None:
        """Until when the customer wants nothing for which consent is needed, in UTC; it may have passed."""
        stated = self.profile.get(PAUSED_UNTIL)
        return None if stated is None else to_moment(stated.value)

    @property
    def contact(self) -> str | None:
        """How outputs name the customer: the mobile in E.164, else the email, else the member number."""
        for name in ("mobile", "email", "member"):
            stated = self.profile.get(name)
            if stated is not None and stated.value:
                return str(stated.value)
        return None
