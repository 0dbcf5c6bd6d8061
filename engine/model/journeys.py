"""Journeys as compiled: what the language makes and the decision walks.

A journey's steps, however nested, are one flat table in the order of the file. Each step knows the index of
the one that follows it (`next`; `END` at the end), so that a branch's last step leads behind the branch and
a repeat's last step back to the repeat. A run stands at a step by its id, which is kept through edits.

An `Expression` takes the `Scope` of the moment and gives a value; it never raises for what data can hold.
"""

from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from engine.model.event_types import Kind
from engine.model.scope import Scope
from engine.model.tasks import Assignee
from engine.model.times import Duration

END = -1


class Expression(Protocol):
    def __call__(self, scope: Scope, /) -> Any: ...


class Status(StrEnum):
    LIVE = "live"
    DRAFT = "draft"
    PAUSED = "paused"
    RETIRED = "retired"


class Again(StrEnum):
    IGNORE = "ignore"
    RESTART = "restart"
    ONCE = "once"
    AFTER = "after"


class EventStart(msgspec.Struct, frozen=True, kw_only=True):
    """Begins a run when an event of type `on` arrives and `when` holds. `per` is `customer`, `vehicle` or
    `value`, with `per_value` the expression. With an `audience`, for an event about nobody: for every customer for whom
    it holds."""

    on: str
    when: Expression | None = None
    per: str = "customer"
    per_value: Expression | None = None
    audience: Expression | None = None
    again: Again = Again.IGNORE
    again_after: Duration | None = None


class ScheduleStart(msgspec.Struct, frozen=True, kw_only=True):
    """Begins a run at each time of the schedule for every customer for whom `audience` holds. `cron` is a
    five-field expression on the policy's local clock; empty where there are `days`, in order, each at `at`. With
    neither, it is for broadcasts by hand only."""

    cron: str = ""
    days: tuple[date, ...] = ()
    at: time = time(0, 0)
    audience: Expression


class DateStart(msgspec.Struct, frozen=True, kw_only=True):
    """Begins a run at `distance` (negative: before) from the `date` that an expression gives; `yearly`, on its day of
    every year. `at` is the local time of day; for a date, the policy's `send_at` when left out. `per` is as for
    `EventStart`."""

    date: Expression
    distance: Duration | None = None
    at: time | None = None
    yearly: bool = False
    per: str = "customer"
    per_value: Expression | None = None


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """What success is: an event of type `on` for which `when` holds, `within` so long after the run's start."""

    on: str
    when: Expression | None = None
    within: Duration = Duration(days=30)


class Stop(msgspec.Struct, frozen=True):
    on: str
    when: Expression | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What every step has. `line` is where it stands in the file."""

    id: str
    index: int
    next: int
    when: Expression | None = None
    title: str = ""
    line: int = 0


class Wait(Step, frozen=True, kw_only=True):
    """Exactly one of `duration`, `distance_km`, `until`."""

    duration: Duration | None = None
    distance_km: float | None = None
    until: Expression | None = None
    at: time | None = None
    days: frozenset[int] | None = None
    since_start: bool = False


Context = tuple[tuple[str, tuple[tuple[str, Expression], ...]], ...]
"""What texts use of the language: by the first name of a path (`customer`), the rests (`address.city`; empty where
the name is used as it is), each with the expression that gives it."""


class Variants(msgspec.Struct, frozen=True):
    """Of one template and brand: for each channel the locales that there is a text for."""

    by_channel: Mapping[str, frozenset[str]]


class Send(Step, frozen=True, kw_only=True):
    """`values` are `with`'s; `context` has, by brand and channel, what the template's texts use, so that a
    message carries what it will be rendered with. `variants` is keyed by brand."""

    template: str
    by: tuple[str, ...]
    values: Mapping[str, Expression] = msgspec.field(default_factory=dict)
    context: Mapping[tuple[str, str], Context] = msgspec.field(default_factory=dict)
    variants: Mapping[str, Variants] = msgspec.field(default_factory=dict)
    brand: Expression | None = None
    locale: Expression | None = None


class Repeat(Step, frozen=True, kw_only=True):
    """Every multiple of `every` or `every_km`, counted from the step's beginning; `body` is the index of the
    first step inside."""

    body: int
    every: Duration | None = None
    every_km: float | None = None
    times: int | None = None
    at: time | None = None
    days: frozenset[int] | None = None


class If(Step, frozen=True, kw_only=True):
    """`then` and `orelse` are indexes of steps (or `next` where a branch is empty)."""

    test: Expression
    then: int
    orelse: int


class Choose(Step, frozen=True, kw_only=True):
    """Takes the first of `branches` whose condition holds (None: always), each with the index of its first step;
    `next` where none does."""

    branches: tuple[tuple[Expression | None, int], ...]


class Split(Step, frozen=True, kw_only=True):
    """By lot. `branches` have the upper end of their part of [0, 1), in order, and the index of their first step;
    `names` are for people, in the same order."""

    branches: tuple[tuple[float, int], ...]
    names: tuple[str, ...]


class WaitFor(Step, frozen=True, kw_only=True):
    """Until an event of type `on` for which `if_event` holds, then on to `then`; after `within`, if that is given, to
    `otherwise`. (A `when` beside it is `if_event`: the step itself is never skipped.)"""

    on: str
    then: int
    otherwise: int
    if_event: Expression | None = None
    within: Duration | None = None


class SetFacts(Step, frozen=True, kw_only=True):
    """Remembers values on the customer, by the path in the profile (`address.city`), each as a member of that kind
    is written in events."""

    values: tuple[tuple[str, Kind, Expression], ...]


class Tag(Step, frozen=True, kw_only=True):
    """Tags the customer, or takes the tag off."""

    name: Expression
    off: bool = False


class TaskStep(Step, frozen=True, kw_only=True):
    """A piece of work for a person. `due` gives a duration from the run's moment on, a date, or a moment."""

    name: str
    assignee: Assignee
    due: Expression | None = None
    script: Expression | None = None


class Emit(Step, frozen=True, kw_only=True):
    """Makes an event of type `event`, with `values` in its data, each a member of that kind; without one of `needed` it
    is not made. `with_vehicle`: the type knows a car, `needs_vehicle`: there must be one."""

    event: str
    values: tuple[tuple[str, Kind, Expression], ...]
    needed: frozenset[str] = frozenset()
    with_vehicle: bool = False
    needs_vehicle: bool = False


class End(Step, frozen=True, kw_only=True):
    """Ends the run."""


class Pace(msgspec.Struct, frozen=True):
    messages: int
    per: Duration


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """`version` is the hash of its content. `purpose` is a key of the policy's purposes. `brands` is empty
    for every brand. `position` maps a step's id to its index. `holdout` is the share of runs whose messages are not
    sent."""

    id: str
    version: str
    title: str
    about: str
    purpose: str
    start: EventStart | ScheduleStart | DateStart
    steps: tuple[Step, ...]
    position: Mapping[str, int]
    status: Status = Status.LIVE
    brands: frozenset[str] = frozenset()
    stop: tuple[Stop, ...] = ()
    goal: Goal | None = None
    holdout: float = 0.0
    pace: Pace | None = None
    grace: Duration = Duration(days=7)
    file: str = ""
