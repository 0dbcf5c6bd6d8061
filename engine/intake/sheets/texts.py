"""Text files of rows (.csv, .tsv, .txt): their encoding, their separator, their rows.

UTF-8 with or without a mark, UTF-16 with one, GB18030 (with GBK and GB2312 in it). A file of which neither UTF-8 nor
GB18030 can be all is read line by line, each as what it can be: two files were put together. Nothing is replaced in
silence.
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from engine.intake.sheets.tables import MOST_CELL, MOST_COLUMNS, Progress, RawRow, Table
from engine.model.errors import MilepostError

_SEPARATORS = (",", "\t", ";", "|", "，")
_MOST_LINES = 30
"""A cell may hold line breaks, but not that many: then a quotation mark was never closed."""
_MOST_SEPARATORS = 4
"""In a line of a cell of several: with more of them it is a row."""
_MOST_LINE = 1 << 20
_LOOKED_AT = 1 << 16
_STEP = 1 << 18


class _TextLine(NamedTuple):
    number: int
    text: str
    fault: str = ""


def text_table(path: Path, progress: Progress | None) -> Table:
    """Raises `MilepostError` where it is no text at all."""
    encoding = _encoding_of(path)
    separator = _separator_of(path, encoding)
    return Table("", lambda: _rows(_lines(path, encoding, progress), separator))


def _encoding_of(path: Path) -> str | None:
    """None for one that is mixed."""
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if b"\0" in head:
            raise MilepostError(f"{path.name}: is no text file", "Save it as CSV (UTF-8) or as .xlsx.")
        candidates = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "gb18030")}
        while head and candidates:
            for name, decoder in list(candidates.items()):
                try:
                    decoder.decode(head)
                except UnicodeDecodeError:
                    del candidates[name]
            head = file.read(_STEP)
        for name, decoder in list(candidates.items()):
            try:
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                del candidates[name]
    return next(iter(candidates), None)


def _lines(path: Path, encoding: str | None, progress: Progress | None) -> Iterator[_TextLine]:
    """The lines with their ends, numbered from 1."""
    size = path.stat().st_size
    told = done = 0
    if encoding == "utf-16":
        yield from _wide_lines(path)
        return
    with path.open("rb") as file:
        for number, raw in enumerate(iter(lambda: file.readline(_MOST_LINE), b""), start=1):
            done += len(raw)
            if progress is not None and done - told >= _STEP:
                told = done
                progress(done, size)
            bare = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
            if len(raw) >= _MOST_LINE:
                yield _TextLine(number, "", "is longer than a row can be")
                continue
            try:
                yield _TextLine(number, _decoded(bare, encoding))
            except UnicodeDecodeError:
                shown = bare.decode("gb18030", "replace")
                yield _TextLine(number, shown, "is neither UTF-8 nor GB18030; save the file as CSV (UTF-8)")
    if progress is not None:
        progress(size, size)


def _wide_lines(path: Path) -> Iterator[_TextLine]:
    try:
        with path.open(encoding="utf-16", newline="\n") as file:
            for number, text in enumerate(iter(lambda: file.readline(_MOST_LINE), ""), start=1):
                yield _TextLine(number, text)
    except UnicodeError:
        raise MilepostError(
            f"{path.name}: begins as UTF-16 and is none", "Save it as CSV (UTF-8) or as .xlsx."
        ) from None


def _decoded(raw: bytes, encoding: str | None) -> str:
    if encoding is not None:
        return raw.decode(encoding)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _separator_of(path: Path, encoding: str | None) -> str:
    """The one that makes the most cells of the first lines; that a cover sheet's lines have none does not matter."""
    counts = dict.fromkeys(_SEPARATORS, 0)
    for one in _lines(path, encoding, None):
        if one.number > _MOST_LINES:
            break
        for separator in _SEPARATORS:
            counts[separator] = max(counts[separator], _outside_quotes(one.text).count(separator))
    best = max(_SEPARATORS, key=lambda one: counts[one])
    return best if counts[best] else ","


def _outside_quotes(text: str) -> str:
    return "".join(text.split('"')[::2])


def _rows(lines: Iterator[_TextLine], separator: str) -> Iterator[RawRow]:
    """Rows of cells. Where a quotation mark is never closed, its line alone is at fault, and the next are read as if
    it were not there."""
    csv.field_size_limit(_MOST_LINE * 2)
    waiting: deque[_TextLine] = deque()
    while first := _next(waiting, lines):
        if first.fault:
            yield RawRow(first.number, [first.text], first.fault)
            continue
        taken = [first]
        cells = _cells(taken, separator)
        while cells is None and len(taken) < _MOST_LINES and (more := _next(waiting, lines)):
            taken.append(more)
            cells = None if more.fault else _cells(taken, separator)
            if more.fault:
                break
        if cells is None or _runs_on(cells, separator):
            waiting.extendleft(reversed(taken[1:]))
            fault = "has a quotation mark that is never closed"
            yield RawRow(first.number, _plain(first.text, separator), fault)
        elif len(cells) > MOST_COLUMNS:
            yield RawRow(first.number, cells[:MOST_COLUMNS], f"has more than {MOST_COLUMNS} columns")
        elif any(len(one) > MOST_CELL for one in cells):
            yield RawRow(first.number, [one[:MOST_CELL] for one in cells], "has a cell that is far too long")
        elif any(one.strip() for one in cells):
            yield RawRow(first.number, list(cells))


def _runs_on(cells: list[str], separator: str) -> bool:
    """Whether a cell has swallowed whole rows, up to a quotation mark that belongs to another."""
    broken = (line for cell in cells if "\n" in cell for line in cell.splitlines())
    return any(line.count(separator) >= _MOST_SEPARATORS for line in broken)


def _next(waiting: deque[_TextLine], lines: Iterator[_TextLine]) -> _TextLine | None:
    return waiting.popleft() if waiting else next(lines, None)


def _cells(taken: list[_TextLine], separator: str) -> list[str] | None:
    """The cells of these lines, None where a quotation mark is still open."""
    if len(taken) == 1 and '"' not in taken[0].text:
        return _plain(taken[0].text, separator)
    text = "".join(one.text for one in taken)
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            return None
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=separator))
    return rows[0] if len(rows) == 1 else None if len(taken) == 1 and len(rows) > 1 else (rows or [[]])[0]


def _plain(text: str, separator: str) -> list[str]:
    return text.rstrip("\r\n").split(separator)
