"""`broadcast`, from outside: who is counted is who gets it; pausing, stopping, test copies and corrections."""

import json
import shutil
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.cli.conftest import Call, Done
from tests.cli.sites import line, write_lines
from tests.support import write_project

REAL = {"MILEPOST_CLOCK": "real"}
NEWS = """\
    title: What is new
    purpose: care
    start: {schedule: on-demand, audience: customer.mobile}
    steps:
      - send: hello
        by: [sms, email]
    """
CORRECTION = """\
    purpose: care
    start: {schedule: on-demand, audience: customer.mobile}
    steps:
      - send: sorry
        by: sms
    """
EVENT = """\
    purpose: care
    start: {on: service.visited}
    steps:
      - send: hello
        by: sms
    """


@pytest.fixture
def site(tmp_path: Path, call: Call) -> Path:
    """Six customers: four agreed to SMS, one to email alone, one to nothing."""
    folder = tmp_path / "site"
    write_project(folder, {"news": NEWS, "correction": CORRECTION, "visit": EVENT})
    sorry = folder / "templates" / "sorry"
    shutil.copytree(folder / "templates" / "hello", sorry)
    consents: list[list[dict[str, Any]]] = [
        *[[{"channel": "sms", "purpose": "care", "granted": True}]] * 4,
        [{"channel": "email", "purpose": "care", "granted": True}],
        [],
    ]
    lines = [line(n, consent=consent) for n, consent in enumerate(consents, 1)]
    write_lines(folder / "events.jsonl", lines)
    assert call("ingest", "events.jsonl", cwd=folder, **REAL).code == 0
    return folder


def milepost(call: Call, site: Path, *arguments: object) -> Done:
    return call(*arguments, cwd=site, **REAL)


def told(call: Call, site: Path, *arguments: object, code: int = 0) -> dict[str, Any]:
    done = milepost(call, site, "broadcast", *arguments, "--format", "json")
    assert done.code == code, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def texts(site: Path) -> list[str]:
    return sorted(one.read_text("utf-8") for one in (site / "delivered").rglob("*.txt"))


def run(call: Call, site: Path) -> None:
    assert milepost(call, site, "run", "--until-idle").code == 0


def test_who_is_counted_is_who_gets_it(site: Path, call: Call) -> None:
    counted = told(call, site, "news", "--dry-run")
    assert (counted["audience"], counted["looked_at"], counted["begun"]) == (6, 6, False)
    ways = {(one["outcome"], one["channel"], one["reason"]): one["messages"] for one in counted["ways"]}
    assert ways == {("sent", "sms", None): 4, ("sent", "email", None): 1, ("skipped", None, "no consent"): 1}
    run(call, site)
    assert told(call, site, "news", "status") == {"journey": "news", "at": None}, "a dry run sends nothing"

    assert told(call, site, "news", "--yes")["begun"]
    run(call, site)
    status = told(call, site, "news", "status")
    assert status["messages"] == {
        "sms": {"sent": 4},
        "email": {"sent": 1},
        "none": {"skipped: no consent": 1},
    }
    assert (status["done"], status["settled"], status["begun"], status["by_hand"]) == (True, True, 6, True)
    assert (status["stopped"], status["share"]) == (False, 1.0)


def test_nobody_is_asked_twice_at_once(site: Path, call: Call) -> None:
    told(call, site, "news", "--yes")
    again = milepost(call, site, "broadcast", "news", "--yes")
    assert again.code != 0
    assert "is under way" in again.stderr
    run(call, site)
    assert len(texts(site)) == 4


def test_without_a_yes_nothing_goes_where_nobody_can_be_asked(site: Path, call: Call) -> None:
    done = milepost(call, site, "broadcast", "news")
    assert (done.code, "--yes" in done.stderr) == (2, True)
    run(call, site)
    assert texts(site) == []


def test_a_pause_holds_it_and_its_end_lets_it_go(site: Path, call: Call) -> None:
    told(call, site, "news", "--yes")
    assert told(call, site, "news", "pause")["paused"]
    run(call, site)
    status = told(call, site, "news", "status")
    assert (status["begun"], status["done"], texts(site)) == (0, False, [])
    assert not told(call, site, "news", "resume")["paused"]
    run(call, site)
    assert len(texts(site)) == 4


def test_what_is_stopped_goes_no_further(site: Path, call: Call) -> None:
    told(call, site, "news", "--yes")
    told(call, site, "news", "pause")
    stopped = told(call, site, "news", "stop")
    assert (stopped["done"], stopped["stopped"], stopped["share"], stopped["begun"]) == (True, True, 0.0, 0)
    told(call, site, "news", "resume")
    run(call, site)
    assert texts(site) == []
    said = milepost(call, site, "broadcast", "news", "status").stdout
    assert said.startswith("news: stopped; begun by hand")
    assert "0.0% of all customers reached, 0 begun" in said
    told(call, site, "news", "pause")  # of what is to come
    refused = milepost(call, site, "broadcast", "news", "--yes")
    assert (refused.code, "resume ends the pause" in refused.stderr) == (1, True)
    assert "nothing of it is under way" in milepost(call, site, "broadcast", "news", "stop").stderr


def test_what_is_decided_and_waits_to_be_sent_is_stopped_too(site: Path, call: Call) -> None:
    """All is decided within seconds; it is sent for hours."""
    told(call, site, "news", "--yes")
    (site / "delivered").write_text("in the way", "utf-8")
    assert milepost(call, site, "run", "--until-idle").code == 3
    status = told(call, site, "news", "status")
    assert (status["done"], status["settled"], status["messages"]["sms"]) == (True, False, {"queued": 4})
    assert milepost(call, site, "broadcast", "news", "--yes").code == 1, "it is under way"

    (site / "delivered").unlink()
    stopped = told(call, site, "news", "stop")
    assert (stopped["settled"], stopped["messages"]["sms"]) == (True, {"skipped: stopped": 4})
    assert (stopped["stopped"], stopped["share"]) == (True, 1.0), "all were reached, not all got it"
    run(call, site)
    assert texts(site) == []


def test_a_correction_goes_to_those_only_who_got_the_faulty_one(site: Path, call: Call) -> None:
    told(call, site, "news", "--yes")
    run(call, site)
    extra = line(7, consent=[{"channel": "sms", "purpose": "care", "granted": True}])
    write_lines(site / "more.jsonl", [extra])
    milepost(call, site, "ingest", "more.jsonl")
    counted = told(call, site, "correction", "--only-to-recipients-of", "hello", "--yes")
    assert (counted["audience"], counted["only_to"]) == (5, "hello")
    run(call, site)
    status = told(call, site, "correction", "status")
    assert status["only_to"] == "hello"
    assert status["messages"] == {"sms": {"sent": 4}, "none": {"skipped: no consent": 1}}


def test_test_copies_go_to_the_addresses_alone_and_are_in_no_ledger(site: Path, call: Call) -> None:
    copies = told(call, site, "news", "--test", "me@example.cn", "+8613900000001")["copies"]
    assert {(one["address"], one["channel"]) for one in copies} == {
        ("me@example.cn", "email"),
        ("+8613900000001", "sms"),
    }
    [mail] = (site / "delivered").rglob("*.eml")
    assert b"me@example.cn" in mail.read_bytes()
    assert milepost(call, site, "messages", "--format", "jsonl").stdout == ""
    assert told(call, site, "news", "status")["at"] is None


SERIES = """\
    purpose: care
    start: {schedule: on-demand, audience: customer.mobile}
    pace: 2 per hour
    steps:
      - send: hello
        by: sms
      - send: never
        by: sms
        when: customer.address.city == 'Atlantis'
      - wait: 2 days
      - send: sorry
        by: email
      - send: sorry
        id: once-more
        by: email
    """


def with_series(site: Path) -> None:
    (site / "journeys" / "series.yaml").write_text(f"journey: series\n{dedent(SERIES)}", "utf-8")
    shutil.copytree(site / "templates" / "hello", site / "templates" / "never")


def test_copies_are_of_each_text_that_the_audience_gets_in_the_whole_of_the_run(
    site: Path, call: Call
) -> None:
    with_series(site)
    copies = told(call, site, "series", "--test", "me@example.cn", "+8613900000001")["copies"]
    assert [(one["template"], one["channel"], one["brand"]) for one in copies] == [
        ("sorry", "email", "michelin"),
        ("hello", "sms", "michelin"),
    ]


def test_where_nobody_gets_anything_by_a_channel_no_copy_goes(site: Path, call: Call) -> None:
    done = milepost(call, site, "broadcast", "correction", "--test", "+8613900000001", "me@example.cn")
    assert (done.code, "Nobody of the audience gets anything of 'correction' by email" in done.stderr) == (
        2,
        True,
    )
    assert not (site / "delivered").exists()


def test_by_a_sample_it_is_said_how_long_all_takes(site: Path, call: Call) -> None:
    with_series(site)
    whole = told(call, site, "series", "--dry-run")
    assert (whole["customers"], whole["in_all"]) == (
        6,
        {"estimated": False, "audience": 6, "messages": 4, "seconds_at_pace": 3 * 3600},
    )
    some = told(call, site, "series", "--dry-run", "--sample", "2")
    assert (some["customers"], some["looked_at"]) == (6, 2)
    assert (some["in_all"]["estimated"], some["in_all"]["seconds_at_pace"]) == (True, 3 * 3600)
    said = milepost(call, site, "broadcast", "series", "--dry-run", "--sample", "2").stdout
    assert "at its pace this takes about 3.0 hours, as estimated by 2 customers" in said


def test_why_explains_it_from_the_audience_to_the_text(site: Path, call: Call) -> None:
    told(call, site, "news", "--yes")
    run(call, site)
    said = milepost(call, site, "why", "news", "+8613800000001").stdout
    assert "By the ledger alone" not in said
    assert "the broadcast begun by hand" in said
    assert "began this run" in said
    assert "sms: agreed to" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["visit", "--yes"], "begun by what happens"),
        (["nws", "--yes"], "There are: correction, news"),
        (["news", "halt"], "pause, resume, stop, status"),
        (["news", "--test", "nobody@"], "is no address"),
        (["correction", "--only-to-recipients-of", "helo", "--yes"], "There are: hello, sorry"),
    ],
)
def test_what_cannot_be_sent_is_told_with_what_can(
    site: Path, call: Call, arguments: list[str], words: str
) -> None:
    done = milepost(call, site, "broadcast", *arguments)
    assert (done.code, words in done.stderr) == (2, True), done.stderr


def test_by_the_events_clock_nothing_is_broadcast(site: Path, call: Call) -> None:
    done = call("broadcast", "news", "--yes", cwd=site, MILEPOST_CLOCK="events")
    assert (done.code, "present moment" in done.stderr) == (2, True)
