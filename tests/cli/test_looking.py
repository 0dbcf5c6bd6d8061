"""The verbs that only look: they need a database and nothing else, and they change nothing."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.cli.sites import EVENTS, line, write_lines, write_site
from tests.support import milepost, write_project

LOOKING = [
    ["lookup", "京A12341"],
    ["messages"],
    ["rejected", "list"],
    ["rejected", "show", ""],
]
NEWSLETTER = """\
    title: Monthly news
    purpose: newsletter
    start: {schedule: monthly, audience: customer.email}
    steps:
      - send: hello
        by: email
    """
FAR = """\
    title: Replacement
    purpose: care
    start: {on: purchase.recorded, per: vehicle}
    steps:
      - wait: 40000 km
      - send: hello
        by: sms
    """


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a site, beside nothing else."""
    site = write_site(tmp_path_factory.mktemp("site"))
    folder = tmp_path_factory.mktemp("database")
    milepost("ingest", "--project", site, site / "events.jsonl", cwd=folder, **EVENTS)
    return folder


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A project with a good policy and a journey that cannot run."""
    return write_project(tmp_path, {"welcome": "purpose: care\nstart: {on: purchse.recorded}\nsteps: []\n"})


@pytest.mark.parametrize("verb", LOOKING, ids=" ".join)
def test_faulty_journeys_keep_nobody_from_looking(
    verb: list[str], ingested: Path, faulty: Path, call: Call
) -> None:
    done = call(*verb, "--project", faulty, cwd=ingested)
    assert (done.code, bool(done.stdout or done.stderr)) == (0, True)


def test_with_faulty_journeys_a_lookup_shows_all_but_what_comes_next(
    ingested: Path, faulty: Path, call: Call
) -> None:
    done = call("lookup", "13800000001", "--project", faulty, "--format", "json", cwd=ingested)
    found = json.loads(done.stdout)
    assert found["next"] is None
    assert found["customer"]["name"] == "王芳"
    assert found["vehicles"][0]["odometer"]["km"] == 43210
    assert found["consents"]["care"] == {"letter": False, "email": False, "sms": True}
    assert [one["journey"] for one in found["runs"]] == ["welcome"]
    assert found["purchases"][0]["at"] == "2025-03-08T14:20:00+08:00"
    assert "errors" in done.stderr
    assert "milepost validate" in done.stderr
    screen = call("lookup", "京A12341", "--project", faulty, cwd=ingested)
    assert "not known: the journeys cannot be used" in screen.stdout


def test_outside_of_a_project_a_lookup_works_from_the_database(ingested: Path, call: Call) -> None:
    done = call("lookup", "+86 138 0000 0001", "--format", "json", cwd=ingested)
    found = json.loads(done.stdout)
    assert found["customer"]["mobile"] == "+8613800000001"
    assert found["consents"]["care"]["sms"] is True
    assert found["purchases"][0]["at"] == "2025-03-08T06:20:00+00:00"
    assert "is no project" in done.stderr
    assert "UTC" in done.stderr
    nobody = call("lookup", "13800000001", cwd=ingested)
    assert nobody.code == 1
    assert "+86" in nobody.stderr


@pytest.mark.parametrize("verb", [*LOOKING, ["rejected", "retry"]], ids=" ".join)
def test_looking_makes_no_database_and_says_which_one_is_missing(
    verb: list[str], tmp_path: Path, call: Call
) -> None:
    project = write_project(tmp_path / "project", {})
    done = call(*verb, "--project", project, cwd=tmp_path, MILEPOST_DATABASE_URL="sqlite:///care.db")
    assert done.code == 3
    for told in (str(tmp_path / "care.db"), "milepost ingest", "--project", "MILEPOST_DATABASE_URL"):
        assert told in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["project"]


def test_a_missing_project_is_told_without_a_place(tmp_path: Path) -> None:
    done = milepost("simulate", "events.jsonl", cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert f"There is no project in {tmp_path}" in done.stderr
    assert "--project" in done.stderr
    assert ":0" not in done.stderr


def test_a_fault_of_a_whole_file_is_told_without_a_place(tmp_path: Path) -> None:
    write_project(tmp_path, {})
    (tmp_path / "journeys" / "policy.yaml").unlink()
    done = milepost("simulate", "events.jsonl", cwd=tmp_path, check=False)
    assert "journeys/policy.yaml: " in done.stderr


def test_taking_in_a_file_that_is_not_there_makes_no_database(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", {})
    assert milepost("ingest", "--project", project, "no.jsonl", cwd=tmp_path, check=False).returncode == 2
    assert [one.name for one in tmp_path.iterdir()] == ["project"]


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A monthly newsletter that nobody agreed to, a message in some years, and a purchase dated in the future."""
    site = write_project(tmp_path_factory.mktemp("site"), {"newsletter": NEWSLETTER, "replacement": FAR})
    typed_wrongly = {**line(2), "time": "2052-03-08T14:20:00+08:00"}
    a_little_fast = {**line(3), "time": "2025-03-08T16:20:00+08:00"}
    for one in (typed_wrongly, a_little_fast):
        one["recordedtime"] = line(1)["time"]
    write_lines(site / "events.jsonl", [line(1), typed_wrongly, a_little_fast])
    milepost("ingest", "events.jsonl", cwd=site, **EVENTS)
    return site


def test_what_will_be_sent_comes_first_and_each_kind_that_will_not_takes_one_line(
    tmp_path: Path, call: Call
) -> None:
    site = write_site(tmp_path)
    write_project(site, {"newsletter": NEWSLETTER})
    write_lines(site / "events.jsonl", [line(1)])
    milepost("ingest", "events.jsonl", cwd=site, **EVENTS)
    screen = call("lookup", "京A12341", cwd=site).stdout
    lines = screen[screen.index("What comes next") : screen.index("Under way")].splitlines()[2:]
    assert [" ".join(one.split()) for one in lines] == [
        "2025-04-08 in 4 weeks welcome sms",
        "not sent: Monthly news (from 2025-04-01 on): no consent",
    ]
    coming = json.loads(call("lookup", "京A12341", "--format", "json", cwd=site).stdout)["next"]
    assert [(one["journey"], one["reason"]) for one in coming] == [
        ("newsletter", "no consent"),
        ("welcome", None),
        *[("newsletter", "no consent")] * 3,
    ]


def test_a_run_is_shown_with_its_title_where_it_stands_and_since_when(far: Path, call: Call) -> None:
    found = json.loads(call("lookup", "京A12341", "--format", "json", cwd=far).stdout)
    [run] = found["runs"]
    assert run | {"run": "", "due_at": ""} == {
        "run": "",
        "journey": "replacement",
        "title": "Replacement",
        "status": "live",
        "vehicle": "京A12341",
        "started_at": "2025-03-08T14:20:00+08:00",
        "step": "wait",
        "step_title": "",
        "since": "2025-03-08T14:20:00+08:00",
        "round": None,
        "rounds": None,
        "waits_for": "distance",
        "distance_km": 40000.0,
        "due_at": "",
    }
    screen = " ".join(call("lookup", "京A12341", cwd=far).stdout.split())
    years = int(run["due_at"][:4]) - 2025
    standing = f"since 2025-03-08; waits for 40,000 km; goes on about {run['due_at'][:7]}, in {years} years"
    assert f"Replacement 京A12341 {standing}" in screen


def test_a_reading_dated_far_in_the_future_makes_no_odometer_below_zero(far: Path, call: Call) -> None:
    found = json.loads(call("lookup", "京A12342", "--format", "json", cwd=far).stdout)
    odometer = found["vehicles"][0]["odometer"]
    assert (odometer["km"], odometer["low_km"], odometer["high_km"]) == (None, None, None)
    assert odometer["last_reading_at"] == "2052-03-08T14:20:00+08:00"
    screen = " ".join(call("lookup", "京A12342", cwd=far).stdout.split())
    assert "odometer unknown today; a reading of 43,210 is dated 2052-03-08, which is yet to come" in screen
    assert "from 2052-03-08 on" in screen
    assert not re.search(r"-\d+,?\d* km", screen)


def test_a_dealers_clock_may_be_a_little_fast(far: Path, call: Call) -> None:
    found = json.loads(call("lookup", "京A12343", "--format", "json", cwd=far).stdout)
    assert 43_100 < found["vehicles"][0]["odometer"]["km"] <= 43_210


@pytest.mark.parametrize("columns", ["40", "60", "80"])
def test_the_screen_keeps_to_its_width_and_loses_nothing(columns: str, ingested: Path, call: Call) -> None:
    from rich.cells import cell_len  # noqa: PLC0415 - a terminal's columns, only here

    done = call("lookup", "京A12341", cwd=ingested, COLUMNS=columns)
    assert max(cell_len(one) for one in done.stdout.splitlines()) <= int(columns)
    assert "…" not in done.stdout
    for told in ("c1@example.cn", "sms", "43,210", "michelin", "d001", "2025-03-08"):
        assert told in done.stdout
