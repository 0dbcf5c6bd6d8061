"""What dealers type: registration cards and prospects, as .csv or .xlsx, read as a person reads them.

    file ─ texts | workbooks ─▶ rows of cells ─ headers (+ mapping) ─▶ columns by meaning ─ cells, rows ─▶ Event
                                                                                           └─▶ RowFault, … ─▶ Rejection

Laws
1. A row is one event, or refused with every fault, each with its column; the rest of the file is read.
2. What a customer has agreed to is never passed over in silence: a column that looks like it and is not known stops the
   file, before anything is taken.
3. Nothing is guessed: a cell that can be read in one way only is read, any other is refused.
4. A hostile file is refused before it takes memory.

    sheet = Sheet(path, how, parser, mapping=…, progress=…)     # raises MilepostError
    for row in sheet:                                           # SheetRow(line, cells, event, faults, raw, mends)
        …row.event is an Event, or row.rejection(sheet.name) a Rejection

`Reading` says how (kind, dealer, zone, brands, today); `annotate` writes the copy with the faulty cells marked; `again`
reads a row that was kept as refused (`kept_row`).
"""

from engine.intake.sheets.annotate import Annotated, annotated
from engine.intake.sheets.headers import KINDS
from engine.intake.sheets.kept import KeptRow, kept_row
from engine.intake.sheets.mapping import Mapped, parse_mapping, read_mapping
from engine.intake.sheets.rows import Reading, RowFault
from engine.intake.sheets.sheet import TEXTS, WORKBOOKS, Sheet, SheetRow, again

__all__ = [
    "KINDS",
    "TEXTS",
    "WORKBOOKS",
    "Annotated",
    "KeptRow",
    "Mapped",
    "Reading",
    "RowFault",
    "Sheet",
    "SheetRow",
    "again",
    "annotated",
    "kept_row",
    "parse_mapping",
    "read_mapping",
]
