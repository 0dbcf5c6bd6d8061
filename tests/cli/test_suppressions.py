"""`milepost suppressions`, and what `milepost messages` says of those that may have been sent."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.model.messages import Status
from engine.store.sqlite import SqliteStore
from tests.cli.conftest import Call
from tests.cli.sites import line, write_lines, write_site
from tests.support import POLICY, write_project

MAIL = ("W@Example.cn", "--channel", "email")


@pytest.fixture
def site(tmp_path: Path, call: Call) -> Path:
    write_site(tmp_path)
    assert call("ingest", "events.jsonl", cwd=tmp_path).code == 0
    return tmp_path


def test_an_address_is_put_on_the_list_shown_by_its_hash_and_taken_off(site: Path, call: Call) -> None:
    assert call("suppressions", "check", *MAIL, cwd=site).code == 0
    added = call("suppressions", "add", *MAIL, "--reason", "complained", cwd=site)
    assert added.stdout == "on the list, as complained\n"
    assert call("suppressions", "add", *MAIL, cwd=site).stdout == "on the list, as by hand\n"
    listed = call("suppressions", "list", cwd=site)
    assert {line[25:38].strip() for line in listed.stdout.splitlines()} == {"by hand", "complained"}
    assert "2 shown; in all: 1 email by hand, 1 email complained" in listed.stderr
    assert "example" not in (listed.stdout + listed.stderr).lower()
    found = call("suppressions", "check", "w@example.cn", "--channel", "email", "--format", "json", cwd=site)
    told = json.loads(found.stdout)
    assert (found.code, told["suppressed"], len(told["suppressions"])) == (1, True, 2)
    one = call("suppressions", "remove", *MAIL, "--reason", "by hand", cwd=site)
    assert one.stdout == "off the list, where it was as by hand\n"
    assert call("suppressions", "check", *MAIL, cwd=site).code == 1
    assert call("suppressions", "remove", *MAIL, cwd=site).code == 0
    assert call("suppressions", "check", *MAIL, cwd=site).stdout == "not on the list\n"
    assert call("suppressions", "remove", *MAIL, cwd=site).stdout == "not on the list\n"


def test_a_mobile_is_known_however_it_is_written(site: Path, call: Call) -> None:
    assert call("suppressions", "add", "138 0000", "--channel", "sms", cwd=site).code == 2
    assert call("suppressions", "add", "138 0000 0001", "--channel", "sms", cwd=site).code == 0
    assert call("suppressions", "check", "+86 13800000001", "--channel", "sms", cwd=site).code == 1
    told = json.loads(call("suppressions", "list", "--format", "json", cwd=site).stdout)
    assert told["counts"] == [{"channel": "sms", "reason": "by hand", "count": 1}]
    assert len(told["suppressions"][0]["hash"]) == 64


def test_what_is_no_address_is_refused(site: Path, call: Call) -> None:
    refused = call("suppressions", "add", "nobody", "--channel", "email", cwd=site)
    assert refused.code == 2
    assert "no address for email" in refused.stderr


@pytest.mark.parametrize(
    ("policy", "becomes"),
    [
        ("", None),
        ("unsettled: {after: 3 days, then: failed}\n", {"at": "2025-03-11T14:20:00+08:00", "then": "failed"}),
        (
            "unsettled: {after: 1 day, then: send again}\n",
            {"at": "2025-03-09T14:20:00+08:00", "then": "send again"},
        ),
        (
            "unsettled: {after: 30 days, then: send again}\n",
            {"at": "2025-04-07T14:20:00+08:00", "then": "failed"},
        ),
    ],
    ids=["left", "failed", "sent again", "too late"],
)
def test_one_that_may_have_been_sent_is_shown_with_what_to_do(
    tmp_path: Path, call: Call, policy: str, becomes: dict[str, str] | None
) -> None:
    at_once = "purpose: care\nstart: {on: purchase.recorded}\nsteps:\n  - send: hello\n    by: sms\n"
    write_project(tmp_path, {"hello": at_once}, policy=POLICY + policy)
    write_lines(tmp_path / "events.jsonl", [line(1), line(2)])
    assert call("ingest", "events.jsonl", cwd=tmp_path).code == 0
    store = SqliteStore(tmp_path / "milepost.db")
    lost, sent = store.claim(datetime(2026, 1, 1, tzinfo=UTC), 9)
    store.settle(
        [
            replace(lost, message=replace(lost.message, status=Status.UNKNOWN), tried_at=lost.message.at),
            replace(sent, message=replace(sent.message, status=Status.SENT)),
        ]
    )
    store.close()
    shown = json.loads(call("messages", "--format", "json", cwd=tmp_path).stdout)["messages"]
    [told] = [one for one in shown if one["status"] == "unknown"]
    assert told["becomes"] == becomes
    assert "milepost messages retry" in told["what_to_do"]
    assert told["tried_at"] == "2025-03-08T14:20:00+08:00"
    assert ["what_to_do" in one for one in shown if one["status"] == "sent"] == [False]
    text = call("messages", "--status", "unknown", cwd=tmp_path).stderr
    assert "unknown, by sms: A receipt settles it" in text
    assert ("stay unknown" in text) is (becomes is None)
    assert "unknown" not in call("messages", "--status", "sent", cwd=tmp_path).stderr
