"""Letters for a print shop: each is kept as a PDF that waits, and once a day those that wait are closed into runs.

    <root>/letters/<brand>/<yyyy-mm>/<message id>.pdf          the letter, for good
    <root>/print-waiting/<brand>/<yyyy-mm>/<message id>.json   its facts, until it is in a run
    <root>/print-runs/<run id>/                                a run: one PDF, its manifest, checksums

Laws
1. A letter is the file of its message's name: delivered twice it is there once, and one that has been in a run does
   not wait again. Its facts are written first, the PDF last: facts without a PDF are of a letter that was never taken.
2. A letter is in exactly one run, whenever the process is killed. A run's folder appears whole or not at all; only
   then do its letters' facts go, and what was cut short there is done first the next time (`runs`).
3. What can be seen to be undeliverable is refused before it is printed: by the address, or as no PDF.
4. What a printer is given beside the letters themselves is what it needs to sort, count and answer: no name, no street.
5. A run is handed over once: see `handover`. What the printer answers comes back as events: see `confirmation`.

Modules: `facts` (of one letter), `merge` with `fonts` and `glyphs` (many letters as one PDF), `manifest`, `runs`
(closing and looking), `handover` with `folder_place` and `sftp_place`, `confirmation`.
"""

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from engine.channels.files import MessageFiles
from engine.channels.letters_print.facts import WAITING, LetterFacts, measured
from engine.channels.one_by_one import one_by_one
from engine.channels.rate import AMPLE
from engine.model.errors import DeliveryError, MilepostError
from engine.model.messages import Message
from engine.model.postal import country_of, fault_of
from engine.ports import Answer, Outgoing, Receipt, Room

_KEEPS = "This letter keeps it; once mended, the next one goes to the new address."
"""What is decided stays as it was, the address as well: sent again it would fail again."""


class LettersPrint:
    """`zone` is that of the months' calendar; `home` the country that letters are posted in (ISO 3166-1)."""

    name = "letter"
    repeatable = True
    batch = 100
    takes_forms = False

    def __init__(self, root: Path, zone: ZoneInfo, home: str | None, *, durable: bool = True) -> None:
        self._home = home
        self._letters = MessageFiles(root, "letters", zone, durable=durable)
        self._waiting = MessageFiles(root, WAITING, zone, durable=durable)

    def check(self) -> str:
        return f"{self._letters.check()}, in runs for a printer; {self._waiting.check()} until then"

    def room(self) -> Room:
        return AMPLE

    def deliver(self, outgoings: Sequence[Outgoing]) -> list[Answer]:
        return one_by_one(outgoings, self._deliver)

    def _deliver(self, outgoing: Outgoing) -> Receipt:
        message, pdf = outgoing.message, outgoing.rendered.pdf
        if not pdf:
            raise DeliveryError("The letter was rendered without a PDF.", permanent=True)
        if fault := fault_of(message.address, locale=message.locale or "", home=self._home):
            raise DeliveryError(f"{fault} {_KEEPS}", permanent=True)
        paper, pages = measured(pdf)
        if place := self._letters.find(message, ("pdf",)):
            return Receipt(place=place)
        facts = LetterFacts.of(
            message, pdf, paper=paper, pages=pages, country=country_of(message.address, self._home)
        )
        self._waiting.write(message, {"json": msgspec.json.encode(facts)})
        try:
            return Receipt(place=self._letters.write(message, {"pdf": pdf}))
        except MilepostError:
            self._waiting.clear(message, ("json",))
            raise

    def recover(self, message: Message) -> Receipt | None:
        if place := self._letters.find(message, ("pdf",)):
            return Receipt(place=place)
        self._waiting.clear(message, ("json",))
        return None

    def close(self) -> None:
        """Nothing to let go of."""
