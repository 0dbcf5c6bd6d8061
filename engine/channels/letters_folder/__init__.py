"""Letters as PDF files, for a printer to fetch: `<root>/letters/<brand>/<yyyy-mm>/<message id>.pdf`."""

from pathlib import Path
from zoneinfo import ZoneInfo

from engine.channels.files import MessageFiles
from engine.model.errors import DeliveryError
from engine.model.messages import Message
from engine.ports import Outgoing, Receipt


class LettersFolder:
    """`zone` is that of the months' calendar."""

    name = "letter"
    repeatable = True

    def __init__(self, root: Path, zone: ZoneInfo, *, durable: bool = True) -> None:
        self._files = MessageFiles(root, "letters", zone, durable=durable)

    def check(self) -> str:
        return self._files.check()

    def deliver(self, outgoing: Outgoing) -> Receipt:
        if not outgoing.rendered.pdf:
            raise DeliveryError("The letter was rendered without a PDF.", permanent=True)
        return Receipt(place=self._files.write(outgoing.message, {"pdf": outgoing.rendered.pdf}))

    def recover(self, message: Message) -> Receipt | None:
        place = self._files.find(message, ("pdf",))
        return Receipt(place=place) if place else None
