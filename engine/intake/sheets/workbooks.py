"""Workbooks (.xlsx), by calamine. It holds a whole sheet at once, so what a file would take is reckoned before it is
opened: how large it becomes, how many rows and columns its sheets name.
"""

import re
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import python_calamine as calamine

from engine.intake.sheets.tables import MOST_COLUMNS, Progress, RawRow, Table
from engine.model.errors import MilepostError

MOST_UNPACKED = 512 * 1024 * 1024
MOST_ROWS = 300_000
MOST_CELLS = 12_000_000
_MOST_RATIO = 400
_MOST_PARTS = 2_000
_STEP = 1 << 20
_REPORT_ROWS = 2_000
_SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_PLACE = re.compile(rb'<(?:\w+:)?(?:c|row)\b[^>]{0,200}?\br="([A-Z]{0,4})(\d{1,9})"')
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
_HINT = "Save what is to be read as a workbook of its own, or as CSV (UTF-8)."


def workbook_tables(path: Path, progress: Progress | None) -> list[Table]:
    """Its sheets, in their order. Raises `MilepostError` for what is no workbook, or would take too much."""
    _check(path)
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
    except calamine.PasswordError:
        raise MilepostError(f"{path.name}: is protected by a password", "Save it without one.") from None
    except Exception as error:
        raise MilepostError(f"{path.name}: cannot be read as a workbook", _HINT) from error
    pages = _Pages(path, book)
    return [Table(name, partial(_rows, pages, name, progress)) for name in names]


class _Pages:
    """Sheets of a workbook, of which the one that was asked for last is held."""

    def __init__(self, path: Path, book: calamine.CalamineWorkbook) -> None:
        self._path = path
        self._book = book
        self._held: tuple[str, calamine.CalamineSheet] | None = None

    def page(self, name: str) -> calamine.CalamineSheet:
        if self._held is None or self._held[0] != name:
            try:
                self._held = name, self._book.get_sheet_by_name(name)
            except Exception as error:
                raise MilepostError(f"{self._path.name}: its sheet {name!r} cannot be read", _HINT) from error
        return self._held[1]


def _rows(pages: _Pages, name: str, progress: Progress | None) -> Iterator[RawRow]:
    sheet = pages.page(name)
    if sheet.start is None:
        return
    first, total = sheet.start[0], sheet.total_height
    margin = [""] * sheet.start[1]
    for place, cells in enumerate(sheet.iter_rows(), start=1):
        if progress is not None and place % _REPORT_ROWS == 0:
            progress(place, total)
        if place > first and any(cell not in ("", None) for cell in cells):
            yield RawRow(place, cells if len(cells) >= len(margin) else margin + cells)
    if progress is not None:
        progress(total, total)


def _check(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            unpacked = sum(one.file_size for one in parts)
            packed = max(sum(one.compress_size for one in parts), 1)
            if len(parts) > _MOST_PARTS or unpacked > MOST_UNPACKED:
                raise MilepostError(f"{path.name}: becomes larger than is read here", _HINT)
            if unpacked > 64 * 1024 * 1024 and unpacked / packed > _MOST_RATIO:
                raise MilepostError(f"{path.name}: is packed as no workbook is", _HINT)
            for one in parts:
                if _SHEETS.fullmatch(one.filename):
                    _check_sheet(path, archive, one)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise MilepostError(f"{path.name}: is no workbook (.xlsx)", _HINT) from error


def _check_sheet(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """What the sheet says of the places of its cells, without building it. What it unpacks to is counted as it comes,
    whatever its directory says."""
    columns = rows = cells = size = 0
    rest = b""
    with archive.open(part) as file:
        while chunk := file.read(_STEP):
            size += len(chunk)
            if size > MOST_UNPACKED:
                raise MilepostError(f"{path.name}: becomes larger than is read here", _HINT)
            text = rest + chunk
            for letters, digits in set(_PLACE.findall(text)):
                rows = max(rows, int(digits))
                columns = max(columns, _column(letters))
            cells += len(_CELL.findall(chunk))
            rest = text[-256:]
    if columns > MOST_COLUMNS:
        raise MilepostError(f"{path.name}: has more than {MOST_COLUMNS} columns", _HINT)
    if rows > MOST_ROWS or cells > MOST_CELLS or rows * max(columns, 1) > MOST_CELLS * 4:
        raise MilepostError(f"{path.name}: has more than {MOST_ROWS:,} rows", _HINT)


def _column(letters: bytes) -> int:
    """`A` is 1, `AA` 27."""
    number = 0
    for one in letters:
        number = number * 26 + one - 64
    return number
