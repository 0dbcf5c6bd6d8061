"""`milepost ingest --as registration`: from a dealer's file to the store, and the marked copy on its way back."""

import json
from pathlib import Path
from typing import Any

import python_calamine

from tests.cli.conftest import Call
from tests.intake.sheets.rowfiles import HEADER, row, write_csv, write_xlsx
from tests.support import write_project

JOURNEY = """\
    purpose: care
    start: {on: purchase.recorded, per: vehicle, again: restart}
    steps:
      - wait: 1 month
      - send: hello
        by: [sms]
    """
AS = ("--as", "registration", "--dealer", "d001")
CARDS = [HEADER, row(), row(手机="13800000002", 轮胎品牌="米其琳"), row(), row(手机="12345")]


def _site(folder: Path) -> Path:
    write_project(folder, {"welcome": JOURNEY})
    brand = folder / "templates" / "brands" / "michelin" / "brand.yaml"
    brand.write_text("name: {zh-CN: 米其林}\nsenders: {email: care@michelin.example}\n", "utf-8")
    write_csv(folder / "cards.csv", CARDS, "gb18030")
    return folder


def _told(call: Call, site: Path, *arguments: object) -> tuple[int, dict[str, Any]]:
    done = call("ingest", *arguments, "--format", "json", cwd=site)
    return done.code, json.loads(done.stdout)


def test_a_file_of_cards_and_the_same_again(tmp_path: Path, call: Call) -> None:
    site = _site(tmp_path)
    code, told = _told(call, site, "cards.csv", *AS)
    assert code == 1
    counts = {name: told[name] for name in ("read", "accepted", "duplicates", "rejected")}
    assert counts == {"read": 4, "accepted": 1, "duplicates": 1, "rejected": 2}
    assert [(one["line"], one["field"], one["value"]) for one in told["rejections"]] == [
        (3, "轮胎品牌", "米其琳"),
        (5, "手机", "12345"),
    ]
    code, told = _told(call, site, "cards.csv", *AS)
    assert (code, told["accepted"], told["duplicates"], told["rejected"]) == (1, 0, 2, 2)
    listed = call("rejected", "list", "--format", "jsonl", cwd=site).stdout.splitlines()
    assert len(listed) == 2


def test_the_marked_copy_comes_back_mended(tmp_path: Path, call: Call) -> None:
    site = _site(tmp_path)
    _told(call, site, "cards.csv", *AS, "--annotate", "marked.xlsx")
    rows = (
        python_calamine.CalamineWorkbook.from_path(str(site / "marked.xlsx"))
        .get_sheet_by_index(0)
        .to_python()
    )
    assert rows[0][: len(HEADER)] == HEADER
    assert "did you mean 米其林?" in str(rows[2][len(HEADER)])
    rows[2][HEADER.index("轮胎品牌")] = "米其林"
    write_xlsx(site / "mended.xlsx", rows)
    code, told = _told(call, site, "mended.xlsx", *AS)
    assert (code, told["accepted"], told["duplicates"], told["rejected"]) == (1, 1, 2, 1)
    [left] = call("rejected", "list", "--format", "jsonl", cwd=site).stdout.splitlines()
    assert "手机" in json.loads(left)["reason"]


def test_what_somebody_typed_never_becomes_a_formula(tmp_path: Path, call: Call) -> None:
    site = _site(tmp_path)
    write_csv(site / "cards.csv", [HEADER, row(姓名="=1+1", 轮胎品牌="@SUM(A1)")])
    _told(call, site, "cards.csv", *AS, "--annotate", "marked.xlsx")
    rows = (
        python_calamine.CalamineWorkbook.from_path(str(site / "marked.xlsx"))
        .get_sheet_by_index(0)
        .to_python()
    )
    assert (rows[1][1], rows[1][HEADER.index("轮胎品牌")]) == ("=1+1", "@SUM(A1)")


def test_a_refused_row_is_mended_by_hand(tmp_path: Path, call: Call) -> None:
    site = _site(tmp_path)
    _told(call, site, "cards.csv", *AS)
    first = json.loads(call("rejected", "list", "--format", "jsonl", cwd=site).stdout.splitlines()[0])
    raw = call("rejected", "show", first["id"], cwd=site).stdout
    (site / "row.json").write_text(raw.replace("米其琳", "米其林"), "utf-8")
    done = call("rejected", "retry", first["id"], "--mended", "row.json", cwd=site)
    assert (done.code, done.stdout) == (0, "1 tried, 1 accepted, 0 duplicate, 0 refused again\n")


def test_what_must_be_said_is_asked_for(tmp_path: Path, call: Call) -> None:
    site = _site(tmp_path)
    assert "--dealer" in call("ingest", "cards.csv", "--as", "registration", cwd=site).stderr
    assert "--as registration" in call("ingest", "cards.csv", cwd=site).stderr
    assert call("ingest", "cards.csv", *AS, "--annotate", "copy.csv", cwd=site).code == 2
    assert call("ingest", "none.csv", *AS, cwd=site).code != 0
    assert "--as" in call("ingest", "events.jsonl", "--dealer", "d001", cwd=site).stderr
