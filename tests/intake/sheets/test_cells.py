"""Cells are read as a person reads them; what can be read in no way, or in two, is told."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from engine.intake.sheets.cells import Unreadable, count, day, kilometres, money, whole_digits, yes_or_no


@pytest.mark.parametrize(
    ("cell", "km"),
    [
        ("45000", 45000),
        ("45,000", 45000),
        ("３．２万", 32000),
        ("3.2万", 32000),
        ("3万2", 32000),
        ("4.5W公里", 45000),
        ("89619公里", 89619),
        ("89619 km", 89619),
        ("约 12,345 KM", 12345),
        ("111149公里数", 111149),
        (45000.5, 45000.5),
        (45000, 45000),
        ("", None),
        ("不详", None),
        ("-", None),
        (None, None),
    ],
)
def test_kilometres(cell: Any, km: float | None) -> None:
    assert kilometres(cell) == km


@pytest.mark.parametrize(
    ("cell", "on"),
    [
        ("2024-03-05", date(2024, 3, 5)),
        ("2024/3/5", date(2024, 3, 5)),
        ("2024.3.5", date(2024, 3, 5)),
        ("２０２４年３月５日", date(2024, 3, 5)),
        ("2024年3月5号", date(2024, 3, 5)),
        ("20240305", date(2024, 3, 5)),
        ("2024-03-05 14:20:00", date(2024, 3, 5)),
        ("2024/3/5 下午 2:20", date(2024, 3, 5)),
        (45356, date(2024, 3, 5)),
        ("45356", date(2024, 3, 5)),
        (datetime(2024, 3, 5, 9, 30), date(2024, 3, 5)),  # noqa: DTZ001 - as workbooks hold them
        ("", None),
    ],
)
def test_days(cell: Any, on: date | None) -> None:
    assert day(cell) == on


@pytest.mark.parametrize(
    ("cell", "many"), [("2", 2), ("2.0", 2), (4.0, 4), ("两", 2), ("俩", 2), ("４条", 4), ("four", 4)]
)
def test_counts(cell: Any, many: int) -> None:
    assert count(cell) == many


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("√", True),
        ("是", True),
        ("Y", True),
        ("true", True),
        (True, True),
        ("1", True),
        (1.0, True),
        ("同意", True),
        ("否", False),
        ("N", False),
        ("×", False),
        (False, False),
        ("不同意", False),
        ("0", False),
        ("", None),
        ("-", None),
        (None, None),
    ],
)
def test_yes_and_no(cell: Any, said: bool | None) -> None:
    assert yes_or_no(cell) is said


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        (13800000001.0, "13800000001"),
        ("13800000001.0", "13800000001"),
        ("1.3800000014E+10", "13800000014"),
        ("+86-138 0000 0001", "+86-138 0000 0001"),
    ],
)
def test_a_mobile_that_the_spreadsheet_took_for_a_quantity(cell: Any, digits: str) -> None:
    assert whole_digits(cell) == digits


@pytest.mark.parametrize(
    ("how", "cell"),
    [
        (kilometres, "很多"),
        (kilometres, "3.2.1"),
        (kilometres, "-5"),
        (day, "2024-13-10"),
        (day, "2024-02-30"),
        (day, "3月7日"),
        (day, "05/03/2024"),
        (day, "昨天"),
        (count, "many"),
        (count, "-2"),
        (count, "2.5"),
        (yes_or_no, "maybe"),
        (whole_digits, "1.38E+10"),
        (money, "cheap"),
    ],
)
def test_what_cannot_be_read_is_told_and_not_repeated(how: Callable[[Any], Any], cell: str) -> None:
    with pytest.raises(Unreadable) as told:
        how(cell)
    assert cell not in str(told.value)
