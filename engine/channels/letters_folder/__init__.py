"""Letters as PDF files, for a printer to fetch: `<root>/letters/<brand>/<yyyy-mm>/<message id>.pdf`."""

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.channels.files import MessageFiles
from engine.channels.one_by_one import one_by_one
from engine.channels.rate import AMPLE
from engine.model.errors import DeliveryError
from engine.model.messages import Message
from engine.ports import Answer, Outgoing, Receipt, Room


class LettersFolder:
    """`zone` is that of the months' calendar."""

    name = "letter"
    repeatable = True
    batch = 100
    takes_forms = False

    def __init__(self, root: Path, zone: ZoneInfo, *, durable: bool = True) -> None:
        self._files = MessageFiles(root, "letters", zone, durable=durable)

    def check(self) -> str:
        return self._files.check()

    def room(self) -> Room:
        return AMPLE

    def deliver(self, outgoings: Sequence[Outgoing]) -> list[Answer]:
        return one_by_one(outgoings, self._deliver)

    def _deliver(self, outgoing: Outgoing) -> Receipt:
        if not outgoing.rendered.pdf:
            raise DeliveryError("The letter was rendered without a PDF.", permanent=True)
        return Receipt(place=self._files.write(outgoing.message, {"pdf": outgoing.rendered.pdf}))

    def recover(self, message: Message) -> Receipt | None:
        place = self._files.find(message, ("pdf",))
        return Receipt(place=place) if place else None

    def close(self) -> None:
        """Nothing to let go of."""
