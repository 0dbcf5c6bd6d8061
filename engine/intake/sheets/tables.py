"""A file of rows: its cells, row by row, each with the line where it stands. Memory does not grow with a text file."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from engine.intake.sheets.cells import Cell

Progress = Callable[[int, int | None], None]
"""Is told how much is read of how much (None where nobody knows), in bytes or rows."""

MOST_COLUMNS = 500
MOST_CELL = 32_767
"""Characters; more than that no spreadsheet holds."""


class RawRow(NamedTuple):
    """`line` counts from 1. `fault` says why the row as a whole cannot be read; its `cells` are then what there is."""

    line: int
    cells: list[Cell]
    fault: str = ""


class Table(NamedTuple):
    """`name` is the sheet's, empty in a text file. `rows` may be asked for once more, from the beginning."""

    name: str
    rows: Callable[[], Iterator[RawRow]]
