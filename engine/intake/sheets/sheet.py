"""From a file to its rows."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.intake.parse import Parser
from engine.intake.sheets.cells import Cell, text_of
from engine.intake.sheets.headers import LOOK_AT, NEEDED, Header, find_header, header_of
from engine.intake.sheets.kept import KeptRow, kept
from engine.intake.sheets.mapping import Mapped
from engine.intake.sheets.rows import Reading, RowFault, read_row
from engine.intake.sheets.tables import Progress, RawRow, Table
from engine.intake.sheets.texts import text_table
from engine.intake.sheets.workbooks import workbook_tables
from engine.model.diagnostics import Rejection
from engine.model.errors import MilepostError
from engine.model.events import Event

TEXTS = frozenset({".csv", ".tsv", ".txt"})
WORKBOOKS = frozenset({".xlsx", ".xlsm"})
MARK = "milepost: rejection"
"""The column of a marked copy that says which refused input a row is."""
REASONS = "拒绝原因"
"""The column of a marked copy that says what is wrong with a row."""

_encode = msgspec.json.Encoder().encode
_NO_MAPPING: Mapped = {}


class SheetRow(NamedTuple):
    """A row as read. `event` is None where there are `faults`, all of them. `raw` is the row as it is kept, empty where
    there is nothing to keep. `mends` is the id of the refused input that this row is the mended form of, by the mark
    that a marked copy carries."""

    line: int
    cells: list[Cell]
    event: Event | None
    faults: tuple[RowFault, ...]
    raw: bytes
    mends: str

    def rejection(self, file: str) -> Rejection:
        """All that is wrong with it as one: the field is the dealer's own name of the column."""
        reason = "; ".join(f"{one.column} {one.reason}".strip() for one in self.faults)
        return Rejection(file=file, line=self.line, field=self.faults[0].column, reason=reason, raw=self.raw)


class Sheet:
    """A file whose header was found. Iterating it gives its rows, each time from the beginning.

    Raises `MilepostError`, when it is made, for a file that cannot be read as rows, or whose header cannot be
    understood.
    """

    def __init__(
        self,
        path: Path,
        how: Reading,
        parser: Parser,
        *,
        mapping: Mapped = _NO_MAPPING,
        progress: Progress | None = None,
        name: str = "",
    ) -> None:
        self.name = name or path.name
        self.how = how
        self._parser = parser
        tables = _tables(path, self.name, progress)
        self.table, self.header, self._first = _understood(tables, how.kind, mapping, self.name)
        self._mark = next((at for at, one in enumerate(self.header.titles) if one == MARK), None)
        self.own = frozenset(at for at, one in enumerate(self.header.titles) if one in (MARK, REASONS))
        """The columns that a marked copy has beside the dealer's."""

    def __iter__(self) -> Iterator[SheetRow]:
        for raw in self.table.rows():
            if raw.line > self._first and not self._is_header_again(raw):
                yield self._read(raw)

    def _is_header_again(self, raw: RawRow) -> bool:
        """Printed lists repeat it on each page."""
        titles = self.header.titles
        at = next(place for place, one in enumerate(titles) if one)
        if at >= len(raw.cells) or text_of(raw.cells[at]) != titles[at]:
            return False
        return tuple(text_of(cell) for cell in raw.cells[: len(titles)]) == titles

    def _read(self, raw: RawRow) -> SheetRow:
        mends = ""
        if self._mark is not None and self._mark < len(raw.cells):
            mends = text_of(raw.cells[self._mark])
        if raw.fault:
            faults = (RowFault("", "", None, f"the row {raw.fault}"),)
            return SheetRow(raw.line, raw.cells, None, faults, self._kept(raw), mends)
        event, wrong = _event(raw.cells, self.header, self.how, self._parser)
        return SheetRow(raw.line, raw.cells, event, wrong, b"" if event else self._kept(raw), mends)

    def _kept(self, raw: RawRow) -> bytes:
        cells = [cell for at, cell in enumerate(raw.cells) if at not in self.own]
        titles = [one for at, one in enumerate(self.header.titles) if at not in self.own]
        return kept(self.how.kind, self.how.dealer, titles, cells)


def again(row: KeptRow, how: Reading, parser: Parser) -> Event | list[RowFault]:
    """What a refused row is by now, or as it was mended. `how` is for its kind and dealer."""
    header = header_of([title for title, _ in row.cells], 0, row.kind, _NO_MAPPING)
    event, faults = _event([text for _, text in row.cells], header, how, parser)
    return event if event is not None else list(faults)


def _event(
    cells: list[Cell], header: Header, how: Reading, parser: Parser
) -> tuple[Event | None, tuple[RowFault, ...]]:
    made, faults = read_row(cells, header, how)
    if made is None:
        return None, tuple(faults)
    parsed = parser.parse(_encode(made))
    if isinstance(parsed, Event):
        return parsed, ()
    return None, tuple(RowFault(one.field, "", None, one.reason) for one in parsed)


def _tables(path: Path, name: str, progress: Progress | None) -> list[Table]:
    suffix = Path(name).suffix.lower()
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except FileNotFoundError:
        raise MilepostError(f"{path}: no such file") from None
    except OSError as error:
        raise MilepostError(f"{name}: cannot be read: {error.strerror}") from error
    if not head:
        raise MilepostError(f"{name}: is empty")
    if head.startswith(b"PK"):
        return workbook_tables(path, progress)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise MilepostError(
            f"{name}: is an old workbook (.xls), or one with a password",
            "Save it as .xlsx, without a password.",
        )
    if suffix in WORKBOOKS:
        raise MilepostError(f"{name}: is no workbook (.xlsx)", "Save it as .xlsx, or as CSV (UTF-8).")
    return [text_table(path, progress)]


def _understood(tables: list[Table], kind: str, mapping: Mapped, file: str) -> tuple[Table, Header, int]:
    """The sheet to read, its header, and the line that this ends in."""
    seen: list[str] = []
    for table in tables:
        rows = [*islice(table.rows(), LOOK_AT)]
        top = [raw.cells for raw in rows]
        header = find_header(top, kind, mapping)
        if header is None:
            seen += [text_of(cell) for cell in (top[0] if top else []) if text_of(cell)]
            continue
        _check(header, kind, mapping, file)
        return table, header, rows[header.row].line
    found = f"; its first row has {', '.join(seen[:20])}" if seen else ""
    raise MilepostError(
        f"{file}: has no header that can be understood{found}",
        "The first row names the columns, such as 手机, 日期, 轮胎品牌; other names are told by --mapping.",
    )


def _check(header: Header, kind: str, mapping: Mapped, file: str) -> None:
    titles = ", ".join(one for one in header.titles if one)
    for member, columns in mapping.items():
        absent = [one for one in columns if member not in header.columns]
        if absent and member != "ignored":
            raise MilepostError(
                f"{file}: the mapping names a column that is not there: {absent[0]}", f"There are: {titles}."
            )
    missing = [one for one in NEEDED[kind] if one not in header.columns]
    if kind == "prospects" and not {"mobile", "email"} & set(header.columns):
        missing.append("mobile")
    if missing:
        raise MilepostError(
            f"{file}: has no column for: {', '.join(missing)}. It has: {titles}.",
            f"If it has, under another name, tell so by --mapping: a file with lines like `{missing[0]}: NAME`.",
        )
    if header.may_be_consent:
        raise MilepostError(
            f"{file}: it is not known what these columns mean: {', '.join(header.may_be_consent)}.",
            "They look like what customers agree to, and are not passed over unasked: say by --mapping what each is "
            "(consent_sms, consent_email, newsletter), or `ignored:`.",
        )
