"""Small files of rows, and how they are read here."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from engine.intake.parse import Parser
from engine.intake.phone import mobile_cleaner
from engine.intake.sheets import Mapped, Reading, Sheet, SheetRow
from engine.model.events import Event

BRANDS = {
    "michelin": ("米其林", "Michelin"),
    "bfgoodrich": ("百路驰", "BFGoodrich"),
    "warrior": ("回力", "Warrior"),
}
TODAY = date(2025, 6, 1)
HEADER = [
    "登记日期",
    "姓名",
    "手机",
    "邮箱",
    "车牌",
    "里程",
    "轮胎品牌",
    "数量",
    "同意短信",
    "同意邮件",
    "电子通讯",
]
ROW = [
    "2024-03-05",
    "王芳女士",
    "13800000001",
    "w@example.cn",
    "京A12345",
    "3.2万",
    "米其林",
    "两",
    "√",
    "否",
    "",
]
PARSER = Parser(country="CN")


def reading(kind: str = "registration", dealer: str = "d001") -> Reading:
    return Reading(
        kind=kind,
        dealer=dealer,
        zone=ZoneInfo("Asia/Shanghai"),
        mobile=mobile_cleaner("CN"),
        brands=BRANDS,
        today=TODAY,
    )


def row(**cells: Any) -> list[Any]:
    """`ROW` with other cells, by the header's names."""
    made: list[Any] = [*ROW]
    for name, cell in cells.items():
        made[HEADER.index(name)] = cell
    return made


def write_csv(
    path: Path, rows: Sequence[Sequence[Any]], encoding: str = "utf-8", separator: str = ","
) -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, rows: Sequence[Sequence[Any]], *, at: tuple[int, int] = (0, 0)) -> Path:
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for line, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, date):
                page.write_datetime(at[0] + line, at[1] + column, cell, day)
            else:
                page.write(at[0] + line, at[1] + column, cell)
    book.close()
    return path


def sheet(path: Path, kind: str = "registration", *, mapping: Mapped | None = None) -> Sheet:
    return Sheet(path, reading(kind), PARSER, mapping=mapping or {})


def read(path: Path, kind: str = "registration", *, mapping: Mapped | None = None) -> list[SheetRow]:
    return [*sheet(path, kind, mapping=mapping)]


def one(folder: Path, **cells: Any) -> SheetRow:
    """A card with these cells, read."""
    [made] = read(write_csv(folder / "one.csv", [HEADER, row(**cells)]))
    return made


def event_of(made: SheetRow) -> Event:
    assert made.event is not None, made.faults
    return made.event
