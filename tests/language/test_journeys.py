"""Journeys become what the decision walks."""

from datetime import time
from pathlib import Path

import pytest

from engine.model.journeys import (
    END,
    Again,
    End,
    EventStart,
    If,
    Journey,
    Pace,
    Repeat,
    ScheduleStart,
    Send,
    Status,
    Wait,
)
from engine.model.times import Duration
from tests.language.projects import SOUND, complete, load, made
from tests.language.scopes import event, scope


def _journey(folder: Path, text: str) -> Journey:
    loaded = load(made(folder, {"journeys/example.yaml": complete(text)}, alone=True))
    assert loaded.program is not None, loaded.diagnostics
    return loaded.program.journeys["example"]


def _sound() -> dict[str, Journey]:
    program = load(SOUND).program
    assert program is not None
    return dict(program.journeys)


def test_the_welcome_pack() -> None:
    journey = _sound()["welcome-pack"]
    assert journey.title == "Welcome pack and gift"
    assert journey.purpose == "care"
    assert journey.status is Status.LIVE
    assert journey.brands == frozenset()
    assert journey.grace == Duration(days=7)
    assert journey.file == "journeys/welcome-pack.yaml"
    start = journey.start
    assert isinstance(start, EventStart)
    assert (start.on, start.per, start.again) == ("purchase.recorded", "vehicle", Again.RESTART)
    assert start.when is not None
    assert start.when(scope(event=event({"tyres": [{"quantity": 1}]}))) is True
    assert start.when(scope(event=event({"tyres": []}))) is False
    wait, send = journey.steps
    assert isinstance(wait, Wait)
    assert (wait.id, wait.duration, wait.at, wait.next) == ("wait", Duration(months=1), time(10), 1)
    assert isinstance(send, Send)
    assert (send.id, send.by, send.next) == ("welcome-pack", ("letter", "email", "sms"), END)
    assert send.values["gift"](scope()) == "tyre gauge"
    assert journey.position == {"wait": 0, "welcome-pack": 1}


def test_the_tyre_health_check() -> None:
    repeat, send = _sound()["tyre-health"].steps
    assert isinstance(repeat, Repeat)
    assert (repeat.every, repeat.every_km, repeat.times, repeat.body) == (None, 10_000, 3, 1)
    assert (repeat.next, send.next) == (END, 0)
    assert isinstance(send, Send)
    assert send.values["km"](scope(loop_index=3)) == 30_000


def test_the_newsletter() -> None:
    journey = _sound()["quarterly-newsletter"]
    assert isinstance(journey.start, ScheduleStart)
    assert journey.start.cron == "0 10 1 1,4,7,10 *"
    assert journey.pace == Pace(20_000, Duration(seconds=3600))
    assert journey.start.audience(scope(run=None)) is None  # the customer of the tests has no email


NESTED = """
steps:
  - wait: 1 day
  - if: event.amount > 100
    then:
      - wait: 2 days
      - repeat:
          every: 1 week
          times: 2
          at: "09:00"
          days: [mon, wed]
          do:
            - wait: 3 hours
            - if: loop.index == 2
              then: [end]
    else:
      - send: newsletter
        by: email
  - wait: 10 000 km
    since: start
    days: weekdays
  - wait: until vehicle.inspection_due
    at: "08:30"
  - repeat:
      every: 5000 km
      do:
        - send: newsletter
          by: email
"""


def test_nested_steps_become_one_flat_table(tmp_path: Path) -> None:
    steps = _journey(tmp_path, NESTED).steps
    assert [(step.index, step.id, step.next) for step in steps] == [
        (0, "wait", 1),
        (1, "if", 8),
        (2, "wait-2", 3),
        (3, "repeat", 8),
        (4, "wait-3", 5),
        (5, "if-2", 3),
        (6, "end", 3),
        (7, "newsletter", 8),
        (8, "wait-4", 9),
        (9, "wait-5", 10),
        (10, "repeat-2", END),
        (11, "newsletter-2", 10),
    ]


def test_branches_and_rounds_know_where_they_lead(tmp_path: Path) -> None:
    steps = _journey(tmp_path, NESTED).steps
    outer, inner, repeat = steps[1], steps[5], steps[3]
    assert isinstance(outer, If)
    assert (outer.then, outer.orelse) == (2, 7)
    assert outer.test(scope()) is True
    assert isinstance(inner, If)
    assert (inner.then, inner.orelse) == (6, 3)
    assert isinstance(steps[6], End)
    assert isinstance(repeat, Repeat)
    assert (repeat.body, repeat.every, repeat.times) == (4, Duration(days=7), 2)
    assert (repeat.at, repeat.days) == (time(9), frozenset({0, 2}))


def test_waits(tmp_path: Path) -> None:
    steps = _journey(tmp_path, NESTED).steps
    distance, until = steps[8], steps[9]
    assert isinstance(distance, Wait)
    assert (distance.distance_km, distance.since_start) == (10_000, True)
    assert distance.days == frozenset(range(5))
    assert isinstance(until, Wait)
    assert until.until is not None
    assert str(until.until(scope())) == "2025-06-30"
    assert until.at == time(8, 30)


def test_own_ids_are_kept_and_the_others_numbered_around_them(tmp_path: Path) -> None:
    text = """
steps:
  - wait: 1 day
  - {wait: 2 days, id: wait-2}
  - wait: 3 days
  - {wait: 4 days, id: my-own}
  - wait: 5 days
"""
    assert [step.id for step in _journey(tmp_path, text).steps] == [
        "wait",
        "wait-2",
        "wait-3",
        "my-own",
        "wait-4",
    ]


def test_an_end_is_a_word_or_a_key(tmp_path: Path) -> None:
    text = "steps: [{if: customer.email, then: [end], else: [{end: , when: today, title: Enough}]}]\n"
    _, first, second = _journey(tmp_path, text).steps
    assert isinstance(first, End)
    assert isinstance(second, End)
    assert second.when is not None
    assert second.title == "Enough"


@pytest.mark.parametrize(
    ("text", "per", "key"),
    [
        ("start: {on: complaint.opened}\n", "customer", None),
        ("start: {on: complaint.opened, per: customer}\n", "customer", None),
        ("start: {on: complaint.opened, per: event.complaint_id}\n", "value", "c-1"),
    ],
)
def test_what_a_run_is_for(tmp_path: Path, text: str, per: str, key: str | None) -> None:
    start = _journey(tmp_path, text).start
    assert isinstance(start, EventStart)
    assert start.per == per
    value = start.per_value
    looked_at = event({"complaint_id": "c-1"}, "complaint.opened")
    assert (None if value is None else value(scope(event=looked_at))) == key


@pytest.mark.parametrize(
    ("text", "again", "after"),
    [
        ("", Again.IGNORE, None),
        (", again: ignore", Again.IGNORE, None),
        (", again: restart", Again.RESTART, None),
        (", again: once", Again.ONCE, None),
        (", again: after 90 days", Again.AFTER, Duration(days=90)),
    ],
)
def test_what_a_further_start_does(tmp_path: Path, text: str, again: Again, after: Duration | None) -> None:
    start = _journey(tmp_path, f"start: {{on: purchase.recorded{text}}}\n").start
    assert isinstance(start, EventStart)
    assert (start.again, start.again_after) == (again, after)


def test_the_journey_keys(tmp_path: Path) -> None:
    text = """
status: draft
brand: [warrior]
grace: 3 days
stop:
  - {on: complaint.opened, when: event.severity == 'serious'}
  - on: customer.forgotten
"""
    journey = _journey(tmp_path, text)
    assert journey.status is Status.DRAFT
    assert journey.brands == frozenset({"warrior"})
    assert journey.grace == Duration(days=3)
    assert journey.title == "example"
    serious, forgotten = journey.stop
    assert (serious.on, forgotten.on, forgotten.when) == ("complaint.opened", "customer.forgotten", None)
    assert serious.when is not None
    assert serious.when(scope(event=event({"severity": "serious"}, "complaint.opened"))) is True


def test_a_version_is_of_what_the_file_says(tmp_path: Path) -> None:
    plain = _journey(tmp_path / "a", "steps:\n  - wait: 1 day\n    at: '10:00'\n")
    relaid = _journey(tmp_path / "b", "# a comment\nsteps: [{at: '10:00', wait: 1 day}]\n")
    other = _journey(tmp_path / "c", "steps: [{at: '10:00', wait: 2 days}]\n")
    assert plain.version == relaid.version
    assert plain.version != other.version


def test_a_send_for_one_brand_asks_for_that_brand_only(tmp_path: Path) -> None:
    files = {
        "journeys/example.yaml": complete("steps: [{send: holiday, by: sms, brand: warrior, locale: en}]\n"),
        "templates/holiday/warrior/sms.zh-CN.txt": "x",
        "templates/holiday/warrior/sms.en.txt": "x",
    }
    loaded = load(made(tmp_path, files, alone=True))
    assert loaded.diagnostics == []
    assert loaded.program is not None
    (send,) = loaded.program.journeys["example"].steps
    assert isinstance(send, Send)
    assert send.variants["warrior"].by_channel == {"sms": frozenset({"zh-CN", "en"})}
    assert set(send.variants) == {"warrior"}
    assert send.brand is not None
    assert send.locale is not None
    assert (send.brand(scope()), send.locale(scope())) == ("warrior", "en")
