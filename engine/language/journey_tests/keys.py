"""The keys of journey tests."""

from typing import Any

from engine.language import words
from engine.language.journey_tests.moments import MomentKind, Timed, TimedList
from engine.language.keys import Fields, Key, ListKind, MappingKind, Named, NodeKind, Placed, Table, choice
from engine.language.keys.kinds import Schema
from engine.language.report import Fault
from engine.language.source import MappingNode, Node, ScalarNode
from engine.model.event_types import CHANNELS
from engine.model.messages import Reason
from engine.model.tasks import Assignee

EVENT_SCHEMA: Schema = {"$ref": "#/$defs/event"}
CUSTOMER_SCHEMA: Schema = {"$ref": "#/$defs/given-customer"}
VEHICLE_SCHEMA: Schema = {"$ref": "#/$defs/given-vehicle"}


def _channel(text: str) -> str | Fault:
    if text in (*CHANNELS, "all"):
        return text
    return Fault("unknown-channel", f"'{text}' is not a channel", f"there are {', '.join(CHANNELS)} and all")


MOMENT = MomentKind()
PURPOSES = ListKind("a purpose of the policy, or a list of them", words.PURPOSE, or_one=True)
BY_CHANNEL = Named("purposes by channel, such as `{letter: [care]}`", PURPOSES, _channel)

ON: Key[str] = Key(
    name="journey",
    kind=words.TEXT,
    about="the journey that is tested",
    required=True,
    example="welcome-pack",
)

NAME: Key[str] = Key(
    name="name",
    kind=words.TEXT,
    about="what is to be so, in a few words",
    required=True,
    example="a letter after a month",
)
CUSTOMER: Key[Node] = Key(
    name="customer",
    kind=NodeKind("members of the customer, such as `{name: 王芳}`", (MappingNode,), CUSTOMER_SCHEMA),
    about="what is known of the customer: the members that events have",
    example='{name: 王芳, mobile: "13800000001"}',
)
VEHICLE: Key[Node] = Key(
    name="vehicle",
    kind=NodeKind("members of the car, such as `{plate: 京A12345}`", (MappingNode,), VEHICLE_SCHEMA),
    about="the customer's car; when left out, one with the plate TEST01",
    example="{plate: 京A12345, odometer_km: 43210}",
)
CONSENT: Key[dict[str, Placed[tuple[Placed[str], ...]]]] = Key(
    name="consent",
    kind=BY_CHANNEL,
    about="what the customer agreed to: purposes by channel, `all` for every one",
    example="{letter: [care]}",
)
REFUSED: Key[dict[str, Placed[tuple[Placed[str], ...]]]] = Key(
    name="refused",
    kind=BY_CHANNEL,
    about="what the customer said no to, where the policy assumes consent",
    example="{sms: [service]}",
)
GIVEN_TABLE = Table(
    title="`given`",
    about="What is known before anything happens.",
    keys=(CUSTOMER, VEHICLE, CONSENT, REFUSED),
    elsewhere={"events": "put it beside `given`, not inside", "expect": "put it beside `given`, not inside"},
)
GIVEN: Key[Fields] = Key(
    name="given", kind=MappingKind(GIVEN_TABLE), about="what is known before anything happens"
)
FROM: Key[ScalarNode] = Key(
    name="from",
    kind=MOMENT,
    about="when the clock begins; when left out, just before the first event, or a day before the first expected",
    example="2025-03-01 00:00",
)
EVENTS: Key[tuple[Timed, ...]] = Key(
    name="events",
    kind=TimedList("a list of events, each under its moment", EVENT_SCHEMA),
    about="what happens, in the order in which it arrives",
    example="[2025-03-08 14:20: {type: purchase.recorded, tyres: [{quantity: 2}]}]",
)
UNTIL: Key[ScalarNode] = Key(
    name="until",
    kind=MOMENT,
    about="how far the clock goes; when left out, as long as something is to come",
    example="2026-12-31",
)

SEND: Key[str] = Key(
    name="send", kind=words.TEMPLATE, about="the template of a message", example="welcome-pack"
)
TASK: Key[str] = Key(name="task", kind=words.TEXT, about="the name of a task", example="call-back")
EMIT: Key[str] = Key(
    name="emit",
    kind=words.EVENT,
    about="the type of an event that the journey makes",
    example="care.finished",
)
TAG: Key[str] = Key(name="tag", kind=words.TEXT, about="a tag that the customer gets", example="promoter")
UNTAG: Key[str] = Key(name="untag", kind=words.TEXT, about="a tag that is taken off", example="promoter")
SET: Key[Node] = Key(
    name="set",
    kind=NodeKind(
        "a field and its value, such as `{customer.last_score: 6}`", (MappingNode,), {"type": "object"}
    ),
    about="a field of the customer, and what it is set to",
    example="{customer.last_score: 6}",
)
FOR: Key[str] = Key(
    name="for",
    kind=choice("dealer or headquarters", {one.value: one.value for one in Assignee}),
    about="beside `task`: on whose list it is",
    example="dealer",
)
DUE: Key[ScalarNode] = Key(
    name="due", kind=MOMENT, about="beside `task`: until when it should be done", example="2025-03-09 14:20"
)
SCRIPT: Key[str] = Key(name="script", kind=words.TEXT, about="beside `task`: what the person may say")
BY: Key[str] = Key(name="by", kind=words.CHANNEL, about="the channel", example="letter")
BRAND: Key[str] = Key(name="brand", kind=words.BRAND, about="the brand it is sent as", example="michelin")
LOCALE: Key[str] = Key(name="locale", kind=words.TEXT, about="the locale it is written in", example="zh-CN")
OF_VEHICLE: Key[str] = Key(
    name="vehicle", kind=words.TEXT, about="the car's plate, or VIN", example="京A12345"
)
TO: Key[str] = Key(
    name="customer",
    kind=words.TEXT,
    about="the mobile, else the email, of who gets it",
    example="w@example.cn",
)
STEP: Key[str] = Key(name="step", kind=words.TEXT, about="the id of the step", example="welcome-pack")
WITH: Key[Node] = Key(
    name="with",
    kind=words.VALUES,
    about="values that the journey gives the template, or the event; those that are named are compared",
    example="{gift: tyre gauge}",
)
_REASON = choice("a reason", {one.value: one.value for one in Reason})
SKIPPED: Key[str] = Key(
    name="skipped", kind=_REASON, about="why it is not sent after all", example="no consent"
)
HELD: Key[str] = Key(name="held", kind=_REASON, about="why it has to wait", example="quiet hours")
HELD_UNTIL: Key[ScalarNode] = Key(
    name="until", kind=MOMENT, about="beside `held`: until when", example="2025-03-09 09:00"
)
FIELDS = (BY, FOR, SCRIPT, BRAND, LOCALE, OF_VEHICLE, TO, STEP)
"""What is compared word by word."""
KINDS: tuple[Key[Any], ...] = (SEND, TASK, EMIT, TAG, UNTAG, SET)
"""What can be expected: one of these in each line."""
EXPECTED = Table(
    title="an expectation",
    about="Something that is to happen at a moment; a date alone means any time of that day.",
    keys=(*KINDS, *FIELDS, DUE, WITH, SKIPPED, HELD, HELD_UNTIL),
    elsewhere={"at": "the moment is the key: `- 2025-04-08 10:00: {send: …}`"},
)
_EXPECTED_SCHEMA = {**EXPECTED.schema(), "anyOf": [{"required": [key.name]} for key in KINDS]}
EXPECT: Key[tuple[Timed, ...]] = Key(
    name="expect",
    kind=TimedList("a list of what is sent, each under its moment; `[]` for nothing", _EXPECTED_SCHEMA),
    about="every message that is sent, each under its moment; `[]` for none. Tasks, events that are made, tags and "
    "fields that are set may be told too",
    required=True,
    example="[]",
)
CASE = Table(
    title="a test",
    about="What is given, what happens, what is expected.",
    keys=(NAME, GIVEN, FROM, EVENTS, UNTIL, EXPECT),
    elsewhere={
        "customer": "put it under `given`",
        "consent": "put it under `given`",
        "vehicle": "put it under `given`",
        "send": "put it under `expect`, below a moment",
    },
)
CASES: Key[tuple[Placed[Fields], ...]] = Key(
    name="tests", kind=ListKind("a list of tests", MappingKind(CASE)), about="the tests", required=True
)
TESTS = Table(
    title="a file of tests",
    about="The tests of one journey.",
    keys=(ON, CASES),
    elsewhere=dict.fromkeys(("name", "given", "events", "expect"), "put it under `tests`, in a test"),
)

ID: Key[str] = Key(
    name="id",
    kind=words.TEXT,
    about="the event's id: one that was there before makes it a duplicate",
    example="e1",
)
TYPE: Key[str] = Key(
    name="type", kind=words.EVENT, about="the type of the event", required=True, example="purchase.recorded"
)
RECORDED: Key[ScalarNode] = Key(
    name="recordedtime",
    kind=MOMENT,
    about="when it arrived, where that was later than it happened",
    example="2025-09-01 08:00",
)
ENVELOPE = Table(
    title="an event",
    about="Its type and when it arrived; all other keys are members of its data.",
    keys=(TYPE, ID, RECORDED),
)
