"""The whole email."""

from base64 import encodebytes
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import msgspec

from engine.channels.mime.headers import checked, mailbox, parameter, unstructured, uri
from engine.model.errors import DeliveryError
from engine.ports import Attachment, Outgoing, Rendered

_NOWHERE = "milepost.invalid"
"""In place of a domain where the brand has no sender (RFC 2606, section 2): such an email cannot go out."""

_CRLF = b"\r\n"


class Email(msgspec.Struct, frozen=True, kw_only=True):
    """`content` is the email, lines ended by CR LF."""

    message_id: str
    sender: str
    recipient: str
    content: bytes


def build(outgoing: Outgoing, zone: ZoneInfo) -> Email:
    """The email for a message, whose `address` has `email` and perhaps `name`; dated in `zone`. Raises a
    permanent `DeliveryError` where its headers cannot be written."""
    message, rendered = outgoing.message, outgoing.rendered
    recipient = str(message.address.get("email") or "")
    if not recipient:
        raise DeliveryError("The message has no email address.", permanent=True)
    sender = rendered.sender.get("email") or f"no-reply@{_NOWHERE}"
    message_id = f"<{message.id}@{sender.rpartition('@')[2]}>"
    fields = [
        ("From", mailbox(rendered.sender.get("name", ""), sender, "sender")),
        ("To", mailbox(str(message.address.get("name") or ""), recipient, "recipient")),
        ("Subject", unstructured(rendered.subject, "subject")),
        ("Date", format_datetime(message.at.astimezone(zone))),
        ("Message-ID", message_id),
        *_unsubscribing(rendered, sender, message.id),
        ("MIME-Version", "1.0"),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return Email(
        message_id=message_id,
        sender=sender,
        recipient=recipient,
        content=head.encode("ascii") + _body(rendered, message.id),
    )


def _unsubscribing(rendered: Rendered, sender: str, message_id: str) -> list[tuple[str, str]]:
    """How to stop: at a web address, in one click where that is safe (RFC 8058), else by an email to the
    sender."""
    url = rendered.unsubscribe_url
    if not url:
        return [("List-Unsubscribe", uri(f"mailto:{sender}?subject=unsubscribe%20{message_id}", "sender"))]
    field = ("List-Unsubscribe", uri(url, "link to unsubscribe"))
    if not url.startswith("https://"):
        return [field]
    return [field, ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]


def _body(rendered: Rendered, message_id: str) -> bytes:
    parts = []
    if rendered.text:
        parts.append(_text("plain", rendered.text))
    if rendered.html:
        parts.append(_text("html", rendered.html))
    if not parts:
        raise DeliveryError("The email was rendered without a text.", permanent=True)
    body = parts[0] if len(parts) == 1 else _multipart("alternative", f"=_{message_id}_a", parts)
    if rendered.attachments:
        body = _multipart("mixed", f"=_{message_id}_m", [body, *map(_attachment, rendered.attachments)])
    return body


def _multipart(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    """The boundary cannot be in a part: every part is in base64, which has no underscore."""
    line = f"--{boundary}".encode("ascii")
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode("ascii")
    inner = b"".join(line + _CRLF + part for part in parts)
    return head + inner + line + b"--" + _CRLF


def _text(kind: str, text: str) -> bytes:
    """Line breaks are CR LF in a text that is sent (RFC 2045, section 6.8)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode("ascii") + _base64(lines.encode())


def _attachment(attachment: Attachment) -> bytes:
    named = parameter("filename", attachment.name, "attachment's name")
    kind = checked(attachment.media_type, "attachment's type")
    head = (
        f"Content-Type: {kind}\r\n"
        f"Content-Disposition: attachment;\r\n {named}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("ascii") + _base64(attachment.content)


def _base64(content: bytes) -> bytes:
    return encodebytes(content).replace(b"\n", _CRLF)
