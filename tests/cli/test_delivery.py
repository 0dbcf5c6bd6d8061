"""Channels that cannot be used and messages that fail, as the command line tells of them, by the real clock."""

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.sites import EVENTS, line, write_lines, write_site
from tests.support import milepost, write_project


@pytest.fixture
def today(tmp_path: Path) -> Path:
    """A project that writes at once, by SMS and by email, and two purchases of this moment."""
    at_once = "purpose: care\nstart: {on: purchase.recorded, per: vehicle}\nsteps:\n"
    for channel in ("sms", "email"):
        write_project(tmp_path, {channel: f"{at_once}  - send: hello\n    by: {channel}\n"})
    agreed = [{"channel": "all", "purpose": "all", "granted": True}]
    now = datetime.now(UTC).isoformat()
    lines = [{**line(n, consent=agreed), "time": now} for n in (1, 2)]
    write_lines(tmp_path / "events.jsonl", lines)
    milepost("ingest", "events.jsonl", cwd=tmp_path)
    return tmp_path


def ledger(site: Path, *filters: str) -> list[dict[str, Any]]:
    said = milepost("messages", *filters, "--format", "jsonl", cwd=site).stdout
    return [json.loads(one) for one in said.splitlines()]


def test_by_the_real_clock_too_a_channel_that_cannot_be_used_exits_with_3_and_costs_no_message(
    today: Path,
) -> None:
    (today / "delivered").mkdir()
    (today / "delivered" / "sms").write_text("in the way", "utf-8")
    refused = milepost("run", "--until-idle", cwd=today, check=False)
    assert refused.returncode == 3
    assert refused.stdout == "0 decided, 2 sent, 2 waiting\n"
    [said] = refused.stderr.splitlines()
    assert said.startswith("error: sms (michelin): delivered/sms cannot be written to: it is no folder.")
    assert "2 messages wait. Make delivered/sms a folder" in said
    assert "run this again" in said
    assert {(one["channel"], one["status"]) for one in ledger(today)} == {
        ("email", "sent"),
        ("sms", "queued"),
    }
    as_json = milepost("run", "--until-idle", "--format", "json", cwd=today, check=False)
    assert (as_json.returncode, json.loads(as_json.stdout)["outages"][0]["waiting"]) == (3, 2)
    (today / "delivered" / "sms").unlink()
    milepost("run", "--until-idle", cwd=today)
    assert {(one["status"], one["attempts"]) for one in ledger(today)} == {("sent", 1)}
    assert len(list((today / "delivered" / "sms").rglob("*.txt"))) == 2


def _until_there(folder: Path, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(list(folder.rglob("*.txt"))) < count:
        assert time.monotonic() < deadline, f"not {count} SMS within a minute"
        time.sleep(0.05)


def test_run_goes_on_through_an_outage_and_tells_when_it_begins_and_when_it_ends(today: Path) -> None:
    (today / "delivered").mkdir()
    (today / "delivered" / "sms").write_text("in the way", "utf-8")
    command = [sys.executable, "-m", "engine.cli.main", "run", "--format", "jsonl"]
    with subprocess.Popen(
        command, cwd=today, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        assert "at work" in running.stderr.readline()
        began = json.loads(running.stderr.readline())
        (today / "delivered" / "sms").unlink()
        ended = json.loads(running.stderr.readline())
        _until_there(today / "delivered", 2)  # what is not begun yet waits for the next run
        running.send_signal(signal.SIGTERM)
        rest, said = running.communicate(timeout=20)
    assert (running.returncode, said) == (0, "")
    assert json.loads(rest)["sent"] == 4
    assert {**began, "at": ""} == {
        "at": "",
        "event": "outage",
        "channel": "sms",
        "brands": ["michelin"],
        "problem": "delivered/sms cannot be written to: it is no folder.",
        "hint": "Make delivered/sms a folder that this user can write to, on a disk with room.",
        "waiting": 2,
    }
    assert (ended["event"], ended["channel"]) == ("back", "sms")


def test_what_failed_is_sent_once_it_is_mended_and_queued_again(today: Path) -> None:
    template = today / "templates" / "hello" / "sms.zh-CN.txt"
    good = template.read_text("utf-8")
    template.write_text("{{ 1 / 0 }}\n", "utf-8")
    failed = milepost("run", "--until-idle", cwd=today)
    assert failed.stdout == "0 decided, 2 sent, 2 failed\n"
    assert "milepost messages retry" in failed.stderr
    template.write_text(good, "utf-8")
    before = {row["message_id"]: row for row in ledger(today, "--status", "failed")}
    one, other = before
    assert one[:12] in milepost("messages", "--status", "failed", cwd=today).stdout

    assert milepost("messages", "retry", "--channel", "email", cwd=today).stdout.startswith("0 queued")
    first = milepost("messages", "retry", one[:8], "--format", "json", cwd=today)
    assert json.loads(first.stdout) == {"queued": 1, "too_late": 0}
    assert [row["message_id"] for row in ledger(today, "--status", "queued")] == [one]
    assert (
        milepost("messages", "retry", "--journey", "sms", cwd=today).stdout == "1 queued again, 0 too late\n"
    )
    milepost("run", "--until-idle", cwd=today)
    after = {row["message_id"]: row for row in ledger(today, "--channel", "sms")}
    assert set(after) == {one, other}
    for row in after.values():
        assert (row["status"], row["attempts"], row["note"]) == ("sent", 1, "")
        assert row["former_note"] == before[row["message_id"]]["note"]
        assert "ZeroDivisionError" in row["former_note"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["retry", "nope"], 1, "0 failed messages"),
        (["retry", "--status", "sent"], 2, "sent"),
        (["--journey", "sms", "retry"], 2, "after retry"),
        (["--format", "json", "retry"], 2, "after retry"),
        (["--project", ".", "retry"], 0, ""),
        (["retry", "--project", "nowhere"], 2, "nowhere"),
        (["again"], 2, "again"),
    ],
)
def test_a_retry_that_cannot_be_meant_queues_nothing(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    site = write_site(tmp_path)
    milepost("ingest", "events.jsonl", cwd=site, **EVENTS)
    done = milepost("messages", *arguments, cwd=site, check=False, **EVENTS)
    assert done.returncode == code
    assert said in done.stderr
