"""SMS as text files: `<root>/sms/<brand>/<yyyy-mm>/<message id>.txt` holds the text as it would be sent."""

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.channels.files import MessageFiles
from engine.channels.one_by_one import one_by_one
from engine.channels.rate import AMPLE
from engine.model.errors import DeliveryError
from engine.model.messages import Message
from engine.ports import Answer, Outgoing, Receipt, Room


class SmsFolder:
    """`zone` is that of the months' calendar."""

    name = "sms"
    repeatable = True
    batch = 100
    takes_forms = False

    def __init__(self, root: Path, zone: ZoneInfo, *, durable: bool = True) -> None:
        self._files = MessageFiles(root, "sms", zone, durable=durable)

    def check(self) -> str:
        return self._files.check()

    def room(self) -> Room:
        return AMPLE

    def deliver(self, outgoings: Sequence[Outgoing]) -> list[Answer]:
        return one_by_one(outgoings, self._deliver)

    def _deliver(self, outgoing: Outgoing) -> Receipt:
        rendered = outgoing.rendered
        if not rendered.text.strip():
            raise DeliveryError("The SMS was rendered without a text.", permanent=True)
        place = self._files.write(outgoing.message, {"txt": rendered.text.encode()})
        return Receipt(place=place, parts=rendered.parts)

    def recover(self, message: Message) -> Receipt | None:
        place = self._files.find(message, ("txt",))
        return Receipt(place=place) if place else None

    def close(self) -> None:
        """Nothing to let go of."""
