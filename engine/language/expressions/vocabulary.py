"""Which names an expression may use, by where it stands.

start.when, per     event (the one looked at), customer, vehicle, dealer, now, today
start.audience      customer, dealer, now, today; event beside `on`
start.date          customer, vehicle, dealer, now, today
stop.when           the same as in start, and run
wait_for.when       the same as in stop; loop inside repeat
steps, templates    event (the one that started the run), run, customer, vehicle, dealer, now, today;
                    loop inside repeat
"""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any

import msgspec

from engine.language.expressions.records import (
    customer_record,
    dealer_record,
    event_record,
    loop_record,
    run_record,
    vehicle_record,
)
from engine.language.expressions.types import ANY, DATE, TIME, Record, Type
from engine.model.event_types import EventType
from engine.model.journeys import Expression
from engine.model.scope import Scope
from engine.model.watching import Watch


class Root(msgspec.Struct, frozen=True):
    """A name that stands by itself: its type and its value (for a record, the record's base)."""

    type: Type
    get: Expression
    about: str = ""


class Absence(msgspec.Struct, frozen=True):
    """Why a name of the language is not known here."""

    code: str
    message: str
    hint: str = ""


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """`asked` is called with each event type that `customer.last` is asked for. `events` are the types that
    `customer.last` and `customer.count` may name. `watch`, if there is one, is told what expressions see."""

    roots: Mapping[str, Root]
    absent: Mapping[str, Absence]
    events: Callable[[str], Record | None]
    event_names: tuple[str, ...]
    asked: Callable[[str], None]
    watch: Watch | None = None


class Driven(Enum):
    """Whether a journey's runs have a vehicle whose kilometres can be counted."""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """What a journey's expressions can reach. `event_type` starts the run (None for a schedule); `vehicle`
    says whether there can be one, `driven` whether distances can be waited for; `loop` whether it is inside a
    repeat."""

    event_type: str | None
    vehicle: bool
    driven: Driven = Driven.NO
    loop: bool = False


class Lexicon:
    """Makes vocabularies for one project; keeps what it has made. `asked` gathers the event types that
    `customer.last` names anywhere. `own_fields` are those that the project's journeys set on the customer."""

    def __init__(
        self,
        event_types: Mapping[str, EventType],
        channels: tuple[str, ...] = (),
        purposes: tuple[str, ...] = (),
        own_fields: Iterable[str] = (),
        watch: Watch | None = None,
    ) -> None:
        self.event_types = event_types
        self.asked: set[str] = set()
        self._watch = watch
        self._events: dict[str, Record] = {}
        self._customer = customer_record(channels, purposes, own_fields)
        self._vehicle = vehicle_record()
        self._dealer = dealer_record()
        self._loop = loop_record()

    def event(self, name: str) -> Record | None:
        """The record of events of a type; None for an unknown one."""
        if name not in self._events:
            event_type = self.event_types.get(name)
            if event_type is None:
                return None
            self._events[name] = event_record(event_type)
        return self._events[name]

    def at_start(self, reach: Reach) -> Vocabulary:
        """For `start.when` and `per`: the event looked at, no run yet."""
        absent = {"run": _NO_RUN_YET, "loop": _NO_LOOP}
        return self._vocabulary(reach, absent, event=_looked_at)

    def in_audience(self) -> Vocabulary:
        """For `start.audience` of a schedule."""
        reach = Reach(event_type=None, vehicle=False)
        return self._vocabulary(reach, {"run": _NO_RUN_YET, "loop": _NO_LOOP}, event=_looked_at)

    def at_date(self, reach: Reach) -> Vocabulary:
        """For `start.date`, and `per` beside it: no event, no run yet."""
        return self._vocabulary(reach, {"run": _NO_RUN_YET, "loop": _NO_LOOP}, event=_looked_at)

    def at_stop(self, reach: Reach, stop_type: str) -> Vocabulary:
        """For `stop.when`: the event looked at, and the run that it may end."""
        return self._vocabulary(
            msgspec.structs.replace(reach, event_type=stop_type),
            {"loop": _NO_LOOP},
            event=_looked_at,
            run=self._run(reach),
        )

    def at_wait(self, reach: Reach, awaited_type: str) -> Vocabulary:
        """For `when` beside `wait_for`: the event looked at, and the run that waits for it."""
        return self._vocabulary(
            msgspec.structs.replace(reach, event_type=awaited_type),
            {} if reach.loop else {"loop": _NO_LOOP},
            event=_looked_at,
            run=self._run(reach),
        )

    def in_steps(self, reach: Reach) -> Vocabulary:
        """For steps and templates: the run and the event that started it."""
        absent = {} if reach.loop else {"loop": _NO_LOOP}
        return self._vocabulary(reach, absent, event=_started_by, run=self._run(reach))

    def _run(self, reach: Reach) -> Record:
        return run_record(self.event(reach.event_type) if reach.event_type else None)

    def _vocabulary(
        self,
        reach: Reach,
        absent: Mapping[str, Absence],
        *,
        event: Expression,
        run: Record | None = None,
    ) -> Vocabulary:
        roots = {
            "customer": Root(self._customer, lambda scope: scope.customer, "the customer"),
            "dealer": Root(self._dealer, lambda scope: scope.dealer, "the dealer"),
            "now": Root(TIME, lambda scope: scope.now, "this moment"),
            "today": Root(DATE, _today, "today, on the policy's clock"),
        }
        absent = dict(absent)
        record = self.event(reach.event_type) if reach.event_type else None
        if record is not None:
            roots["event"] = Root(record, event, "the event")
        elif reach.event_type:
            roots["event"] = Root(ANY, event, "the event")  # an unknown type, reported where it is named
        else:
            absent["event"] = _NO_EVENT
        if reach.vehicle:
            roots["vehicle"] = Root(self._vehicle, _with_vehicle, "the car")
        else:
            absent["vehicle"] = _NO_VEHICLE
        if run is not None:
            roots["run"] = Root(run, _with_run, "the run")
        if reach.loop:
            roots["loop"] = Root(self._loop, _with_loop, "the repeat")
        return Vocabulary(
            roots=roots,
            absent=absent,
            events=self.event,
            event_names=tuple(self.event_types),
            asked=self.asked.add,
            watch=self._watch,
        )


_NO_RUN_YET = Absence("unknown-name", "there is no run yet where it is decided whether one begins")
_NO_LOOP = Absence("unknown-name", "'loop' is known inside `repeat` only")
_NO_EVENT = Absence("unknown-name", "no event starts this journey, so there is no 'event'")
_NO_VEHICLE = Absence(
    "no-vehicle",
    "the runs of this journey have no vehicle",
    "begin it by an event that carries a vehicle, with `per: vehicle`",
)


def _looked_at(scope: Scope) -> Any:
    return scope.event


def _started_by(scope: Scope) -> Any:
    return scope.start_event


def _today(scope: Scope) -> Any:
    return scope.now.astimezone(scope.zone).date()


def _with_vehicle(scope: Scope) -> Any:
    return scope if scope.vehicle is not None else None


def _with_run(scope: Scope) -> Any:
    return scope if scope.run is not None else None


def _with_loop(scope: Scope) -> Any:
    return scope if scope.loop_index is not None else None
