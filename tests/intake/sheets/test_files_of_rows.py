"""Files as dealers save them: encodings, separators, quotation marks, cover sheets; and files that mean harm."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from engine.model.errors import MilepostError
from tests.intake.sheets.rowfiles import HEADER, event_of, read, row, sheet, write_csv, write_xlsx

CARDS = [HEADER, row(), row(手机="13800000002", 姓名="李,雷")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_usual_encoding_and_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = read(write_csv(tmp_path / "cards.csv", CARDS, encoding, separator))
    names = [event_of(one).data["customer"]["name"] for one in rows]
    assert (names, [one.line for one in rows]) == (["王芳", "李,雷"], [2, 3])


def test_lines_of_two_encodings_put_together(tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", CARDS[:2], "gb18030").read_bytes()
    second = write_csv(tmp_path / "b.csv", [row(手机="13800000002", 姓名="韩梅梅")]).read_bytes()
    (tmp_path / "c.csv").write_bytes(first + second)
    names = [event_of(one).data["customer"]["name"] for one in read(tmp_path / "c.csv")]
    assert names == ["王芳", "韩梅梅"]


def test_a_line_that_is_in_no_encoding_is_refused_alone(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "cards.csv", CARDS, "gb18030")
    path.write_bytes(path.read_bytes() + b"2024-03-05,\xff\xff,13800000009,,,,\xff,,,,\r\n")
    *good, bad = read(path)
    assert [one.event is not None for one in good] == [True, True]
    assert (bad.line, bad.event) == (4, None)
    assert "neither UTF-8 nor GB18030" in bad.rejection("cards.csv").reason


def test_line_breaks_in_a_cell_and_lines_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    rows = read(write_csv(tmp_path / "cards.csv", [HEADER, row(姓名="王\n芳"), row(手机="13800000002")]))
    assert [one.line for one in rows] == [2, 4]


def test_a_quotation_mark_that_is_never_closed_costs_its_own_line_alone(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "cards.csv", CARDS)
    lines = path.read_text("utf-8").splitlines()
    lines.insert(1, '2024-03-05,"王,13800000009,,,,米其林,,,,')
    path.write_text("\n".join([*lines, ""]), "utf-8")
    bad, *good = read(path)
    assert "quotation mark" in bad.rejection("").reason
    assert [(one.line, one.event is not None) for one in good] == [(3, True), (4, True)]


def test_a_workbook_with_a_cover_a_date_a_number_and_a_tick(tmp_path: Path) -> None:
    header = ["姓名", "手机号码", "购买日期", "品牌名称", "里程(km)", "短信同意"]
    cells = ["王芳", 13800000001, date(2024, 3, 5), "Michelin", 45000.0, True]
    path = write_xlsx(tmp_path / "c.xlsx", [["登记表"], [], header, cells], at=(1, 1))
    [made] = read(path)
    event = event_of(made)
    assert made.line == 5
    assert event.time.isoformat() == "2024-03-05T04:00:00+00:00"
    assert event.data["customer"]["mobile"] == "+8613800000001"
    assert event.data["vehicle"]["odometer_km"] == 45000
    assert [(one["channel"], one["granted"]) for one in event.data["consent"]] == [("sms", True)]


def test_a_formula_counts_by_the_value_that_it_was_saved_with(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "c.xlsx"))
    page = book.add_worksheet()
    for column, title in enumerate(["日期", "手机", "品牌", "里程"]):
        page.write(0, column, title)
    page.write_row(1, 0, ["2024-03-05", "13800000001", "米其林"])
    page.write_formula(1, 3, "=40000+2", value=40002)
    book.close()
    [made] = read(tmp_path / "c.xlsx")
    assert event_of(made).data["vehicle"]["odometer_km"] == 40002


# What is refused before it takes memory


def _refused(path: Path) -> str:
    with pytest.raises(MilepostError) as told:
        sheet(path)
    return str(told.value)


def _sheet_xml(path: Path, cells: str) -> Path:
    """A workbook whose only sheet holds these cells."""
    write_xlsx(path, [HEADER, row()])
    with zipfile.ZipFile(path) as old:
        parts = {one: old.read(one) for one in old.namelist()}
    parts["xl/worksheets/sheet1.xml"] = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"{cells}</sheetData></worksheet>"
    ).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


def test_a_cell_in_the_millionth_column_is_refused(tmp_path: Path) -> None:
    cells = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>'
    assert "columns" in _refused(_sheet_xml(tmp_path / "wide.xlsx", cells))


def test_a_cell_in_the_millionth_row_is_refused(tmp_path: Path) -> None:
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>'
    assert "rows" in _refused(_sheet_xml(tmp_path / "long.xlsx", cells))


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = _sheet_xml(tmp_path / "bomb.xlsx", " " * (100 * 1024 * 1024))
    assert "packed as no workbook" in _refused(path)


def test_files_that_are_something_else_are_refused_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (tmp_path / "text.xlsx").write_bytes(b"hello, world")
    (tmp_path / "old.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hello")
    told = {path.name: _refused(path) for path in tmp_path.iterdir()}
    assert "is empty" in told["empty.csv"]
    assert "no text file" in told["picture.csv"]
    assert "no workbook" in told["text.xlsx"]
    assert "password" in told["old.xlsx"]
    assert "cannot be read as a workbook" in told["other.xlsx"]


def test_a_row_of_a_megabyte_is_refused_alone(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "cards.csv", CARDS)
    with path.open("ab") as file:
        file.write(b"x" * 3_000_000 + b"\r\n")
    assert [one.event is not None for one in read(path)][:2] == [True, True]
    assert all(one.event is None for one in read(path)[2:])


def test_a_row_of_a_thousand_columns_is_refused_alone(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "cards.csv", [*CARDS, ["x"] * 1000])
    assert "columns" in read(path)[-1].rejection("").reason


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    made = sheet(write_csv(tmp_path / "cards.csv", CARDS))
    assert [*made] == [*made]
