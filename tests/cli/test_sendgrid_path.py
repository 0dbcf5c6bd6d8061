"""From the ledger to SendGrid and back, from outside: `run`, what SendGrid took, its webhook at the `gateway`, what the
ledger says then."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.sites import line, write_lines
from tests.services.sendgrid.client import SendGrid
from tests.support import CACHE, milepost, write_project

JOURNEY = """\
    purpose: care
    start: {on: purchase.recorded, per: vehicle}
    steps:
      - send: hello
        by: email
    """
EMAIL = "---\nsubject: 您好，{{ customer.name }}\n---\n<p>{{ customer.name }}，您好</p>\n"
AGREED = [{"channel": "email", "purpose": "care", "granted": True}]


@pytest.fixture
def ways(sendgrid: SendGrid) -> dict[str, str]:
    return {
        "MILEPOST_EMAIL": "sendgrid",
        "SENDGRID_API_KEY": sendgrid.key,
        "MILEPOST_SENDGRID_URL": sendgrid.url,
        "MILEPOST_SENDGRID_WEBHOOK_KEY": sendgrid.webhook_key(),
        "MILEPOST_PUBLIC_URL": "https://care.example.net",
    }


@pytest.fixture
def today(tmp_path: Path) -> Path:
    """A project that writes at once, and four purchases of this moment."""
    write_project(tmp_path, {"welcome": JOURNEY}, files={"templates/hello/email.zh-CN.html": EMAIL})
    now = datetime.now(UTC).isoformat()
    people = ["王芳", "Tom & Söhne", "李雷", "韩梅梅"]
    lines = [buys(n, name, now) for n, name in enumerate(people, 1)]
    write_lines(tmp_path / "events.jsonl", lines)
    milepost("ingest", "events.jsonl", cwd=tmp_path)
    return tmp_path


def buys(number: int, name: str, now: str) -> dict[str, Any]:
    whole = {**line(number, consent=AGREED), "time": now}
    whole["data"]["customer"]["name"] = name
    return whole


def ledger(site: Path, **ways: str) -> dict[str, dict[str, Any]]:
    """By message id."""
    said = milepost("messages", "--format", "jsonl", cwd=site, **ways).stdout
    return {one["message_id"]: one for one in map(json.loads, said.splitlines())}


@contextmanager
def gateway(site: Path, **ways: str) -> Iterator[str]:
    """The address at which SendGrid's posts are heard."""
    command = [sys.executable, "-m", "engine.cli.main", "gateway", "--port", "0"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path), "MILEPOST_CACHE_DIR": CACHE}
    with subprocess.Popen(
        command, cwd=site, env={**environment, **ways}, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stderr is not None
            for said in running.stderr:
                if found := re.search(r"listening on (\S+);", said):
                    yield f"{found[1]}/hooks/sendgrid"
                    break
        finally:
            running.terminate()


def test_messages_go_out_as_a_form_and_receipts_come_back(
    today: Path, sendgrid: SendGrid, ways: dict[str, str]
) -> None:
    milepost("run", "--until-idle", cwd=today, **ways)
    sent = ledger(today, **ways)
    assert {one["status"] for one in sent.values()} == {"sent"}
    assert len(sendgrid.requests()) == 1
    taken = {one["custom_args"]["message_id"]: one for one in sendgrid.taken()}
    assert set(taken) == set(sent)
    by_address = {one["to"]: one for one in taken.values()}
    assert by_address["c1@example.cn"]["subject"] == "您好，王芳"
    assert by_address["c2@example.cn"]["subject"] == "您好，Tom & Söhne"
    assert "Tom &amp; Söhne，您好" in by_address["c2@example.cn"]["contents"]["text/html"]
    assert by_address["c3@example.cn"]["headers"]["List-Unsubscribe"].startswith(
        "<https://care.example.net/u/"
    )
    with gateway(today, **ways) as hook:
        everything = {"copies": 2, "shuffled": True, "batch": 3}
        first, second = ["c1@example.cn", "c2@example.cn"], ["c3@example.cn", "c4@example.cn"]
        assert set(
            sendgrid.post_webhooks(hook, "processed", "delivered", "open", to=first, **everything)
        ) == {200}
        assert sendgrid.post_webhooks(hook, "bounce", to=second[:1]) == [200]
        assert sendgrid.post_webhooks(hook, "delivered", "spamreport", to=second[1:]) == [200]
        assert sendgrid.post_webhooks(hook, "bounce", to=first, age_s=3600) == [403]
    milepost("run", "--until-idle", cwd=today, **ways)
    status = {taken[one]["to"]: row["status"] for one, row in ledger(today, **ways).items()}
    assert status == {
        "c1@example.cn": "delivered",
        "c2@example.cn": "delivered",
        "c3@example.cn": "bounced",
        "c4@example.cn": "delivered",
    }
    assert not (today / "delivered").exists()


def test_who_bounced_or_complained_is_written_to_no_more(
    today: Path, sendgrid: SendGrid, ways: dict[str, str]
) -> None:
    milepost("run", "--until-idle", cwd=today, **ways)
    with gateway(today, **ways) as hook:
        sendgrid.post_webhooks(hook, "bounce", to=["c1@example.cn"])
        sendgrid.post_webhooks(hook, "delivered", "spamreport", to=["c2@example.cn"])
        sendgrid.post_webhooks(hook, "delivered", "unsubscribe", to=["c3@example.cn"])
        sendgrid.post_webhooks(hook, "delivered", to=["c4@example.cn"])
    sendgrid.reset()
    again = [buys(n, "王芳", datetime.now(UTC).isoformat()) for n in (1, 2, 3, 4)]
    for one in again:
        one["id"] += "-again"
        one["data"]["vehicle"]["plate"] = one["data"]["vehicle"]["plate"].replace("京A", "京B")
        del one["data"]["consent"]
    write_lines(today / "again.jsonl", again)
    milepost("ingest", "again.jsonl", cwd=today, **ways)
    milepost("run", "--until-idle", cwd=today, **ways)
    assert [one["to"] for one in sendgrid.taken()] == ["c4@example.cn"]


def test_what_may_have_been_taken_is_unknown_until_the_webhook_tells(
    today: Path, sendgrid: SendGrid, ways: dict[str, str]
) -> None:
    sendgrid.befall({"cut": "after"})
    milepost("run", "--until-idle", cwd=today, check=False, **ways)
    assert {one["status"] for one in ledger(today, **ways).values()} == {"unknown"}
    milepost("run", "--until-idle", cwd=today, check=False, **ways)
    assert sendgrid.counts()["requests"] == 1
    with gateway(today, **ways) as hook:
        sendgrid.post_webhooks(hook, "processed", "delivered")
    assert {one["status"] for one in ledger(today, **ways).values()} == {"delivered"}


def test_an_outage_costs_nothing(today: Path, sendgrid: SendGrid, ways: dict[str, str]) -> None:
    sendgrid.befall({"status": 503, "retry_after": 300, "times": None})
    refused = milepost("run", "--until-idle", cwd=today, check=False, **ways)
    assert refused.returncode == 3
    assert "SendGrid has trouble of its own (503)" in refused.stderr
    assert {(one["status"], one["attempts"]) for one in ledger(today, **ways).values()} == {("queued", 0)}
    sendgrid.reset()
    milepost("run", "--until-idle", cwd=today, **ways)
    assert len(set(sendgrid.ids())) == len(sendgrid.ids()) == 4


def test_doctor_asks_for_the_key_and_sends_nothing(
    today: Path, sendgrid: SendGrid, ways: dict[str, str]
) -> None:
    well = milepost("doctor", cwd=today, **ways)
    assert f"email: by SendGrid, {sendgrid.url}" in well.stdout
    assert sendgrid.key not in well.stdout
    wrong = milepost("doctor", cwd=today, check=False, **{**ways, "SENDGRID_API_KEY": "SG.s3cret"})
    assert wrong.returncode == 3
    assert "SendGrid does not know the API key" in wrong.stdout
    assert "s3cret" not in wrong.stdout + wrong.stderr
    assert sendgrid.counts()["requests"] == 0


NEWS = """\
journey: news
purpose: care
start: {schedule: on-demand, audience: customer.email}
steps:
  - send: hello
    by: email
"""


def test_what_becomes_of_test_copies_is_passed_by(
    today: Path, sendgrid: SendGrid, ways: dict[str, str]
) -> None:
    (today / "journeys" / "news.yaml").write_text(NEWS, "utf-8")
    milepost("broadcast", "news", "--test", "me@example.com", "boss@example.com", cwd=today, **ways)
    with gateway(today, **ways) as hook:
        sendgrid.post_webhooks(hook, "processed", "delivered", "open", to=["me@example.com"])
        sendgrid.post_webhooks(hook, "bounce", to=["boss@example.com"])
    assert len(sendgrid.taken()) == 2
    assert milepost("rejected", "list", "--format", "jsonl", cwd=today, **ways).stdout == ""
    assert milepost("suppressions", "list", "--format", "jsonl", cwd=today, **ways).stdout == ""
