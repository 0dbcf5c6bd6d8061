"""A small world for the sender: a renderer without templates, consents, a database full of messages. Run as a
program it sends what is due, into folders or to the SendGrid that is named, to be killed at it."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.channels.emails_folder import EmailsFolder
from engine.channels.letters_folder import LettersFolder
from engine.channels.rate import Rate
from engine.channels.sms_folder import SmsFolder
from engine.model.customer import Customer
from engine.model.errors import DeliveryError, ServiceUnavailable, TemplateError, Unsettled
from engine.model.messages import Message, Reason
from engine.ports import Answer, Channel, Outgoing, Receipt, Rendered, Room, Store
from engine.runtime.deliver import Deliverer
from engine.runtime.last_question import Lately
from engine.store.sqlite import SqliteStore
from tests.contracts.samples import customer, day, message

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHANNELS = ("letter", "email", "sms")


class FixedClock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class PlainRenderer:
    """Renders the message's id; fails for the templates that say so."""

    def render(self, one: Message, *, as_form: bool = False) -> Rendered:
        if one.template == "broken":
            raise TemplateError("welcome-pack/letter.zh-CN.html:3: 'gift' is undefined")
        if one.template == "surprising":
            raise KeyError("王芳")
        content = f"您好 {one.id}"
        return Rendered(
            channel=one.channel or "",
            pdf=content.encode(),
            subject="您好",
            html=content,
            text=content,
            sender={"name": "米其林关怀", "email": "care@michelin.example.cn"},
        )


class Provider:
    """A channel that keeps what it takes in a list, and answers as it is told: `fault` to every message, or one of
    `faults`, by id. What is no answer it raises. It takes as many as `rate` allows. Asked after a crash, it says it
    has those `known`."""

    takes_forms = False

    def __init__(self, name: str = "sms", *, repeatable: bool = True, batch: int = 100) -> None:
        self.name = name
        self.repeatable = repeatable
        self.batch = batch
        self.rate = Rate(0)
        self.groups: list[list[str]] = []
        self.asked: list[str] = []
        self.taken: list[str] = []
        self.fault: Exception | None = None
        self.faults: dict[str, Exception] = {}
        self.known: set[str] = set()

    def check(self) -> str:
        return "a list"

    def room(self) -> Room:
        return self.rate.room()

    def deliver(self, outgoings: Sequence[Outgoing]) -> list[Answer]:
        self.rate.take(len(outgoings))
        self.groups.append([one.message.id for one in outgoings])
        return [self._deliver(one) for one in outgoings]

    def _deliver(self, outgoing: Outgoing) -> Answer:
        self.asked.append(outgoing.message.id)
        fault = self.fault or self.faults.get(outgoing.message.id)
        if isinstance(fault, DeliveryError | ServiceUnavailable | Unsettled):
            return fault
        if fault is not None:
            raise fault
        self.taken.append(outgoing.message.id)
        return Receipt(provider_id=f"p-{len(self.taken)}")

    def recover(self, message: Message) -> Receipt | None:
        fault = self.fault or self.faults.get(message.id)
        if fault is not None:
            raise fault
        return Receipt(provider_id="known") if message.id in self.known else None

    def close(self) -> None:
        """Nothing to let go of."""


def may_send(one: Customer | None, about: Message, now: datetime, _lately: Lately) -> Reason | None:
    """Consent to letters is consent to all, here."""
    if now > about.not_after:
        return Reason.TOO_LATE
    if one is None or not one.consents["letter/care"].granted:
        return Reason.NO_CONSENT
    return None


def folders(root: Path) -> dict[str, Channel]:
    channels: tuple[Channel, ...] = (
        LettersFolder(root, SHANGHAI, durable=False),
        EmailsFolder(root, SHANGHAI, durable=False),
        SmsFolder(root, SHANGHAI, durable=False),
    )
    return {one.name: one for one in channels}


def deliverer(store: Store, channels: Mapping[str, Channel], now: datetime) -> Deliverer:
    return Deliverer(store, PlainRenderer(), channels, may_send, FixedClock(now))


def fill(store: Store, n: int, **members: Any) -> list[Message]:
    """So many messages on all channels in turn, each for a customer of its own."""
    messages = [message(k, **{"channel": CHANNELS[k % 3], **members}) for k in range(n)]
    with store.unit() as unit:
        unit.put(customer(k) for k in range(n))
        unit.add_messages(messages)
    return messages


def by_sendgrid(url: str) -> dict[str, Channel]:
    from engine.channels.sendgrid import SendGrid, SendGridSettings  # noqa: PLC0415 - it takes a while to import
    from tests.services.sendgrid import KEY  # noqa: PLC0415

    return {"email": SendGrid(SendGridSettings(api_key=KEY, url=url))}


if __name__ == "__main__":
    folder, *urls = sys.argv[1:]
    opened = SqliteStore(Path(folder) / "milepost.db")
    ways = by_sendgrid(*urls) if urls else folders(Path(folder) / "out")
    sender = deliverer(opened, ways, day(1))
    sender.deliver_due(day(1))
    sender.close()
    opened.close()
