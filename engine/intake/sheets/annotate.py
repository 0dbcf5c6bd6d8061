"""The copy of a file for its dealer: the faulty rows, their cells marked, each with its reason; mended, it is sent in
again as it is.

It holds every row of the file, so that nothing has to be put together; those that were taken count once when they come
again. Texts are written as texts: nothing that somebody typed becomes a formula.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from engine.intake.sheets.cells import text_of
from engine.intake.sheets.sheet import MARK, REASONS, Sheet, SheetRow
from engine.model.diagnostics import rejection_id

_WIDTH = 16
_MOST_COMMENT = 1_000


class Annotated:
    """Give it every row of the sheet, in order."""

    def __init__(self, page: Worksheet, sheet: Sheet, looks: dict[str, Format]) -> None:
        self._page = page
        self._looks = looks
        self._mark = sheet.own
        titles = [one for at, one in enumerate(sheet.header.titles) if at not in self._mark]
        self._width = len(titles)
        self._next = 1
        self.refused = 0
        page.set_column(0, self._width - 1, _WIDTH)
        page.set_column(self._width, self._width, 60)
        page.set_column(self._width + 1, self._width + 1, None, None, {"hidden": True})
        page.freeze_panes(1, 0)
        for at, title in enumerate([*titles, REASONS, MARK]):
            page.write_string(0, at, title, looks["title"])

    def row(self, row: SheetRow) -> None:
        cells = [cell for at, cell in enumerate(row.cells) if at not in self._mark][: self._width]
        cells += [""] * (self._width - len(cells))
        wrong = {self._place(one.place): one for one in row.faults if one.place is not None}
        for at, cell in enumerate(cells):
            fault = wrong.get(at)
            text = text_of(cell)
            if text or fault:
                self._page.write_string(self._next, at, text, self._looks["fault" if fault else "plain"])
            if fault:
                self._page.write_comment(self._next, at, fault.reason[:_MOST_COMMENT])
        if row.faults:
            self.refused += 1
            self._page.write_string(self._next, self._width, row.rejection("").reason, self._looks["reason"])
            self._page.write_string(self._next, self._width + 1, rejection_id(row.raw), self._looks["plain"])
        self._next += 1

    def _place(self, place: int) -> int:
        return place - sum(at < place for at in self._mark)


@contextmanager
def annotated(path: Path, sheet: Sheet) -> Iterator[Annotated]:
    """A workbook at `path`, in bounded memory; it is there when the block ends."""
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    looks = {
        "title": book.add_format({"bold": True, "bottom": 1, "num_format": "@"}),
        "plain": book.add_format({"num_format": "@"}),
        "fault": book.add_format(
            {"bg_color": "#ffd6d6", "font_color": "#9c0006", "border": 1, "num_format": "@"}
        ),
        "reason": book.add_format({"font_color": "#9c0006", "num_format": "@"}),
    }
    try:
        yield Annotated(book.add_worksheet(sheet.table.name[:31] or "rows"), sheet, looks)
    finally:
        book.close()
