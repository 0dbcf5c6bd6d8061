"""What comes back by mail → events: reports of delivery (RFC 3464) and of complaints (ARF, RFC 5965), mails that say
in plain words that something could not be delivered, and those that ask for no more.

Nothing is believed of a mail that does not hold an address of ours with its signature: for reports anywhere, as they
hold the message that they speak of; for plain mails in the address that they came to, and they must look as if a
machine had sent them. No words of a person are kept, nor any address.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import Message as Mail
from email.parser import BytesParser
from email.policy import compat32
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any

from engine.channels.hooks import Heard
from engine.channels.smtp.replies import Reply
from engine.channels.smtp.tokens import For, ReturnAddress
from engine.channels.smtp.verdicts import told
from engine.model.ids import derive

MOST_BYTES = 1024 * 1024
"""Of a mail no more is read: what it returns of the message may be long."""
SOURCE = "/providers/smtp"

_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
_COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "opt-out-list", "miscategorized", "virus", "other"})
_MACHINE = re.compile(r"(?i)\b(mailer-daemon|postmaster|mail-daemon|mdaemon)@")
_DELAYED = re.compile(r"(?i)delayed|warning|延迟|延误")
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?=[ -])")
_OF_THE_MESSAGE = re.compile(r"5\.(2\.[23]|3\.\d+|6\.\d+|7\.\d+)")
"""Though final, these say nothing of the address: its mailbox is full, the message is too large, or unwanted there."""

AddressOf = Callable[[str], str | None]
"""Where a message went, by its id; None for one that nobody knows."""


class _Ignored(Exception):  # noqa: N818 - named for what happens to it
    """Its text is the kind."""


def heard(raw: bytes, returns: ReturnAddress, now: datetime, address_of: AddressOf) -> Heard:
    """What one mail says. Never raises; what is none of ours is ignored, by kind."""
    try:
        mail = BytesParser(policy=compat32).parsebytes(raw[:MOST_BYTES])
        kind, message_id, more = _read(mail, raw, returns, address_of)
    except _Ignored as kind_of:
        return Heard(ignored={str(kind_of): 1})
    except Exception:  # whatever somebody has made of it, the next mail is read
        return Heard(ignored={"no mail that can be read": 1})
    named = str(mail.get("Message-ID") or "") or sha256(raw).hexdigest()
    event = {
        "specversion": "1.0",
        "id": derive("smtp", kind, message_id, named),
        "source": SOURCE,
        "type": kind,
        "time": _sent_at(mail, now).isoformat(),
        "data": {"message_id": message_id, **more},
    }
    return Heard(events=(event,))


Read = tuple[str, str, dict[str, Any]]


def _read(mail: Mail, raw: bytes, returns: ReturnAddress, address_of: AddressOf) -> Read:
    to = returns.found(" ".join(str(one) for field in _TO for one in mail.get_all(field, ())))
    report = str(mail.get_param("report-type") or "").lower()
    if mail.get_content_type() == "multipart/report" and report in ("delivery-status", "feedback-report"):
        found = to or returns.found(raw[:MOST_BYTES].decode("ascii", "replace"))
        if found is None:
            raise _Ignored("report of a message that is none of ours")
        return _delivery(mail, found[1]) if report == "delivery-status" else _complaint(mail, found[1])
    if to is None:
        raise _Ignored("mail that is no report")
    purpose, message_id = to
    if purpose is For.UNSUBSCRIBE:
        return _unsubscribed(mail, message_id, address_of)
    return _in_plain_words(mail, message_id)


def _delivery(mail: Mail, message_id: str) -> Read:
    """By the fields of each recipient (RFC 3464, section 2.3), of whom a message of ours has one."""
    recipients = [block for block in _blocks(mail, "delivery-status") if block.get("Action")]
    actions = {str(one["Action"]).split()[0].lower(): one for one in recipients}
    if failed := actions.get("failed"):
        status = _STATUS.search(str(failed.get("Status") or ""))
        words = str(failed.get("Diagnostic-Code") or "").partition(";")[2]
        return _bounced(message_id, status[0] if status else "", words)
    if "delivered" in actions:
        return "message.delivered", message_id, {}
    raise _Ignored("delivery delayed" if "delayed" in actions else "report that settles nothing")


def _complaint(mail: Mail, message_id: str) -> Read:
    told = (str(one.get("Feedback-Type") or "").strip().lower() for one in _blocks(mail, "feedback-report"))
    kind = next(filter(None, told), "")
    if kind not in _COMPLAINTS:
        raise _Ignored("report that is no complaint")
    return "message.complained", message_id, {"reason": kind}


def _unsubscribed(mail: Mail, message_id: str, address_of: AddressOf) -> Read:
    if _by_a_machine(mail):
        raise _Ignored("automatic reply")
    address = address_of(message_id)
    if address is None:
        raise _Ignored("wish for no more mail of a message that is not known")
    said = {"customer": {"email": address}, "channel": "email", "purpose": "all"}
    return "consent.withdrawn", message_id, {**said, "proof": "mail to the message's address for that"}


def _in_plain_words(mail: Mail, message_id: str) -> Read:
    sent_back = mail.get("X-Failed-Recipients") or _MACHINE.search(str(mail.get("From") or ""))
    if not sent_back and str(mail.get("Return-Path") or "").strip() != "<>":
        raise _Ignored("automatic reply" if _by_a_machine(mail) else "reply")
    if not sent_back and _by_a_machine(mail) and "X-Autoreply" in mail:
        raise _Ignored("automatic reply")
    words = _words(mail)
    status = _STATUS.search(words) or _CODE.search(words)
    if _DELAYED.search(str(mail.get("Subject") or "")) and not (status and status[1].startswith("5")):
        raise _Ignored("delivery delayed")
    if status is None:
        return _bounced(message_id, "", "")
    if "." in status[0]:
        return _bounced(message_id, status[0], "")
    return _bounced(message_id, "5.0.0" if status[0].startswith("5") else "4.0.0", "")


def _bounced(message_id: str, status: str, words: str) -> Read:
    permanent = status.startswith("5.") and not _OF_THE_MESSAGE.fullmatch(status)
    code = 500 if status.startswith("5") else 400
    reason = told(Reply(code, status, (words,)))[len(f"{code} ") :]
    return "message.bounced", message_id, {"reason": reason or "returned", "permanent": permanent}


def _by_a_machine(mail: Mail) -> bool:
    """RFC 3834, and what was there before it."""
    said = str(mail.get("Auto-Submitted") or "no").lower()
    return (
        not said.startswith("no")
        or "X-Autoreply" in mail
        or str(mail.get("Return-Path") or "").strip() == "<>"
    )


def _blocks(mail: Mail, subtype: str) -> Iterator[Mail]:
    """The groups of fields of a report's part of this type."""
    for part in mail.walk():
        if part.get_content_type() not in (f"message/{subtype}", f"message/global-{subtype}"):
            continue
        payload = part.get_payload()
        if isinstance(payload, list):
            for one in payload:
                if isinstance(one, Mail):
                    yield one
                    yield from _fields(one.get_payload())  # what followed an empty line
        else:
            yield from _fields(payload)


def _fields(text: Any) -> Iterator[Mail]:
    if isinstance(text, str):
        for block in re.split(r"\r?\n\r?\n", text):
            yield BytesParser(policy=compat32).parsebytes(block.encode("utf-8", "replace"), headersonly=True)


def _words(mail: Mail) -> str:
    """The first text."""
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                return payload[:65536].decode("ascii", "replace")
    return ""


def _sent_at(mail: Mail, now: datetime) -> datetime:
    """By its date, where that can be."""
    try:
        at = parsedate_to_datetime(str(mail.get("Date")))
    except ValueError:
        return now
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(at, now)
