"""What `simulate` says of the lines that it read."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.cli.sites import line, write_lines, write_site
from tests.support import POLICY, write_project


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two purchases, of 8 March and of 1 June."""
    write_site(tmp_path)
    later = {**line(2), "time": "2025-06-01T10:00:00+08:00"}
    write_lines(tmp_path / "events.jsonl", [line(1), later])
    return tmp_path


def test_an_end_before_the_first_event_is_told(site: Path, call: Call) -> None:
    done = call("simulate", "events.jsonl", "--until", "2025-01-01", cwd=site)
    assert (done.code, done.stdout) == (0, "")
    assert "0 read, 0 accepted" in done.stderr
    assert (
        "nothing was replayed: --until 2025-01-01 is before the first event (2025-03-08T14:20:00+08:00)"
        in done.stderr
    )


def test_events_after_the_end_are_left_out_and_counted_by_nobody(site: Path, call: Call) -> None:
    done = call("simulate", "events.jsonl", "--until", "2025-05-01", "--format", "json", cwd=site)
    summary = json.loads(done.stdout)["summary"]
    assert (summary["read"], summary["accepted"]) == (1, 1)
    assert summary["left_out_from"] == "2025-06-01T10:00:00+08:00"
    assert "events from 2025-06-01T10:00:00+08:00 on come after --until 2025-05-01" in done.stderr


def test_without_an_end_nothing_is_left_out(site: Path, call: Call) -> None:
    done = call("simulate", "events.jsonl", "--format", "json", cwd=site)
    assert json.loads(done.stdout)["summary"]["left_out_from"] is None
    assert "left out" not in done.stderr


@pytest.mark.parametrize("verb", ["simulate", "ingest"])
def test_programs_are_told_of_every_refused_line_and_people_of_some(
    verb: str, site: Path, call: Call
) -> None:
    write_lines(site / "events.jsonl", [line(1), *[{"broken": n} for n in range(30)]])
    told = json.loads(call(verb, "events.jsonl", "--format", "json", cwd=site).stdout)
    assert len(told.get("summary", told)["rejections"]) == 30
    people = call(verb, "events.jsonl", cwd=site).stderr
    assert people.count("specversion is missing") == 20
    assert "… and 10 more" in people


def test_a_misspelt_journey_is_recognised(site: Path, call: Call) -> None:
    done = call("simulate", "events.jsonl", "--journey", "welcom", cwd=site)
    assert done.code == 2
    assert "Did you mean 'welcome'?" in done.stderr


def test_a_held_message_has_a_line_of_its_own_before_its_last(tmp_path: Path, call: Call) -> None:
    write_project(
        tmp_path,
        {
            "late": "purpose: care\nstart: {on: purchase.recorded}\n"
            "steps:\n  - {wait: 1 day, at: '22:00'}\n  - {send: hello, by: sms}\n"
        },
        policy=POLICY + 'quiet_hours: {sms: "21:00-09:00"}\nhold_while: complaint open\n',
    )
    bought = line(1)
    person = {"mobile": bought["data"]["customer"]["mobile"]}
    bought["data"]["consent"] = [{"channel": "sms", "purpose": "care", "granted": True}]
    complaint = {
        "specversion": "1.0",
        "id": "c-1",
        "source": "/dealers/d001",
        "type": "complaint.opened",
        "time": "2025-03-10T08:00:00+08:00",
        "data": {"customer": person, "complaint_id": "1"},
    }
    write_lines(tmp_path / "events.jsonl", [bought, complaint])
    done = call("simulate", "events.jsonl", "--until", "2025-04-01", "--format", "jsonl", cwd=tmp_path)
    told = [json.loads(one) for one in done.stdout.splitlines()]
    assert [(one["at"], one["outcome"], one["reason"]) for one in told] == [
        ("2025-03-09T22:00:00+08:00", "held", "quiet hours"),
        ("2025-03-10T09:00:00+08:00", "held", "complaint open"),
        ("2025-03-16T22:00:00+08:00", "skipped", "complaint open"),
    ]
    assert [one.get("held_until", "-") for one in told] == ["2025-03-10T09:00:00+08:00", None, "-"]
    assert len({one["message_id"] for one in told}) == 1
    assert {one["channel"] for one in told} == {"sms"}
    shown = call("simulate", "events.jsonl", "--until", "2025-04-01", cwd=tmp_path).stdout
    assert "until 2025-03-10 09:00" in shown
