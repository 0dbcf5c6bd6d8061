"""What was taken."""

import itertools
import secrets
import time
from typing import Any

import msgspec

_INSTANCE = "recvd-7d5b9c6f4-x2k8p-1"


class _Arguments(msgspec.Struct):
    message_id: str = ""


class _Short(msgspec.Struct):
    to: list[Any]
    custom_args: _Arguments = msgspec.field(default_factory=_Arguments)


class Shape(msgspec.Struct):
    """All that the fast mode looks at."""

    personalizations: list[_Short]


SHAPE = msgspec.json.Decoder(Shape)


class Mail(msgspec.Struct):
    """One message as its recipient would have it."""

    request: str
    sg_message_id: str
    to: str
    name: str
    sender: dict[str, str]
    subject: str
    contents: dict[str, str]
    headers: dict[str, str]
    custom_args: dict[str, str]
    categories: list[str]
    attachments: list[dict[str, str]]
    at: float


class Taken:
    """By request, in the order in which they came. `keep` is false in the fast mode."""

    def __init__(self, *, keep: bool) -> None:
        self.keep = keep
        self.forget()

    def forget(self) -> None:
        self.requests: list[tuple[str, float, Any]] = []
        self.ids: list[str] = []
        self.count = 0
        self.sandboxed = 0
        self.asked = 0
        self.accepted = 0

    def take(self, body: Any) -> str:
        """Keeps a request; returns the value of X-Message-Id."""
        name = secrets.token_urlsafe(16)
        self.accepted += 1
        if isinstance(body, Shape):
            self.count += len(body.personalizations)
            self.ids += [one.custom_args.message_id for one in body.personalizations]
            return name
        self.requests.append((name, time.time(), body))
        self.ids += [one.get("custom_args", {}).get("message_id", "") for one in body["personalizations"]]
        self.count += sum(
            len(one.get(kind) or ()) for one in body["personalizations"] for kind in ("to", "cc", "bcc")
        )
        return name

    def mails(self) -> list[Mail]:
        return [mail for request in self.requests for mail in _mails(*request)]


def _mails(name: str, at: float, body: Any) -> list[Mail]:
    number = itertools.count()
    found = []
    for one in body["personalizations"]:
        marks = one.get("substitutions", {})
        for box in (*one["to"], *one.get("cc", ()), *one.get("bcc", ())):
            found.append(
                Mail(
                    request=name,
                    sg_message_id=f"{name}.{_INSTANCE}-{at:.0f}.{next(number)}",
                    to=box["email"],
                    name=box.get("name", ""),
                    sender=one.get("from") or body["from"],
                    subject=substituted(one.get("subject") or body.get("subject", ""), marks),
                    contents={part["type"]: substituted(part["value"], marks) for part in body["content"]},
                    headers={**body.get("headers", {}), **one.get("headers", {})},
                    custom_args={**body.get("custom_args", {}), **one.get("custom_args", {})},
                    categories=body.get("categories", []),
                    attachments=body.get("attachments", []),
                    at=at,
                )
            )
    return found


def substituted(text: str, marks: dict[str, str]) -> str:
    """One mark after the other, so that a value that holds a mark is found out."""
    for mark, value in marks.items():
        text = text.replace(mark, value)
    return text
