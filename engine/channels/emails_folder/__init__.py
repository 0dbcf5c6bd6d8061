"""Emails as files: `<root>/emails/<brand>/<yyyy-mm>/<message id>.eml`, the email as it would go out, and
`.html`, its HTML part with its pictures, for looking at in a browser. The `.eml` is written last: where it is, both
are."""

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.channels.files import MessageFiles
from engine.channels.mime import build
from engine.channels.one_by_one import one_by_one
from engine.channels.rate import AMPLE
from engine.model.messages import Message
from engine.ports import Answer, Outgoing, Receipt, Room


class EmailsFolder:
    """`zone` is that of the months' calendar and of the emails' dates."""

    name = "email"
    repeatable = True
    batch = 100
    takes_forms = False

    def __init__(self, root: Path, zone: ZoneInfo, *, durable: bool = True) -> None:
        self._files = MessageFiles(root, "emails", zone, durable=durable)
        self._zone = zone

    def check(self) -> str:
        return self._files.check()

    def room(self) -> Room:
        return AMPLE

    def deliver(self, outgoings: Sequence[Outgoing]) -> list[Answer]:
        return one_by_one(outgoings, self._deliver)

    def _deliver(self, outgoing: Outgoing) -> Receipt:
        email = build(outgoing, self._zone)
        page = outgoing.rendered.page()
        contents = {"html": page.encode()} if page else {}
        return Receipt(
            provider_id=email.message_id,
            place=self._files.write(outgoing.message, {**contents, "eml": email.content}),
        )

    def recover(self, message: Message) -> Receipt | None:
        place = self._files.find(message, ("html", "eml"))
        return Receipt(place=place) if place else None

    def close(self) -> None:
        """Nothing to let go of."""
