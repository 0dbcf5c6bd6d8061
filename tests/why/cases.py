"""What can become of a message, each as a small project and history; what `why` says of it is in `golden/`."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from engine.model.events import Event
from tests.support import event, purchase, visit
from tests.why.world import World

WELCOME = """\
purpose: care
start: {on: purchase.recorded, when: event.tyre_count >= 1, per: vehicle, again: restart}
steps:
  - wait: 1 month
    at: "10:00"
  - send: hello
    by: [letter, email, sms]
"""
TEXT = "purpose: care\nstart: {on: service.visited, per: event.id}\nsteps:\n  - {send: hello, by: sms}\n"
BOUGHT = purchase("2025-03-08 14:20", km=31_240)


class Case(NamedTuple):
    """`journey` is asked about; the first of `journeys`."""

    journeys: Mapping[str, str]
    events: Sequence[Event]
    until: str
    policy: str = ""
    afterwards: Callable[[World], None] | None = None


def _agreed(*channels: str) -> list[dict[str, object]]:
    return [{"channel": one, "purpose": "care", "granted": True} for one in channels]


def _said(at: str, channel: str, granted: bool) -> Event:
    kind = "consent.granted" if granted else "consent.withdrawn"
    return event(kind, at, plate=None, channel=channel, purpose="care")


def _complaint(kind: str, at: str) -> Event:
    return event(f"complaint.{kind}", at, complaint_id="C-1")


def _paused(world: World) -> None:
    world.rewrite("welcome", "status: paused\n" + WELCOME)


def _another_journey(world: World) -> None:
    world.rewrite("welcome", WELCOME.replace("event.tyre_count >= 1", "event.tyre_count >= 4"))


CALLS = """\
purpose: care
start: {on: purchase.recorded}
steps:
  - tag: buyer
  - wait: 1 month
  - {task: call, for: dealer}
  - wait: 5 days
  - {task: report, for: headquarters}
"""

CASES = {
    "sent": Case({"welcome": WELCOME}, [BOUGHT], "2025-05-01"),
    "tasks": Case({"calls": CALLS}, [BOUGHT], "2025-04-10"),
    "tasks-to-come": Case({"calls": CALLS}, [BOUGHT], "2025-03-10"),
    "no-warning": Case(
        {
            "storm": "purpose: service\nstart: {on: weather.warning, audience: customer.mobile}\n"
            "steps:\n  - {send: hello, by: sms}\n"
        },
        [BOUGHT],
        "2025-03-10",
    ),
    "sent-by-the-second-channel": Case(
        {"welcome": WELCOME},
        [BOUGHT, _said("2025-03-20 09:00", "letter", granted=False)],
        "2025-05-01",
    ),
    "no-consent": Case(
        {"welcome": WELCOME},
        [purchase("2025-03-08 14:20", consent=[{"channel": "sms", "purpose": "care", "granted": False}])],
        "2025-05-01",
    ),
    "no-address": Case(
        {"welcome": WELCOME},
        [purchase("2025-03-08 14:20", consent=_agreed("letter"), customer={"address": {}})],
        "2025-05-01",
    ),
    "too-late": Case(
        {"welcome": WELCOME}, [purchase("2025-03-08 14:20", recorded="2025-04-20 09:00")], "2025-05-01"
    ),
    "condition-false": Case(
        {"welcome": WELCOME},
        [purchase("2025-03-08 14:20", tyres=[{"brand": "michelin", "quantity": 0}])],
        "2025-05-01",
    ),
    "no-vehicle": Case({"welcome": WELCOME}, [purchase("2025-03-08 14:20", plate=None)], "2025-05-01"),
    "nothing-known": Case({"welcome": WELCOME}, [visit("2025-03-08 14:20")], "2025-05-01"),
    "restarted": Case({"welcome": WELCOME}, [BOUGHT, purchase("2025-03-29 11:00", km=32_100)], "2025-04-10"),
    "older-start": Case(
        {"welcome": WELCOME},
        [BOUGHT, purchase("2025-02-10 09:00", recorded="2025-03-20 08:00")],
        "2025-04-10",
    ),
    "again-ignored": Case(
        {"welcome": WELCOME.replace("again: restart", "again: ignore")},
        [BOUGHT, purchase("2025-03-20 11:00")],
        "2025-04-10",
    ),
    "not-again": Case(
        {"welcome": WELCOME.replace("again: restart", "again: after 90 days")},
        [BOUGHT, purchase("2025-05-20 11:00")],
        "2025-06-01",
    ),
    "stopped": Case(
        {"welcome": WELCOME + "stop:\n  - {on: service.visited, when: 'event.amount >= 1000'}\n"},
        [BOUGHT, visit("2025-03-15 10:00", amount=200), visit("2025-03-20 10:00", amount=1200)],
        "2025-04-10",
    ),
    "brand-not-meant": Case({"welcome": "brand: warrior\n" + WELCOME}, [BOUGHT], "2025-05-01"),
    "paused": Case({"welcome": WELCOME}, [BOUGHT], "2025-03-20", afterwards=_paused),
    "changed-since": Case({"welcome": WELCOME}, [BOUGHT], "2025-05-01", afterwards=_another_journey),
    "capped": Case(
        {"text": TEXT},
        [BOUGHT, visit("2025-04-01 10:00", name="first"), visit("2025-04-01 15:00", name="second")],
        "2025-04-03",
        policy="caps:\n  - {at_most: 1, within: 1 day, over: [sms, email]}\n",
    ),
    "quiet-hours": Case(
        {"text": TEXT},
        [BOUGHT, visit("2025-04-01 23:10", name="late")],
        "2025-04-01 23:30",
        policy='quiet_hours: {sms: "21:00-08:00"}\n',
    ),
    "complaint-open": Case(
        {"text": TEXT},
        [BOUGHT, _complaint("opened", "2025-03-30 09:00"), visit("2025-04-01 10:00", name="visit")],
        "2025-04-20",
        policy="hold_while: complaint open\n",
    ),
    "a-pause": Case(
        {"text": TEXT},
        [
            BOUGHT,
            event(
                "customer.updated",
                "2025-03-30 09:00",
                customer={"preferences": {"paused_until": "2025-04-03T12:00:00+08:00"}},
            ),
            visit("2025-04-01 10:00", name="visit"),
        ],
        "2025-04-20",
    ),
    "waiting-for-a-distance": Case(
        {
            "health": """\
purpose: care
start: {on: purchase.recorded, per: vehicle, again: restart}
steps:
  - repeat:
      every: 10000 km
      times: 3
      do:
        - {send: hello, by: [sms, email]}
"""
        },
        [BOUGHT, visit("2025-06-08 10:00", km=36_900), visit("2025-09-10 10:00", km=42_300)],
        "2025-10-01",
    ),
    "wait-for": Case(
        {
            "care": """\
purpose: service
start: {on: complaint.opened, per: event.complaint_id}
steps:
  - wait_for: complaint.resolved
    when: event.complaint_id == run.key
    within: 3 days
    then:
      - {send: hello, by: sms}
    otherwise:
      - {task: escalate, for: headquarters}
"""
        },
        [
            BOUGHT,
            _complaint("opened", "2025-04-01 09:00"),
            event("complaint.resolved", "2025-04-02 09:00", complaint_id="C-0"),
            _complaint("resolved", "2025-04-03 10:00"),
        ],
        "2025-04-20",
    ),
    "branches": Case(
        {
            "care": """\
purpose: care
start: {on: service.visited, per: event.id}
steps:
  - choose:
      - when: event.amount >= 1000 and customer.email
        do:
          - {send: hello, by: email}
      - else:
          - {send: hello, id: short, by: sms, when: "customer.count('service.visited') == 1"}
  - if: customer.address.city == '北京市'
    then:
      - {tag: local}
"""
        },
        [
            BOUGHT,
            visit("2025-04-01 10:00", name="a", amount=80),
            visit("2025-04-05 10:00", name="b", amount=90),
        ],
        "2025-04-20",
    ),
    "split": Case(
        {
            "try": """\
purpose: care
holdout: 99%
start: {on: purchase.recorded}
steps:
  - split:
      - {share: 50%, name: letter, do: [{send: hello, by: letter}]}
      - {share: 50%, name: text, do: [{send: hello, id: text, by: sms}]}
"""
        },
        [BOUGHT],
        "2025-04-20",
    ),
    "schedule": Case(
        {
            "news": """\
purpose: newsletter
start: {schedule: monthly, at: "10:00", audience: customer.email and customer.consent.email.newsletter}
steps:
  - {send: hello, by: email}
"""
        },
        [purchase("2025-03-08 14:20", consent=[])],
        "2025-06-20",
    ),
    "date": Case(
        {
            "inspection": """\
purpose: service
start: {date: vehicle.inspection_due, before: 30 days, at: "10:00", per: vehicle}
steps:
  - {send: hello, by: sms}
"""
        },
        [
            purchase("2025-03-08 14:20"),
            event(
                "vehicle.updated",
                "2025-03-10 09:00",
                vehicle={"plate": "京A12345", "inspection_due": "2025-06-30"},
            ),
        ],
        "2025-06-10",
    ),
    "no-date": Case(
        {
            "inspection": """\
purpose: service
start: {date: vehicle.inspection_due, before: 30 days, per: vehicle}
steps:
  - {send: hello, by: sms}
"""
        },
        [purchase("2025-03-08 14:20")],
        "2025-06-10",
    ),
    "broadcast": Case(
        {
            "storm": """\
purpose: service
start: {on: weather.warning, audience: customer.address.city == event.city}
steps:
  - {send: hello, by: sms}
"""
        },
        [
            BOUGHT,
            event("weather.warning", "2025-04-01 10:00", mobile=None, plate=None, name="w1", city="上海市"),
            event("weather.warning", "2025-04-02 10:00", mobile=None, plate=None, name="w2", city="北京市"),
        ],
        "2025-04-20",
    ),
    "made-by-another-journey": Case(
        {
            "welcome": """\
purpose: care
start: {on: complaint.opened, per: event.complaint_id}
steps:
  - {send: hello, by: sms}
""",
            "other": """\
purpose: care
start: {on: survey.answered}
steps:
  - emit: complaint.opened
    with: {complaint_id: "'S-1'"}
""",
        },
        [BOUGHT, event("survey.answered", "2025-04-01 10:00", survey="s", score=2)],
        "2025-04-20",
    ),
}
