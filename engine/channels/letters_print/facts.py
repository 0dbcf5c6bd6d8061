"""What is kept of a letter while it waits to be printed."""

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import msgspec

from engine.model.errors import DeliveryError
from engine.model.messages import Message
from engine.model.postal import is_missing

WAITING = "print-waiting"

_PAPERS_MM = {"a4": (210, 297), "a5": (148, 210), "b5": (176, 250), "letter": (216, 279), "legal": (216, 356)}
_POINT_MM = 25.4 / 72


class LetterFacts(msgspec.Struct, frozen=True, kw_only=True):
    """`paper` is a name such as `a4`, else `<width>x<height>mm`; `at` the message's moment; `sha256` that of the PDF,
    in hexadecimal."""

    message_id: str
    brand: str
    paper: str
    pages: int
    country: str
    postcode: str
    at: datetime
    sha256: str

    @classmethod
    def of(cls, message: Message, pdf: bytes, *, paper: str, pages: int, country: str) -> Self:
        postcode = message.address.get("postcode")
        return cls(
            message_id=message.id,
            brand=message.brand,
            paper=paper,
            pages=pages,
            country=country,
            postcode="" if is_missing(postcode) else str(postcode).strip().upper(),
            at=message.at,
            sha256=hashlib.sha256(pdf).hexdigest(),
        )

    @property
    def order(self) -> tuple[str, str, str]:
        """As letters lie in a run: country, postcode, id."""
        return self.country, self.postcode, self.message_id


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A letter that waits: its facts, the file in which they stand, and its PDF."""

    facts: LetterFacts
    path: Path
    pdf: Path


def waiting_in(root: Path) -> Iterator[Waiting]:
    """The letters that wait in the delivery folder `root`, in no order. What is being written at this moment, or was
    never written to its end, is not among them."""
    folder = root / WAITING
    for path in folder.glob("*/*/*.json"):
        pdf = (root / "letters" / path.relative_to(folder)).with_suffix(".pdf")
        if path.name.startswith(".") or not pdf.is_file():
            continue
        try:
            facts = msgspec.json.decode(path.read_bytes(), type=LetterFacts)
        except FileNotFoundError:  # closed into a run this moment
            continue
        except msgspec.DecodeError:
            facts = _unreadable(path)
        yield Waiting(facts=facts, path=path, pdf=pdf)


def without_pdf_in(root: Path) -> Iterator[Path]:
    """The facts of letters without a PDF: of those being written at this moment, never written to their end, or taken
    back by one who was killed at it."""
    folder = root / WAITING
    for path in folder.glob("*/*/*.json"):
        pdf = (root / "letters" / path.relative_to(folder)).with_suffix(".pdf")
        if not path.name.startswith(".") and not pdf.exists():
            yield path


def _unreadable(path: Path) -> LetterFacts:
    """What can be said of a letter whose facts cannot be read: no PDF goes with them."""
    brand, moment = path.parent.parent.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return LetterFacts(
        message_id=path.stem, brand=brand, paper="", pages=0, country="", postcode="", at=moment, sha256=""
    )


def measured(pdf: bytes) -> tuple[str, int]:
    """The paper and the pages of a letter. Raises `DeliveryError` where it is no PDF that can be read."""
    import pikepdf  # noqa: PLC0415 - only where letters are printed

    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            pages = len(document.pages)
            box = [float(one) for one in document.pages[0].mediabox]
    except (pikepdf.PdfError, IndexError, ValueError, TypeError) as error:
        raise DeliveryError("The letter's PDF cannot be read.", permanent=True) from error
    return _paper(box[2] - box[0], box[3] - box[1]), pages


def _paper(width_pt: float, height_pt: float) -> str:
    size = round(width_pt * _POINT_MM), round(height_pt * _POINT_MM)
    for name, paper in _PAPERS_MM.items():
        if all(abs(a - b) <= 1 for a, b in zip(size, paper, strict=True)):
            return name
    return f"{size[0]}x{size[1]}mm"
