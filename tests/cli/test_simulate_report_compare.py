"""Two versions of a project on the same history: who would get what instead."""

import gc
import io
import json
import os
import sys
import weakref
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from engine.cli.replaying import Replay, Summary, Version, replayed
from engine.sim.outcomes import Outcomes
from tests.cli.conftest import Call, Done
from tests.cli.histories import NAMES, UNTIL, Numbers, write_history

NUMBERS = """\
                                before         now
sent                                 3           5
skipped                              3           2
cost CNY                          0.10        0.15

                               same    added     gone    moved  changed
again                             0        1        0        0        0
late                              1        1        0        0        0
welcome                           0        0        0        2        0
all                               1        2        0        2        0
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_history(tmp_path)


def compare(
    call: Call, site: Path, *more: object, events: str = "events.jsonl", other: str = "before"
) -> Done:
    return call("--project", "now", "simulate", events, "--until", UNTIL, "--compare", other, *more, cwd=site)


def differences(done: Done) -> list[dict[str, Any]]:
    return [json.loads(one) for one in done.stdout.splitlines()]


def test_the_terminal_gets_the_numbers(site: Path, call: Call) -> None:
    done = compare(call, site)
    assert done.code == 0
    assert done.stdout == NUMBERS
    assert "before: before" in done.stderr
    assert "now: now" in done.stderr


def test_programs_get_each_difference(site: Path, call: Call) -> None:
    told = differences(compare(call, site, "--format", "jsonl"))
    brief = [
        (
            one["change"],
            one["journey"],
            one["customer"][-1],
            *(_brief(one[side]) for side in ("before", "now")),
        )
        for one in told
    ]
    assert sorted(brief, key=lambda one: (one[4] or "", one[2])) == [
        ("added", "late", "2", "2025-03-09 22:00 skipped no consent", "2025-03-09 22:00 sent email"),
        ("moved", "welcome", "2", "2025-04-08 10:00 sent email", "2025-03-29 10:00 sent email"),
        ("moved", "welcome", "1", "2025-04-08 10:00 sent sms", "2025-03-29 10:00 sent sms"),
        ("added", "again", "1", None, "2025-05-01 09:00 sent sms"),
    ]
    moved = next(one for one in told if one["change"] == "moved")
    assert moved["differs"] == ["at"]
    assert moved["before"]["message_id"] == moved["now"]["message_id"]


def _brief(side: dict[str, Any] | None) -> str | None:
    if side is None:
        return None
    return f"{side['at'][:16]} {side['outcome']} {side['reason'] or side['channel']}".replace("T", " ")


def test_one_object_has_it_all(site: Path, call: Call) -> None:
    told = json.loads(compare(call, site, "--format", "json").stdout)
    assert (told["same"], told["added"], told["gone"], told["moved"], told["changed"]) == (1, 2, 0, 2, 0)
    assert told["before"]["project"] == "before"
    assert (told["before"]["sent"], told["now"]["sent"]) == (3, 5)
    assert (told["before"]["cost"], told["now"]["cost"], told["now"]["currency"]) == (0.1, 0.15, "CNY")
    assert told["before"]["summary"]["runs"] == {"late": 3, "welcome": 3}
    assert [one["journey"] for one in told["journeys"]] == ["again", "late", "welcome"]
    assert len(told["differences"]) == 4


def test_a_project_beside_itself_is_the_same(site: Path, call: Call) -> None:
    assert differences(compare(call, site, "--format", "jsonl", other="now")) == []
    assert "all                               5        0" in compare(call, site, other="now").stdout


def test_what_is_turned_around_is_gone_instead_of_added(site: Path, call: Call) -> None:
    done = call(
        "--project", "before", "simulate", "events.jsonl", "--until", UNTIL, "--compare", "now", cwd=site
    )
    assert done.stdout.splitlines()[-1].split() == ["all", "1", "0", "2", "2", "0"]


def test_a_schedule_at_another_hour_moves_its_messages(site: Path, call: Call) -> None:
    for version, at in (("before", "10:00"), ("now", "11:30")):
        (site / version / "journeys" / "monthly.yaml").write_text(
            f"journey: monthly\npurpose: service\nstart: {{schedule: monthly, at: '{at}', audience: customer.email}}\n"
            "steps:\n  - {send: hello, by: sms}\n",
            "utf-8",
        )
    told = differences(compare(call, site, "--journey", "monthly", "--format", "jsonl"))
    assert {one["change"] for one in told} == {"moved"}
    assert len(told) == 9  # three customers; April, May, June
    for one in told:
        assert one["before"]["at"].replace("T10:00", "T11:30") == one["now"]["at"]
        assert one["before"]["message_id"] != one["now"]["message_id"]


def test_a_channel_that_is_another_is_told_and_so_is_what_is_capped_now(site: Path, call: Call) -> None:
    late = site / "before" / "journeys" / "late.yaml"
    late.write_text(late.read_text("utf-8").replace("purpose: care", "purpose: service"), "utf-8")
    late = site / "now" / "journeys" / "late.yaml"
    late.write_text(late.read_text("utf-8").replace("purpose: care", "purpose: service"), "utf-8")
    told = differences(compare(call, site, "--journey", "late", "--format", "jsonl"))
    assert {(one["change"], *one["differs"]) for one in told} == {("changed", "at", "channel")}


def test_events_may_come_by_standard_input(site: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO((site / "events.jsonl").read_bytes())

    monkeypatch.setattr(sys, "stdin", Stdin)
    assert compare(call, site, events="-").stdout == NUMBERS


def test_events_may_come_by_a_pipe(site: Path, call: Call) -> None:
    pipe = site / "pipe.jsonl"
    os.mkfifo(pipe)
    writer = Thread(target=lambda: pipe.write_bytes((site / "events.jsonl").read_bytes()))
    writer.start()
    assert compare(call, site, events="pipe.jsonl").stdout == NUMBERS
    writer.join()


def test_faults_of_the_other_project_are_shown_with_its_path(site: Path, call: Call) -> None:
    broken = site / "before" / "journeys" / "welcome.yaml"
    broken.write_text(broken.read_text("utf-8").replace("1 month", "1 mouth"), "utf-8")
    done = compare(call, site, "--report", "out")
    assert (done.code, done.stdout) == (1, "")
    assert "before/journeys/welcome.yaml:7:" in done.stderr
    assert "milepost validate --project before tells them all" in done.stderr
    assert not (site / "out").exists()


def test_a_project_that_is_not_there_is_wrong_usage_and_a_folder_without_one_a_fault(
    site: Path, call: Call
) -> None:
    done = compare(call, site, other="nowhere")
    assert done.code == 2
    assert "There is no folder nowhere" in done.stderr
    (site / "empty").mkdir()
    assert compare(call, site, other="empty").code == 1


def test_the_page_has_the_numbers_and_both_reports(site: Path, call: Call) -> None:
    done = compare(call, site, "--report", "out")
    assert "report: out/index.html" in done.stderr
    page = Numbers(site / "out" / "index.html")
    assert [page[one] for one in ("same", "added", "gone", "moved", "changed")] == [1, 2, 0, 2, 0]
    assert [Numbers(site / "out" / one / "index.html")["sent"] for one in ("before", "now")] == [3, 5]
    people = (site / "out" / "customers.html").read_text("utf-8")
    assert (
        people.count('<details class="person"') == 2
    )  # nothing changes for the third, who agreed to nothing
    row = people.split('<li class="moved">')[1].split("</li>")[0]
    assert row.index("8 Apr 2025, 10:00") < row.index("moved") < row.index("29 Mar 2025, 10:00")
    assert '<b>"O’Neil"' not in people
    assert not [one for one in NAMES if one in done.stderr]


def test_the_first_version_is_gone_from_memory_before_the_second_is_replayed(site: Path) -> None:
    version = Version.load(site / "before")
    how = Replay(events=[str(site / "events.jsonl")], end=None, every_refusal=True, counting=True)
    gc.disable()
    try:
        outcomes = Outcomes()
        done = replayed(version.program, how, outcomes.add, what="", printing=False)
        simulation = weakref.ref(done.simulation)
        history = version.history(done, Summary.of(done, version.zone), outcomes, frozenset({"welcome"}))
        del done
        assert simulation() is None
    finally:
        gc.enable()
    assert sorted(history.names.values()) == sorted(NAMES)
