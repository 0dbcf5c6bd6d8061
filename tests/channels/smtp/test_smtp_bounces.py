"""What comes back by mail: believed where it holds our signature, and read as what it says."""

import mailbox
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.channels.hooks import Heard
from engine.channels.mime import build
from engine.channels.smtp import bounces
from engine.channels.smtp.mailboxes import mails_of
from engine.channels.smtp.tokens import ReturnAddress
from engine.model.errors import UsageError
from tests.channels.smtp.smtp_world import RETURNS, SHANGHAI, outgoing
from tests.contracts.samples import message

NOW = datetime(2025, 4, 1, tzinfo=UTC)
ID = message(1).id
BACK = RETURNS.of(ID)
FORGED = ReturnAddress("bounces@care.example.com", b"other" * 8).of(ID)
OUR_MAIL = build(outgoing(1), SHANGHAI, BACK).head.decode()


def heard(raw: str | bytes, known: str | None = "w1@example.cn") -> Heard:
    data = raw.encode() if isinstance(raw, str) else raw
    return bounces.heard(data, RETURNS, NOW, lambda message_id: known if message_id == ID else None)


def event(raw: str | bytes) -> dict[str, Any]:
    [one] = heard(raw).events
    return one


def report(action: str = "failed", status: str = "5.1.1", to: str = BACK.bounce, more: str = "") -> str:
    return f"""\
Return-Path: <>
Delivered-To: {to}
Date: Mon, 10 Mar 2025 09:00:00 +0800
From: Mail Delivery System <MAILER-DAEMON@mx.example.com>
To: {to}
Message-ID: <report-1@mx.example.com>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type="delivery-status"; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

It did not work.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; wang@example.cn
Action: {action}
Status: {status} (as it says)
Diagnostic-Code: smtp; 550 {status} <wang@example.cn>: no such user
{more}
--b
Content-Type: text/rfc822-headers

{{head}}
--b--
"""


def with_our_mail(text: str) -> str:
    return text.replace("{head}", OUR_MAIL)


def test_a_report_of_failure_is_a_bounce() -> None:
    assert event(with_our_mail(report())) == {
        "specversion": "1.0",
        "id": event(report())["id"],
        "source": "/providers/smtp",
        "type": "message.bounced",
        "time": "2025-03-10T09:00:00+08:00",
        "data": {"message_id": ID, "reason": "5.1.1 550 5.1.1 … no such user", "permanent": True},
    }


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        *((one, True) for one in ("5.1.1", "5.1.10", "5.2.1", "5.0.0", "5.4.4")),
        *((one, False) for one in ("4.4.7", "5.2.2", "5.3.4", "5.7.1", "")),
    ],
)
def test_only_what_says_that_the_address_is_no_good_is_permanent(status: str, permanent: bool) -> None:
    assert event(report(status=status))["data"]["permanent"] == permanent


@pytest.mark.parametrize(
    ("action", "kind"),
    [("delayed", "delivery delayed"), ("relayed", "report that settles nothing")],
)
def test_what_settles_nothing_is_ignored(action: str, kind: str) -> None:
    assert heard(report(action)) == Heard(ignored={kind: 1})


def test_a_report_of_success_is_a_delivery() -> None:
    assert event(report("delivered", "2.1.5"))["type"] == "message.delivered"


def test_the_same_report_is_the_same_event_and_another_one_another() -> None:
    assert event(report())["id"] == event(report().replace("Delivered-To", "X-Original-To"))["id"]
    assert event(report())["id"] != event(report().replace("report-1", "report-2"))["id"]


@pytest.mark.parametrize(
    "address", [FORGED.bounce, f"bounces+b{'0' * 48}@care.example.com", "bounces@care.example.com"]
)
def test_without_our_signature_nothing_is_believed(address: str) -> None:
    assert heard(report(to=address)) == Heard(ignored={"report of a message that is none of ours": 1})
    changed = BACK.bounce.replace(ID, message(2).id)
    assert heard(report(to=changed)).events == ()


def test_a_report_that_went_another_way_is_known_by_the_mail_that_it_returns() -> None:
    assert event(with_our_mail(report(to="postmaster@care.example.com")))["data"]["message_id"] == ID


def test_addresses_may_have_become_capitals_on_the_way() -> None:
    assert event(report(to=BACK.bounce.upper()))["type"] == "message.bounced"


def complaint(kind: str) -> str:
    return f"""\
From: feedback@isp.example
To: abuse@care.example.com
Date: Mon, 10 Mar 2025 09:00:00 +0800
Message-ID: <complaint-1@isp.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an email abuse report.
--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Example/1.0
Version: 1
Original-Mail-From: <{BACK.bounce}>

--b
Content-Type: message/rfc822

{OUR_MAIL}
text
--b--
"""


def test_a_complaint_is_one() -> None:
    told = event(complaint("abuse"))
    assert (told["type"], told["data"]) == ("message.complained", {"message_id": ID, "reason": "abuse"})


def test_that_it_is_no_spam_is_no_complaint() -> None:
    assert heard(complaint("not-spam")) == Heard(ignored={"report that is no complaint": 1})


def plain(to: str = BACK.bounce, text: str = "unknown user", **headers: str) -> bytes:
    mail = EmailMessage()
    mail["Return-Path"] = "<>"
    mail["From"] = "PostMaster@qq.com"
    mail["To"] = to
    mail["Subject"] = "系统退信/The email is returned"
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


@pytest.mark.parametrize(
    ("text", "reason", "permanent"),
    [
        ("无法送达。Host mx.example.cn said: 550 5.1.1 <wang@example.cn> unknown", "5.1.1", True),
        ("远程服务器返回：550 Mailbox not found", "5.0.0", True),
        ("552 5.2.2 mailbox full", "5.2.2", False),
        ("您的邮件被退回。", "returned", False),
        ("server 10.5.1.1 did not answer", "returned", False),
    ],
)
def test_a_mail_of_a_machine_in_plain_words_is_a_bounce(text: str, reason: str, permanent: bool) -> None:
    told = event(plain(text=text))
    assert told["type"] == "message.bounced"
    assert told["data"] == {"message_id": ID, "reason": reason, "permanent": permanent}


@pytest.mark.parametrize(
    "headers",
    [
        {"Return_Path": "<wang@example.cn>", "From": "wang@example.cn", "Subject": "Re: tyres"},
        {"Return_Path": "<wang@example.cn>", "From": "wang@example.cn", "Auto_Submitted": "auto-replied"},
        {"From": "wang@example.cn", "X_Autoreply": "yes", "Auto_Submitted": "auto-replied"},
        {"Subject": "Warning: message delayed 24 hours"},
    ],
)
def test_what_people_and_their_absence_answer_is_no_bounce(headers: dict[str, str]) -> None:
    assert heard(plain(**headers)).events == ()


def test_who_asks_for_no_more_gets_none() -> None:
    mail = plain(BACK.unsubscribe, Return_Path="<wang@elsewhere.example>", From="wang@elsewhere.example")
    told = event(mail)
    assert told["type"] == "consent.withdrawn"
    assert told["data"]["customer"] == {"email": "w1@example.cn"}  # where it was sent, not who says to write
    assert (told["data"]["channel"], told["data"]["purpose"]) == ("email", "all")
    assert heard(mail, known=None).events == ()
    forged = plain(FORGED.unsubscribe, Return_Path="<a@b.example>", From="a@b.example")
    assert heard(forged).events == ()
    assert (
        heard(plain(BACK.bounce.replace("+b", "+u"), Return_Path="<a@b.example>", From="a@b.example")).events
        == ()
    )


@given(st.binary(max_size=600), st.integers(0, 1500))
def test_whatever_comes_nothing_is_raised(noise: bytes, at: int) -> None:
    raw = report().encode()
    for mail in (noise, raw[:at] + noise + raw[at:]):
        assert heard(mail).events == () or heard(mail).events[0]["data"]["message_id"] == ID


def test_the_date_is_never_that_of_a_future() -> None:
    late = report().replace("2025 09:00", "2035 09:00")
    assert event(late)["time"] == NOW.isoformat()
    assert event(report().replace("Date:", "X-Date:"))["time"] == NOW.isoformat()


def test_mails_are_found_in_files_mailboxes_and_folders(tmp_path: Path) -> None:
    mails = [plain(text=f"{n}\n\nFrom here on\n") for n in range(3)]
    (tmp_path / "one.eml").write_bytes(mails[0])
    assert [raw for _, raw in mails_of(tmp_path / "one.eml")] == mails[:1]
    box = mailbox.mbox(tmp_path / "box")
    folder = mailbox.Maildir(tmp_path / "dir")
    for mail in mails:
        box.add(mail)
        folder.add(mail)
    box.close()
    read = [raw.rstrip().replace(b">From", b"From") for _, raw in mails_of(tmp_path / "box")]
    assert read == [one.rstrip() for one in mails]
    assert sorted(raw for _, raw in mails_of(tmp_path / "dir")) == sorted(mails)
    assert [raw for _, raw in mails_of(tmp_path)] == mails[:1]


@pytest.mark.parametrize(
    "address", ["", "bounces", "bounces@host", "a b@care.example.com", f"{'b' * 15}@care.example.com"]
)
def test_an_address_that_cannot_be_used_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="MILEPOST_BOUNCE_ADDRESS"):
        ReturnAddress(address, b"")


def test_the_longest_address_is_one_that_servers_take() -> None:
    back = ReturnAddress(f"{'b' * 14}@care.example.com", b"k").of(ID)
    assert len(back.bounce.partition("@")[0]) == 64
