"""The command line as its contract has it: fields, exit codes, what goes to stdout and what to stderr."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.sites import EVENTS, write_site
from tests.support import milepost


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A project with one journey, and a file of four lines: two purchases, a duplicate, a broken one."""
    return write_site(tmp_path)


def test_simulate_gives_a_line_for_each_message(site: Path) -> None:
    done = milepost("simulate", "events.jsonl", "--until", "2025-05-01", "--format", "jsonl", cwd=site)
    first, second = (json.loads(one) for one in done.stdout.splitlines())
    assert list(first) == [
        "at", "journey", "step", "run", "customer", "vehicle", "template", "channel", "brand", "locale",
        "outcome", "reason", "message_id",
    ]  # fmt: skip
    assert first["at"] == "2025-04-08T10:00:00+08:00"
    assert {one["customer"] for one in (first, second)} == {"+8613800000001", "+8613800000002"}
    assert (first["channel"], first["outcome"], first["reason"]) == ("sms", "sent", None)
    assert "4 read, 2 accepted, 1 duplicate, 1 rejected" in done.stderr


def test_the_project_is_named_before_the_verb_or_after_it(
    site: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    before = milepost("--project", site, "validate", cwd=elsewhere)
    after = milepost("validate", "--project", site, cwd=elsewhere)
    assert before.stderr == after.stderr == "no faults\n"


def test_ingest_tells_what_became_of_each_line_and_changes_nothing_twice(site: Path) -> None:
    first = json.loads(milepost("ingest", "events.jsonl", "--format", "json", cwd=site, **EVENTS).stdout)
    assert {name: first[name] for name in ("read", "accepted", "duplicates", "rejected")} == {
        "read": 4, "accepted": 2, "duplicates": 1, "rejected": 1,
    }  # fmt: skip
    [rejection] = first["rejections"]
    assert (rejection["file"], rejection["line"], rejection["field"]) == ("events.jsonl", 4, "time")
    again = json.loads(milepost("ingest", "events.jsonl", "--format", "json", cwd=site, **EVENTS).stdout)
    assert (again["accepted"], again["duplicates"], again["rejected"]) == (0, 3, 1)


def test_run_delivers_what_a_simulation_says(site: Path) -> None:
    milepost("ingest", "events.jsonl", cwd=site, **EVENTS)
    done = milepost("run", "--until-idle", "--until", "2025-05-01", "--format", "json", cwd=site, **EVENTS)
    assert json.loads(done.stdout)["sent"] == 2
    listed = milepost("messages", "--format", "jsonl", cwd=site, **EVENTS).stdout.splitlines()
    for one in map(json.loads, listed):
        assert one["status"] == "sent"
        assert (site / "delivered" / one["place"]).read_text("utf-8").strip() == "hello"


def test_a_delivery_folder_that_cannot_be_used_stops_the_run_and_costs_no_message(site: Path) -> None:
    milepost("ingest", "events.jsonl", cwd=site, **EVENTS)
    (site / "delivered").write_text("in the way", "utf-8")
    refused = milepost("run", "--until-idle", "--until", "2025-05-01", cwd=site, check=False, **EVENTS)
    assert refused.returncode == 3
    assert "Traceback" not in refused.stderr
    (site / "delivered").unlink()
    milepost("run", "--until-idle", "--until", "2025-05-01", cwd=site, **EVENTS)
    listed = milepost("messages", "--format", "jsonl", cwd=site, **EVENTS).stdout.splitlines()
    assert [json.loads(one)["status"] for one in listed] == ["sent", "sent"]


def test_by_the_real_clock_old_purchases_write_to_nobody(site: Path) -> None:
    milepost("ingest", "events.jsonl", cwd=site)
    milepost("run", "--until-idle", cwd=site)
    listed = [
        json.loads(one) for one in milepost("messages", "--format", "jsonl", cwd=site).stdout.splitlines()
    ]
    assert [one["reason"] for one in listed] == ["too late", "too late"]


def test_lookup_finds_by_plate_mobile_and_email_however_written(site: Path) -> None:
    milepost("ingest", "events.jsonl", cwd=site, **EVENTS)
    for known_by in ("京A12341", "京a·12341", "13800000001", "+86 138-0000-0001", "C1@example.cn"):
        found = json.loads(milepost("lookup", known_by, "--format", "json", cwd=site, **EVENTS).stdout)
        assert found["customer"]["name"] == "王芳"
    assert found["next"][0]["at"] == "2025-04-08T10:00:00+08:00"
    assert found["vehicles"][0]["odometer"]["km"] == 43210
    screen = milepost("lookup", "京A12341", cwd=site, **EVENTS).stdout
    assert "43,210" in screen
    nobody = milepost("lookup", "沪Z00000", cwd=site, check=False, **EVENTS)
    assert nobody.returncode == 1
    assert "沪Z00000" in nobody.stderr


def test_rejections_are_listed_shown_and_sent_in_again_once_mended(site: Path) -> None:
    milepost("ingest", "events.jsonl", cwd=site, **EVENTS)
    [listed] = json.loads(milepost("rejected", "list", "--format", "json", cwd=site).stdout)["rejections"]
    shown = json.loads(milepost("rejected", "show", listed["id"], cwd=site).stdout)
    assert shown["time"] == "yesterday"
    (site / "mended.json").write_text(json.dumps({**shown, "time": "2025-03-09T10:00:00+08:00"}), "utf-8")
    still = milepost("rejected", "retry", listed["id"], cwd=site, check=False, **EVENTS)
    assert still.returncode == 1
    milepost("rejected", "retry", listed["id"], "--mended", "mended.json", cwd=site, **EVENTS)
    assert json.loads(milepost("rejected", "list", "--format", "json", cwd=site).stdout)["rejections"] == []
    found = milepost("lookup", "京A12343", "--format", "json", cwd=site, **EVENTS).stdout
    assert json.loads(found)["customer"]["mobile"] == "+8613800000003"


def test_validate_tells_all_faults_in_one_go_and_exits_with_1(site: Path) -> None:
    journey = site / "journeys" / "welcome.yaml"
    text = journey.read_text("utf-8").replace("again:", "agian:").replace("1 month", "1 mnoth")
    journey.write_text(text, "utf-8")
    done = milepost("validate", "--format", "json", cwd=site, check=False)
    assert done.returncode == 1
    found = json.loads(done.stdout)["diagnostics"]
    assert set(found[0]) == {
        "code", "severity", "message", "file", "line", "column", "end_column", "hint",
    }  # fmt: skip
    assert [one["line"] for one in found] == [3, 5]
    assert "again" in found[0]["hint"]
    frames = milepost("validate", cwd=site, check=False)
    assert "journeys/welcome.yaml:3:" in frames.stdout
    assert "2 errors" in frames.stderr
    refused = milepost("simulate", "events.jsonl", cwd=site, check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "welcome.yaml:3" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["simulate", "missing.jsonl"], 2),
        (["simulate"], 2),
        (["nonsense"], 2),
        (["explain", "no-such-code"], 2),
        (["explain", "unknown-key"], 0),
        (["schema", "journey"], 0),
        (["--version"], 0),
        (["--help"], 0),
        (["ingest", "cards.xlsx"], 2),
        (["--project", "nowhere", "validate"], 2),
    ],
)
def test_exit_codes(site: Path, arguments: list[str], code: int) -> None:
    done = milepost(*arguments, cwd=site, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_cannot_be_reached_exits_with_3(site: Path) -> None:
    (site / "not-a-database").mkdir()
    done = milepost(
        "ingest", "events.jsonl", cwd=site, check=False, MILEPOST_DATABASE_URL="sqlite:///not-a-database"
    )
    assert done.returncode == 3
    assert "not-a-database" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("verb", ["ingest", "simulate"])
def test_a_file_of_nothing_but_broken_lines_exits_with_1(site: Path, verb: str) -> None:
    (site / "broken.jsonl").write_text("nonsense\n", "utf-8")
    assert milepost(verb, "broken.jsonl", cwd=site, check=False, **EVENTS).returncode == 1


def test_output_is_utf8_whatever_the_locale(site: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = milepost(
        "simulate", "events.jsonl", "--until", "2025-05-01", "--format", "jsonl", cwd=site, **plain
    )
    assert "京A12341" in done.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MILEPOST_DATABASE_URL", "mysql://localhost/milepost"),
        ("MILEPOST_DATABASE_URL", "postgresql://me:pa@ss@localhost/milepost"),
        ("MILEPOST_KAFKA_BOOTSTRAP", "localhost:9092"),
        ("MILEPOST_EMAIL", "sendgrid"),
        ("MILEPOST_CLOCK", "sundial"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_by_its_name(site: Path, name: str, value: str) -> None:
    done = milepost("run", "--until-idle", cwd=site, check=False, **{name: value})
    assert done.returncode == 2
    assert name in done.stderr


def test_a_second_run_on_the_same_database_is_refused(site: Path) -> None:
    environment = {**os.environ, "MILEPOST_CLOCK": "real"}
    command = [sys.executable, "-m", "engine.cli.main", "run"]
    with subprocess.Popen(command, cwd=site, env=environment, stderr=subprocess.PIPE, text=True) as first:
        assert first.stderr is not None
        assert "at work" in first.stderr.readline()
        second = milepost("run", "--until-idle", cwd=site, check=False)
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0
    assert second.returncode == 3
    assert str(first.pid) in second.stderr


def test_a_database_of_a_newer_version_is_left_alone(site: Path) -> None:
    milepost("ingest", "events.jsonl", cwd=site, **EVENTS)
    with sqlite3.connect(site / "milepost.db") as database:
        database.execute("INSERT INTO schema_version (version, name) VALUES (1000, '1000_future')")
    done = milepost("messages", cwd=site, check=False)
    assert done.returncode == 2
    assert "newer" in done.stderr
