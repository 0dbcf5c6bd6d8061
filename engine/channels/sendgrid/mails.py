"""A request's JSON.

What many messages share is put together by the `sendgrid` package's objects, once. What each has of its own (up to a
thousand personalizations, or a message's own texts) is written directly, as the package takes longer over it than all
else does together. A test holds the result equal to the package's own.
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sendgrid.helpers.mail import (
    Attachment,
    Category,
    ClickTracking,
    ContentId,
    Disposition,
    FileContent,
    FileName,
    FileType,
    From,
    Mail,
    MailSettings,
    OpenTracking,
    SandBoxMode,
    SubscriptionTracking,
    TrackingSettings,
)

from engine.channels.mime.headers import addressed, checked, uri
from engine.channels.sendgrid.settings import SendGridSettings
from engine.model.errors import DeliveryError
from engine.model.messages import Message
from engine.ports import Attachment as File
from engine.ports import Outgoing, Rendered

MESSAGE_ID = "message_id"
"""The custom argument that comes back with every event."""

_MOST_CATEGORY_CHARS = 255
_ORDINARY_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,2}"
)
_ORDINARY_LINK = re.compile(r"https://[!-+\--;=?-~]+")
"""Most are so; of others it is asked what they are."""


class Personalization(msgspec.Struct, omit_defaults=True):
    to: tuple[dict[str, str]]
    headers: dict[str, str] = {}
    substitutions: Mapping[str, str] = {}
    custom_args: dict[str, str] = {}


class Texts(msgspec.Struct, frozen=True):
    subject: str
    html: str
    text: str


def personalization(outgoing: Outgoing) -> Personalization:
    """What only this message's recipient has; without the values. Raises a permanent `DeliveryError` where the message
    cannot be addressed."""
    message = outgoing.message
    given = message.address.get("email")
    if not given:
        raise DeliveryError("The message has no email address.", permanent=True)
    to = {"email": _plain(str(given), "recipient")}
    if name := message.address.get("name"):
        to["name"] = checked(str(name), "recipient's name")
    return Personalization(
        to=(to,), headers=_unsubscribing(outgoing.rendered, message), custom_args={MESSAGE_ID: message.id}
    )


def shared(message: Message, rendered: Rendered, texts: Texts, settings: SendGridSettings) -> bytes:
    """All of a request but its personalizations, as JSON that they can be put into (`body`). `message` and `rendered`
    are those of any of its messages. Raises `DeliveryError` where none of them can be sent."""
    if not (texts.text or texts.html):
        raise DeliveryError("The email was rendered without a text.", permanent=True)
    if not texts.subject:
        raise DeliveryError("The email was rendered without a subject.", permanent=True)
    own: dict[str, Any] = {"subject": checked(texts.subject, "subject"), "content": []}
    for kind, text in (("text/plain", texts.text), ("text/html", texts.html)):
        if text:
            own["content"].append({"type": kind, "value": text})
    if files := (*rendered.attachments, *rendered.pictures):
        own["attachments"] = [_attachment(one) for one in files]
    address, name = _sender(message, rendered)
    frame = _frame(address, name, categories(message), settings.sandbox, settings.tracking)
    return b"%b,%b" % (frame[:-1], msgspec.json.encode(own)[1:])


def body(of_all: bytes, each: Sequence[Personalization]) -> bytes:
    """The whole request."""
    return of_all[:-1] + b',"personalizations":' + msgspec.json.encode(each) + b"}"


@lru_cache(256)
def _frame(address: str, name: str | None, counted: tuple[str, ...], sandbox: bool, tracking: bool) -> bytes:
    mail = Mail(from_email=From(address, name))
    for category in reversed(counted):  # the package turns them round
        mail.add_category(Category(category))
    if sandbox:
        mail.mail_settings = MailSettings(sandbox_mode=SandBoxMode(True))
    mail.tracking_settings = TrackingSettings(
        ClickTracking(tracking, False), OpenTracking(tracking), SubscriptionTracking(False)
    )
    made: dict[str, Any] = mail.get()
    return msgspec.json.encode(made)


def categories(message: Message) -> tuple[str, ...]:
    """What SendGrid's statistics count a message under. They must be ASCII, and none may stand there twice."""
    named = (message.journey, message.template, message.brand)
    fit = [one for one in named if one and one.isascii() and len(one) <= _MOST_CATEGORY_CHARS]
    return tuple(dict.fromkeys(fit))


def _plain(address: str, what: str) -> str:
    """An address as SendGrid takes it, which knows no other script before the @."""
    if _ORDINARY_ADDRESS.fullmatch(address):
        return address
    plain = addressed(address, what)
    if not plain.isascii():
        raise DeliveryError(
            f"SendGrid takes no address such as the {what}'s, in another script.", permanent=True
        )
    return plain


def _sender(message: Message, rendered: Rendered) -> tuple[str, str | None]:
    """Address and name."""
    sender = rendered.sender
    try:
        address = _plain(sender.get("email", ""), "sender")
        name = checked(sender.get("name", ""), "sender's name")
    except DeliveryError as error:
        raise DeliveryError(  # of the messages in this language: others may have another sender
            f"The brand {message.brand} has no address that these emails can come from: {error.message} "
            "It stands in brand.yaml: `senders: {email: {email: care@example.com}}`.",
            permanent=False,
        ) from None
    return address, name or None


def _unsubscribing(rendered: Rendered, message: Message) -> dict[str, str]:
    """How to stop: at a web address, in one click where that is safe (RFC 8058), else by an email to the sender."""
    url = rendered.unsubscribe_url
    if _ORDINARY_LINK.fullmatch(url):
        return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    if not url:
        sender = rendered.sender.get("email", "")
        return {"List-Unsubscribe": uri(f"mailto:{sender}?subject=unsubscribe%20{message.id}", "sender")}
    fields = {"List-Unsubscribe": uri(url, "link to unsubscribe")}
    if url.startswith("https://"):
        fields["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return fields


@lru_cache(16)  # of many requests they are the same
def _attachment(file: File) -> dict[str, str]:
    made: dict[str, str] = Attachment(
        FileContent(b64encode(file.content).decode("ascii")),
        FileName(checked(file.name, "attachment's name")),
        FileType(checked(file.media_type.partition(";")[0], "attachment's type")),
        Disposition("inline" if file.content_id else "attachment"),
        ContentId(file.content_id) if file.content_id else None,
    ).get()
    return made
