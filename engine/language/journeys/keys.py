"""The keys of a journey, its start and its stops. Those of steps stand with each verb in `steps`."""

from datetime import date, time

from engine.language import words
from engine.language.keys import Key, ListKind, MappingKind, Table
from engine.language.keys.kinds import Placed
from engine.language.keys.tables import Fields
from engine.language.source import Node
from engine.model.journeys import Pace, Status
from engine.model.times import Duration

ON: Key[str] = Key(
    name="on", kind=words.EVENT, about="the type of the event that begins a run", example="purchase.recorded"
)
WHEN: Key[Node] = Key(
    name="when", kind=words.EXPRESSION, about="a condition on the event", example="event.tyre_count >= 1"
)
PER: Key[Node] = Key(
    name="per",
    kind=words.EXPRESSION,
    about="what a run is for: customer (when left out), vehicle, or an expression",
    example="vehicle",
)
AGAIN: Key[str] = Key(
    name="again",
    kind=words.TEXT,
    about="what a further start does: ignore (when left out), restart, once, or after a duration",
    example="restart",
)
SCHEDULE: Key[str | tuple[Placed[date], ...]] = Key(
    name="schedule",
    kind=words.SCHEDULE,
    about="hourly, daily, weekly, monthly, quarterly, yearly, a cron expression of five fields, a list of dates, or "
    "on-demand: by `milepost broadcast` alone",
    example="quarterly",
)
AT: Key[time] = Key(
    name="at",
    kind=words.CLOCK,
    about="the local time of day of a schedule (00:00 when left out) or of a date (the policy's `send_at`)",
    example='"10:00"',
)
AUDIENCE: Key[Node] = Key(
    name="audience",
    kind=words.EXPRESSION,
    about="for which customers a run begins; needed with a schedule, and with an event about no single customer",
    example="customer.email",
)


DATE: Key[Node] = Key(
    name="date",
    kind=words.EXPRESSION,
    about="a date held on the customer or vehicle; a run begins on it, or at a distance from it, and follows it",
    example="vehicle.inspection_due",
)
BEFORE: Key[Duration] = Key(
    name="before", kind=words.DURATION, about="how long before the date", example="30 days"
)
AFTER: Key[Duration] = Key(
    name="after", kind=words.DURATION, about="how long after the date", example="1 year"
)
YEARLY: Key[bool] = Key(
    name="yearly",
    kind=words.TRUTH,
    about="whether the day comes back every year, as a birthday",
    example="true",
)

START = Table(
    title="a start",
    about="What begins a run: `on` an event, by a `schedule`, or by a `date`.",
    keys=(
        ON,
        WHEN,
        PER,
        AGAIN,
        SCHEDULE,
        AT,
        AUDIENCE,
        DATE,
        BEFORE,
        AFTER,
        YEARLY,
    ),
    meant={
        **dict.fromkeys(("event", "trigger", "type", "true", "yes"), "on"),  # YAML 1.1 writes `on` as true
        **dict.fromkeys(("if", "condition", "filter", "where"), "when"),
        **dict.fromkeys(("cron", "every"), "schedule"),
        **dict.fromkeys(("segment", "for", "who", "target"), "audience"),
        "time": "at",
    },
    such_as="{on: purchase.recorded}",
)

_AN_EVENT = {**dict.fromkeys(("event", "type", "true", "yes"), "on"), "if": "when", "condition": "when"}

STOP_ON: Key[str] = Key(
    name="on",
    kind=words.EVENT,
    about="the type of the event that ends a run",
    required=True,
    example="complaint.opened",
)
STOP_WHEN: Key[Node] = Key(
    name="when",
    kind=words.EXPRESSION,
    about="a condition on the event and the run",
    example="event.complaint_id == run.key",
)
STOP = Table(
    title="a stop",
    about="An event that ends a run at once.",
    keys=(STOP_ON, STOP_WHEN),
    meant=_AN_EVENT,
    such_as="{on: complaint.opened}",
)

ID: Key[str] = Key(
    name="journey",
    kind=words.IDENTIFIER,
    about="its id, the same as the file's name",
    required=True,
    example="welcome-pack",
)
TITLE: Key[str] = Key(
    name="title", kind=words.TEXT, about="what people call it", example="Welcome pack and gift"
)
ABOUT: Key[str] = Key(name="about", kind=words.TEXT, about="what it is for, in a sentence or two")
STATUS: Key[Status] = Key(
    name="status",
    kind=words.STATUS,
    about="live (when left out), draft (checked and simulated, never run), paused (runs wait, nothing "
    "starts) or retired (runs end, nothing starts)",
    example="draft",
)
PURPOSE: Key[str] = Key(
    name="purpose",
    kind=words.PURPOSE,
    about="the consent that its messages need: a purpose of the policy",
    required=True,
    example="care",
)
BRAND: Key[tuple[Placed[str], ...]] = Key(
    name="brand",
    kind=words.BRANDS,
    about="the brand, or brands, it is for; every brand when left out",
    example="[michelin, warrior]",
)
START_KEY: Key[Fields] = Key(
    name="start",
    kind=MappingKind(START),
    about="what begins a run",
    required=True,
    example="{on: purchase.recorded, per: vehicle}",
)
STOPS: Key[tuple[Placed[Fields], ...]] = Key(
    name="stop",
    kind=ListKind("a list of events that end a run", MappingKind(STOP)),
    about="events that end a run at once",
)
STEPS: Key[Node] = Key(name="steps", kind=words.STEPS, about="what happens, in order", required=True)
PACE: Key[Pace] = Key(
    name="pace",
    kind=words.PACE,
    about="how fast a journey that begins for an `audience` may send",
    example="20000 per hour",
)
GRACE: Key[Duration] = Key(
    name="grace",
    kind=words.DURATION,
    about="how late a step may still be done; the policy's (7 days) when left out",
    example="3 days",
)

GOAL_ON: Key[str] = Key(
    name="on", kind=words.EVENT, about="the type of the event", required=True, example="service.visited"
)
GOAL_WHEN: Key[Node] = Key(
    name="when",
    kind=words.EXPRESSION,
    about="a condition on the event and the run",
    example="event.amount > 0",
)
GOAL_WITHIN: Key[Duration] = Key(
    name="within",
    kind=words.DURATION,
    about="how long after the run's start it counts; 30 days when left out",
    example="60 days",
)
GOAL_TABLE = Table(
    title="a goal",
    about="What success is.",
    keys=(GOAL_ON, GOAL_WHEN, GOAL_WITHIN),
    meant=_AN_EVENT,
    such_as="{on: service.visited}",
)
GOAL: Key[Fields] = Key(
    name="goal",
    kind=MappingKind(GOAL_TABLE),
    about="the event that is success; `milepost effect` tells how often it comes about",
    example="{on: service.visited, within: 60 days}",
)
HOLDOUT: Key[float] = Key(
    name="holdout",
    kind=words.SHARE,
    about="the share of runs whose messages are not sent, by lot, to measure the effect",
    example="5%",
)

JOURNEY = Table(
    title="a journey",
    about="One file, one journey.",
    keys=(
        ID,
        TITLE,
        ABOUT,
        STATUS,
        PURPOSE,
        BRAND,
        START_KEY,
        STOPS,
        STEPS,
        PACE,
        GRACE,
        GOAL,
        HOLDOUT,
    ),
    elsewhere={
        "on": "put it under `start`",
        "schedule": "put it under `start`",
        "date": "put it under `start`",
        "before": "put it under `start`, beside `date`",
        "after": "put it under `start`, beside `date`",
        "yearly": "put it under `start`, beside `date`",
        "per": "put it under `start`",
        "again": "put it under `start`",
        "audience": "put it under `start`",
        "when": "put it under `start`, or beside a step",
        "send": "put it under `steps`, with a dash: `- send: …`",
        "wait": "put it under `steps`, with a dash: `- wait: …`",
        "repeat": "put it under `steps`, with a dash: `- repeat: …`",
        "by": "put it beside a `send`",
    },
    meant={
        **dict.fromkeys(("id", "name"), "journey"),
        **dict.fromkeys(("description", "comment", "note"), "about"),
        **dict.fromkeys(("trigger", "begin", "begins", "starts"), "start"),
        **dict.fromkeys(("actions", "tasks", "flow", "do", "then"), "steps"),
        **dict.fromkeys(("exit", "until", "cancel"), "stop"),
        **dict.fromkeys(("state", "enabled", "active"), "status"),
        **dict.fromkeys(("rate", "speed", "throttle"), "pace"),
        **dict.fromkeys(("control", "control_group"), "holdout"),
        **dict.fromkeys(("success", "conversion"), "goal"),
        **dict.fromkeys(("consent",), "purpose"),
        **dict.fromkeys(("brands",), "brand"),
    },
)
