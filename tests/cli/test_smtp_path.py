"""From the ledger to a mail server and back, from outside: `doctor`, `run`, what arrived, what came back, `ingest --as
bounces`, what the ledger says then."""

import email
import json
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from tests.channels.smtp.test_smtp_postfix import until
from tests.cli.sites import line, write_lines
from tests.services.postfix import GONE, KEPT, Postfix
from tests.services.server import HOST
from tests.services.smtp_scripted import Scripted
from tests.support import milepost, write_project

JOURNEY = """\
    purpose: care
    start: {on: purchase.recorded, per: vehicle}
    steps:
      - send: hello
        by: email
    """
EMAIL = "---\nsubject: 您好，{{ customer.name }}\n---\n<p>{{ customer.name }}，您好</p>\n"
AGREED = [{"channel": "email", "purpose": "care", "granted": True}]
BOUNCES = {"MILEPOST_BOUNCE_ADDRESS": f"bounces@{KEPT}", "MILEPOST_PUBLIC_URL": "https://care.example.net"}


def project(site: Path, *addresses: str) -> None:
    """A project that writes at once, and a purchase of this moment by each."""
    write_project(site, {"welcome": JOURNEY}, files={"templates/hello/email.zh-CN.html": EMAIL})
    now = datetime.now(UTC).isoformat()
    lines = []
    for number, address in enumerate(addresses, 1):
        whole = {**line(number, consent=AGREED), "time": now}
        whole["data"]["customer"] |= {"name": "王芳", "email": address}
        lines.append(whole)
    write_lines(site / "events.jsonl", lines)
    milepost("ingest", "events.jsonl", cwd=site)


def ledger(site: Path, **ways: str) -> dict[str, dict[str, Any]]:
    """By message id."""
    said = milepost("messages", "--format", "jsonl", cwd=site, **ways).stdout
    return {one["message_id"]: one for one in map(json.loads, said.splitlines())}


@pytest.mark.xdist_group("postfix")
def test_what_cannot_be_delivered_comes_back_and_settles_its_message(
    tmp_path: Path, postfix: Postfix
) -> None:
    ways = {"MILEPOST_EMAIL": f"smtp://{HOST}:{postfix.port}", **BOUNCES}
    project(tmp_path, f"whole-circle@{KEPT}", f"nobody@{GONE}")
    checked = milepost("doctor", cwd=tmp_path, check=False, **ways).stdout
    assert f"email: mail server {HOST}:{postfix.port}" in checked
    milepost("run", "--until-idle", cwd=tmp_path, **ways)
    sent = ledger(tmp_path, **ways)
    assert [one["status"] for one in sent.values()] == ["sent", "sent"]

    box = postfix.mail / "bounces"
    until(lambda: any(id_ in path.read_text("utf-8") for path in box.glob("new/*") for id_ in sent))
    first = milepost("ingest", "--as", "bounces", str(box), cwd=tmp_path, **ways).stdout
    again = milepost("ingest", "--as", "bounces", str(box), cwd=tmp_path, **ways).stdout
    assert ("1 accepted" in first, "1 duplicate" in again) == (True, True)
    assert sorted(one["status"] for one in ledger(tmp_path, **ways).values()) == ["bounced", "sent"]

    [arrived] = [
        read
        for raw in postfix.kept("customers")
        if (read := email.message_from_bytes(raw, policy=default))["Message-ID"].strip("<>").split("@")[0]
        in sent
    ]
    assert arrived["Subject"] == "您好，王芳"
    assert arrived["Return-Path"].startswith("<bounces+b")
    assert "https://care.example.net/u/" in arrived["List-Unsubscribe"]
    suppressed = milepost("suppressions", "list", cwd=tmp_path, **ways).stdout
    assert "email" in suppressed


def test_a_password_in_the_address_is_shown_nowhere(tmp_path: Path) -> None:
    project(tmp_path, "w1@example.cn")
    with Scripted(extensions=("AUTH PLAIN",)) as server:
        ways = {"MILEPOST_EMAIL": f"smtp://care:topsecret@{HOST}:{server.port}"}
        told = milepost("doctor", cwd=tmp_path, check=False, **ways)
        ran = milepost("run", "--until-idle", cwd=tmp_path, check=False, **ways)
    said = told.stdout + told.stderr + ran.stdout + ran.stderr
    assert "did not take the login" in said
    assert "topsecret" not in said
    assert [one["status"] for one in ledger(tmp_path).values()] == ["queued"]


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ({"MILEPOST_EMAIL": "smtp://u@mail.example.com"}, "MILEPOST_SMTP_PASSWORD"),
        ({"MILEPOST_EMAIL": "smtp://localhost", "MILEPOST_BOUNCE_ADDRESS": "x"}, "MILEPOST_BOUNCE_ADDRESS"),
        (
            {"MILEPOST_EMAIL": "smtp://localhost", "MILEPOST_DKIM_KEY_FILE": "key.pem"},
            "MILEPOST_DKIM_SELECTOR",
        ),
        (
            {
                "MILEPOST_EMAIL": "smtp://localhost",
                "MILEPOST_DKIM_KEY_FILE": "missing.pem",
                "MILEPOST_DKIM_SELECTOR": "a",
            },
            "missing.pem cannot be read",
        ),
    ],
)
def test_settings_that_cannot_work_are_told_before_anything_is_sent(
    tmp_path: Path, ways: dict[str, str], said: str
) -> None:
    project(tmp_path, "w1@example.cn")
    done = milepost("run", "--until-idle", cwd=tmp_path, check=False, **ways)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_bounces_cannot_be_told_from_other_mail_without_their_address(tmp_path: Path) -> None:
    project(tmp_path, "w1@example.cn")
    (tmp_path / "one.eml").write_text("Subject: x\n\nx\n", "utf-8")
    done = milepost("ingest", "--as", "bounces", "one.eml", cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert "MILEPOST_BOUNCE_ADDRESS" in done.stderr
    passed_by = milepost("ingest", "--as", "bounces", "one.eml", cwd=tmp_path, **BOUNCES)
    assert "0 accepted" in passed_by.stdout
    assert passed_by.stderr == "  1 mail passed by: nothing there settles a message of ours\n"
