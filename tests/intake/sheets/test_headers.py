"""Columns are found by what dealers call them; what customers agreed to is never passed over in silence."""

from pathlib import Path

import pytest

from engine.intake.sheets import parse_mapping
from engine.intake.sheets.headers import NAMES, bare
from engine.model.errors import MilepostError
from tests.intake.sheets.rowfiles import event_of, read, sheet, write_csv

NEEDED = {"手机": "13800000001", "日期": "2024-03-05", "品牌": "米其林"}


def _card(folder: Path, **columns: str) -> Path:
    return write_csv(folder / "c.csv", [[*columns], [*columns.values()]])


@pytest.mark.parametrize(
    "mobile", ["手机", "手机号", "联系电话", "Mobile Phone", "Phone number", "*手机（必填）", "手 机", "Tel."]
)
@pytest.mark.parametrize("day", ["登记日期", "购买日期", "Date", "purchase_date", "日期(yyyy-mm-dd)"])
@pytest.mark.parametrize("brand", ["轮胎品牌", "品牌名称", "Tire brand", "Tyre Brand", "BRAND"])
def test_usual_names_of_the_columns_that_a_card_needs(
    tmp_path: Path, mobile: str, day: str, brand: str
) -> None:
    [made] = read(_card(tmp_path, **{mobile: "13800000001", day: "2024-03-05", brand: "米其林"}))
    assert event_of(made).data["customer"]["mobile"] == "+8613800000001"


@pytest.mark.parametrize(
    ("title", "member"),
    [
        ("同意短信", "sms/care"),
        ("短信同意", "sms/care"),
        ("是否同意短信", "sms/care"),
        ("Agree SMS", "sms/care"),
        ("SMS consent (Y/N)", "sms/care"),
        ("同意邮件", "email/care"),
        ("Email OK", "email/care"),
        ("电子通讯", "email/newsletter"),
        ("Newsletter", "email/newsletter"),
        ("订阅电子通讯", "email/newsletter"),
    ],
)
def test_usual_names_of_consents(tmp_path: Path, title: str, member: str) -> None:
    [made] = read(_card(tmp_path, **NEEDED, **{title: "是"}))
    [said] = event_of(made).data["consent"]
    assert (f"{said['channel']}/{said['purpose']}", said["granted"]) == (member, True)


@pytest.mark.parametrize(
    "title", ["里程", "行驶里程", "里程(公里)", "里程/km", "Mileage", "Odometer (km)", "公里数"]
)
def test_usual_names_of_the_odometer(tmp_path: Path, title: str) -> None:
    [made] = read(_card(tmp_path, **NEEDED, 车牌="京A12345", **{title: "4.5万"}))
    assert event_of(made).data["vehicle"]["odometer_km"] == 45000


def test_of_two_telephone_columns_the_first_that_holds_a_mobile_counts(tmp_path: Path) -> None:
    [made] = read(_card(tmp_path, **{**NEEDED, "手机": "010-62345678"}, 备用电话="13800000002"))
    assert event_of(made).data["customer"]["mobile"] == "+8613800000002"


def test_a_header_in_two_lines(tmp_path: Path) -> None:
    rows = [
        ["客户", "", "轮胎", "登记"],
        ["姓名", "手机", "品牌", "日期"],
        ["王芳", "13800000001", "回力", "2024-03-05"],
    ]
    [made] = read(write_csv(tmp_path / "c.csv", rows))
    assert (made.line, event_of(made).data["tyres"][0]["brand"]) == (3, "warrior")


def test_a_header_that_is_printed_on_each_page_is_no_row(tmp_path: Path) -> None:
    rows = [[*NEEDED], [*NEEDED.values()], [*NEEDED], ["13800000002", "2024-03-06", "回力"]]
    assert [one.line for one in read(write_csv(tmp_path / "c.csv", rows))] == [2, 4]


@pytest.mark.parametrize("title", ["可以发短信吗", "Marketing permission", "同意接收资料", "opt_in_wechat"])
def test_a_column_that_may_be_a_consent_stops_the_file_until_somebody_says_what_it_is(
    tmp_path: Path, title: str
) -> None:
    path = _card(tmp_path, **NEEDED, **{title: "是"})
    with pytest.raises(MilepostError, match="--mapping"):
        sheet(path)
    [made] = read(path, mapping={"consent_sms": (title,)})
    assert event_of(made).data["consent"][0]["channel"] == "sms"
    [made] = read(path, mapping={"ignored": (title,)})
    assert "consent" not in event_of(made).data


def test_what_a_consent_column_is_called_does_not_make_another_purchase_of_the_row(tmp_path: Path) -> None:
    first = read(_card(tmp_path, **NEEDED, 同意短信="是"))
    second = read(_card(tmp_path, **NEEDED, 内部="是"), mapping={"consent_sms": ("内部",)})
    assert event_of(first[0]).key == event_of(second[0]).key


def test_a_file_without_what_is_needed_is_refused_with_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(MilepostError, match=r"brand.*姓名") as told:
        sheet(_card(tmp_path, 姓名="王芳", 手机="13800000001", 日期="2024-03-05"))
    assert "--mapping" in str(told.value)
    with pytest.raises(MilepostError, match="no header"):
        sheet(write_csv(tmp_path / "c.csv", [["a", "b"], ["1", "2"]]))


def test_a_mapping_names_a_dealers_own_columns(tmp_path: Path) -> None:
    path = _card(tmp_path, A1="13800000001", A2="2024-03-05", A3="米其林")
    mapping = parse_mapping("mobile: A1\ndate: [A2]\nbrand: A3\n", "registration")
    assert event_of(read(path, mapping=mapping)[0]).data["customer"]["mobile"] == "+8613800000001"


@pytest.mark.parametrize(
    ("text", "told"),
    [("mobil: A1", "mobile"), ("- A1", "lines like"), ("mobile: {a: b}", "column"), ("a: [", "YAML")],
)
def test_a_mapping_that_is_wrong_says_what_is(text: str, told: str) -> None:
    with pytest.raises(MilepostError, match=told):
        parse_mapping(text, "registration")


def test_a_mapping_that_names_a_column_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MilepostError, match="not there: A9"):
        sheet(_card(tmp_path, **NEEDED), mapping={"plate": ("A9",)})


def test_no_name_means_two_things() -> None:
    for names in NAMES.values():
        assert all(name == bare(name) for name in names)
