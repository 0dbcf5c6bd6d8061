"""Letters to print: small PDFs as the renderer makes them, in the waiting place of a delivery folder."""

import sys
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.channels.letters_print import LettersPrint
from engine.channels.letters_print.handover import FolderPlace, hand_over
from engine.channels.letters_print.runs import Closed, PrintRuns
from engine.model.ids import derive
from engine.model.messages import Message
from engine.ports import Answer, Outgoing, Rendered
from engine.render.letter import letter_pdf
from engine.render.resources import Resources
from tests.contracts.samples import message

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2025, 4, 8)
NOW = datetime(2025, 4, 8, 9, 0, tzinfo=UTC)
ADDRESS = {"name": "王芳", "salutation": "女士", "line": "幸福路1号", "city": "北京市", "postcode": "100020"}


@cache
def pdf_of(text: str, pages: int = 1, *, bold: bool = False, locale: str = "zh-CN") -> bytes:
    """A letter with that text on each page."""
    paragraph = f"<h1>{text}</h1>" if bold else f"<p>{text}</p>"
    breaks = "<div style='page-break-after: always'></div>".join([paragraph] * pages)
    return letter_pdf(
        f"<html lang='{locale}'><body>{breaks}</body></html>",
        Resources(Path("/nowhere"), ("",)),
        locale=locale,
        at=NOW,
        name="a letter",
    )


def letter(n: int, pdf: bytes | None = None, **members: Any) -> Outgoing:
    """The letter of message `n`. Its address may be given by its parts that are other than usual."""
    address = {**ADDRESS, **members.pop("address", {})}
    given: Message = message(n, address=address, **members)
    rendered = Rendered(channel="letter", pdf=pdf_of(f"第{n}封信") if pdf is None else pdf)
    return Outgoing(message=given, rendered=rendered)


def channel(root: Path) -> LettersPrint:
    return LettersPrint(root, SHANGHAI, "CN")


def deliver(root: Path, *letters: Outgoing) -> list[Answer]:
    return list(channel(root).deliver(letters))


def close(root: Path, **options: Any) -> Closed:
    return PrintRuns(root, **options).close(DAY, NOW)


def message_id(n: int) -> str:
    return derive("message", str(n))


def printed(root: Path) -> list[str]:
    """The letters of all runs, by their messages' ids; one that is in two is there twice."""
    runs = PrintRuns(root)
    return sorted(line.message_id for run in runs.runs() for line in runs.lines(run))


def main() -> None:
    """Closes what waits and hands it over, in a process of its own: `FOLDER PRINTER`."""
    root, printer = Path(sys.argv[1]), Path(sys.argv[2])
    close(root)
    list(hand_over(PrintRuns(root), FolderPlace(printer), lambda: NOW))


if __name__ == "__main__":
    main()
