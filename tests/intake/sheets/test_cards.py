"""A row of a card becomes one purchase, or is refused with its faults; the same row is the same purchase."""

import re
from pathlib import Path
from typing import Any

import pytest

from engine.intake.sheets import again, kept_row
from engine.model.diagnostics import rejection_id
from engine.model.events import Event
from tests.intake.sheets.rowfiles import HEADER, PARSER, event_of, one, read, reading, row, write_csv


def test_a_card_is_a_purchase_at_noon_of_its_day(tmp_path: Path) -> None:
    event = event_of(one(tmp_path))
    assert (event.type, event.source) == ("purchase.recorded", "/dealers/d001")
    assert re.fullmatch(r"card-[0-9a-f]{32}", event.id)
    assert event.time.isoformat() == "2024-03-05T04:00:00+00:00"
    assert event.data == {
        "dealer": "d001",
        "customer": {
            "name": "王芳",
            "salutation": "女士",
            "mobile": "+8613800000001",
            "email": "w@example.cn",
        },
        "vehicle": {"plate": "京A12345", "odometer_km": 32000},
        "tyres": [{"brand": "michelin", "quantity": 2}],
        "consent": [
            {"channel": "sms", "purpose": "care", "granted": True, "proof": "registration card"},
            {"channel": "email", "purpose": "care", "granted": False, "proof": "registration card"},
        ],
    }


@pytest.mark.parametrize(
    "cells",
    [
        {"手机": "+86-13800000001"},
        {"手机": "１３８ ００００ ０００１"},
        {"手机": "13800000001.0"},
        {"登记日期": "2024年3月5日"},
        {"里程": "32,000公里"},
        {"轮胎品牌": "michelin"},
        {"轮胎品牌": " 米其林轮胎 "},
        {"车牌": "京a·12345"},
        {"数量": "2"},
        {"同意短信": "Y", "同意邮件": "×"},
        {"邮箱": " W@EXAMPLE.CN "},
    ],
)
def test_the_same_row_in_other_words_is_the_same_purchase(tmp_path: Path, cells: dict[str, Any]) -> None:
    assert event_of(one(tmp_path, **cells)).key == event_of(one(tmp_path)).key


def test_another_dealers_row_is_another_purchase(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "c.csv", [HEADER, row()])
    [made] = read(path)
    raw = one(tmp_path, 轮胎品牌="米其琳").raw
    mended = kept_row(raw.replace("米其琳".encode(), "米其林".encode()))
    assert mended is not None
    other = again(mended, reading(dealer="d002"), PARSER)
    assert isinstance(other, Event)
    assert other.key != event_of(made).key


@pytest.mark.parametrize(
    ("cells", "field", "told"),
    [
        ({"手机": ""}, "手机", "email alone is not enough"),
        ({"手机": "182500000"}, "手机", "no valid mobile"),
        ({"手机": "1.38E+10"}, "手机", "rounded"),
        ({"登记日期": "2024-13-10"}, "登记日期", "calendar"),
        ({"登记日期": ""}, "登记日期", "missing"),
        ({"登记日期": "2025-06-02"}, "登记日期", "future"),
        ({"轮胎品牌": "米其琳"}, "轮胎品牌", "did you mean 米其林?"),
        ({"轮胎品牌": ""}, "轮胎品牌", "missing"),
        ({"里程": "很多"}, "里程", "kilometres"),
        ({"数量": "许多"}, "数量", "number of tyres"),
        ({"同意短信": "也许"}, "同意短信", "neither yes nor no"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field(
    tmp_path: Path, cells: dict[str, Any], field: str, told: str
) -> None:
    made = one(tmp_path, **cells)
    assert made.event is None
    assert [(fault.column, told in fault.reason) for fault in made.faults] == [(field, True)]
    [(title, value)] = cells.items()
    assert (title, made.faults[0].value) == (field, value)


def test_all_faults_of_a_row_are_told_at_once(tmp_path: Path) -> None:
    made = one(tmp_path, 手机="1", 轮胎品牌="x", 登记日期="y")
    assert {fault.member for fault in made.faults} == {"mobile", "brand", "date"}


@pytest.mark.parametrize("odometer", ["", "不详", "未知", "-"])
def test_an_odometer_may_be_unknown(tmp_path: Path, odometer: str) -> None:
    assert "odometer_km" not in event_of(one(tmp_path, 里程=odometer)).data["vehicle"]


def test_a_row_that_was_refused_is_read_again_once_it_is_mended(tmp_path: Path) -> None:
    made = one(tmp_path, 轮胎品牌="米其琳")
    kept = kept_row(made.raw)
    assert kept is not None
    still = again(kept, reading(), PARSER)
    assert not isinstance(still, Event)
    assert [fault.column for fault in still] == ["轮胎品牌"]
    mended = kept_row(made.raw.replace("米其琳".encode(), "米其林".encode()))
    assert mended is not None
    event = again(mended, reading(), PARSER)
    assert isinstance(event, Event)
    assert event.key == event_of(one(tmp_path)).key


def test_the_same_refused_row_of_another_file_is_kept_once(tmp_path: Path) -> None:
    first = one(tmp_path, 轮胎品牌="米其琳")
    second = read(write_csv(tmp_path / "two.csv", [HEADER, row(), row(轮胎品牌="米其琳")]))[1]
    assert rejection_id(first.raw) == rejection_id(second.raw)


def test_an_event_is_no_row() -> None:
    assert kept_row(b'{"specversion": "1.0", "id": "milepost-row"}') is None
    assert kept_row(b"milepost-row \xff") is None


def test_a_prospect_is_registered_with_offers_agreed_to(tmp_path: Path) -> None:
    header = [
        "captured_at",
        "source",
        "name",
        "mobile",
        "email",
        "city",
        "interest",
        "email_opt_in",
        "sms_opt_in",
    ]
    line = ["2024-10-19", "展会", "罗军", "18890000000", "p0@example.cn", "上海市", "百路驰", "false", "true"]
    [made] = read(write_csv(tmp_path / "p.csv", [header, line]), "prospects")
    event = event_of(made)
    assert (event.type, event.data["origin"], event.data["interest"]) == (
        "customer.registered",
        "exhibition",
        "bfgoodrich",
    )
    said = {(one["channel"], one["purpose"]): one["granted"] for one in event.data["consent"]}
    assert said == {("sms", "promotion"): True, ("email", "promotion"): False}


def test_a_prospect_whom_nobody_can_reach_is_refused(tmp_path: Path) -> None:
    header = ["日期", "来源", "姓名", "手机", "邮箱"]
    [made] = read(
        write_csv(tmp_path / "p.csv", [header, ["2024-10-19", "展会", "罗军", "", ""]]), "prospects"
    )
    assert "reach" in made.rejection("").reason


def test_a_row_that_names_another_dealer_is_refused(tmp_path: Path) -> None:
    [made] = read(write_csv(tmp_path / "c.csv", [[*HEADER, "门店"], [*row(), "d002"]]))
    assert "another dealer than d001" in made.rejection("").reason
    [made] = read(write_csv(tmp_path / "c.csv", [[*HEADER, "门店"], [*row(), "驰加北京乐平店"]]))
    assert made.event is not None
