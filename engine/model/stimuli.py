"""What wakes a decision."""

from datetime import datetime

import msgspec

from engine.model.customer import Customer, Run, Vehicle
from engine.model.events import Event
from engine.model.goals import Measured, Reached
from engine.model.messages import Message
from engine.model.outlines import Moves
from engine.model.tasks import Task


class EventArrived(msgspec.Struct, frozen=True, kw_only=True):
    """An event of this customer. `vehicle` is the id of the car it names, where that is the customer's."""

    event: Event
    vehicle: str | None = None


class VehicleJoined(msgspec.Struct, frozen=True, kw_only=True):
    """A car becomes this customer's at `since`, with what was known of it before."""

    vehicle: Vehicle
    since: datetime


class ReadingArrived(msgspec.Struct, frozen=True, kw_only=True):
    """An event of somebody else tells about this customer's car (a reading, its dates)."""

    event: Event
    vehicle: str


class VehicleLeft(msgspec.Struct, frozen=True, kw_only=True):
    """A car has another owner now; runs for it end."""

    vehicle: str


class ScheduleReached(msgspec.Struct, frozen=True, kw_only=True):
    """A moment of a journey's schedule."""

    journey: str
    at: datetime


class BroadcastReached(msgspec.Struct, frozen=True, kw_only=True):
    """An event about nobody, brought to this customer for a journey that has an audience."""

    journey: str
    event: Event


class CustomersMerged(msgspec.Struct, frozen=True, kw_only=True):
    """`other` has turned out to be this customer."""

    other: Customer


class TimerDue(msgspec.Struct, frozen=True):
    """Something of the customer's is due."""


class JourneysChanged(msgspec.Struct, frozen=True):
    """Other journeys, or another policy, are in force than when the document was written. `moved` tells where runs go
    on whose steps are gone."""

    moved: Moves = {}


Stimulus = (
    EventArrived
    | VehicleJoined
    | ReadingArrived
    | VehicleLeft
    | CustomersMerged
    | ScheduleReached
    | BroadcastReached
    | TimerDue
    | JourneysChanged
)


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Something worth counting or telling that is no message: `no vehicle`, `another's car`, `no key`,
    `older start`, `not again`, `unknown brand`, `emitted`, `too late`, `incomplete`, `too many events`,
    `no due date`, `tag without a name`, `unknown task`."""

    kind: str
    journey: str = ""
    detail: str = ""


class Effects(msgspec.Struct, frozen=True):
    """What a decision wants done besides keeping the new document. `events` were made by journeys, and delivered to
    the customer already: they are to be logged, and told to others. `begun` are the runs that began, as they were then:
    nothing is to be done about them, they are for who counts."""

    messages: tuple[Message, ...] = ()
    notes: tuple[Note, ...] = ()
    tasks: tuple[Task, ...] = ()
    events: tuple[Event, ...] = ()
    measured: tuple[Measured, ...] = ()
    reached: tuple[Reached, ...] = ()
    begun: tuple[Run, ...] = ()
