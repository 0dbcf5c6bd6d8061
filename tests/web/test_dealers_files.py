"""Dealers' files, refused inputs and customers by HTTP: each dealer sees its own, and nothing is lost."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from fastapi.testclient import TestClient

from engine.model.keys import Scope
from tests.intake.sheets.rowfiles import HEADER, row, write_csv, write_xlsx
from tests.web.dealers import EVENTS, STRUCTURED, Desk, purchase

CARDS = [HEADER, row(), row(手机="13800000002", 轮胎品牌="米其琳"), row()]
FILES = "/v1/files"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    brand = tmp_path / "templates" / "brands" / "michelin" / "brand.yaml"
    brand.write_text("name: {zh-CN: 米其林}\nsenders: {email: care@michelin.example}\n", "utf-8")
    with made.open() as opened:
        yield opened


def _sent(
    client: TestClient, content: bytes, name: str = "cards.csv", holds: str = "registration"
) -> dict[str, Any]:
    answer = client.post(FILES, params={"as": holds, "name": name}, content=content)
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"{FILES}/{told['id']}"
    return told


def _done(client: TestClient, told: dict[str, Any]) -> dict[str, Any]:
    """The upload once it is read."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        now: dict[str, Any] = client.get(f"{FILES}/{told['id']}").json()
        if now["status"] in ("done", "failed"):
            return now
        time.sleep(0.02)
    raise AssertionError("it is not read")


def test_a_spreadsheet_is_taken_at_once_and_read_by_and_by(desk: Desk, tmp_path: Path) -> None:
    client = desk.client()
    content = write_csv(tmp_path / "c.csv", CARDS, "gb18030").read_bytes()
    told = _done(client, _sent(client, content))
    counts = {name: told[name] for name in ("read", "accepted", "duplicates", "rejected", "status")}
    assert counts == {"read": 3, "accepted": 1, "duplicates": 1, "rejected": 1, "status": "done"}
    [refused] = told["rejections"]
    assert (refused["line"], refused["field"]) == (3, "轮胎品牌")
    assert len(desk.logged()) == 1
    assert _sent(client, content)["status"] == "done"
    assert [one["id"] for one in client.get(FILES).json()["files"]] == [told["id"]]


def test_a_workbook_by_a_form_and_its_marked_copy(desk: Desk, tmp_path: Path) -> None:
    client = desk.client()
    content = write_xlsx(tmp_path / "c.xlsx", CARDS).read_bytes()
    answer = client.post(FILES, params={"as": "registration"}, files={"file": ("cards.xlsx", content)})
    assert answer.status_code == 202, answer.text
    told = _done(client, answer.json())
    copy = client.get(told["annotated"])
    assert copy.status_code == 200
    (tmp_path / "marked.xlsx").write_bytes(copy.content)
    rows = (
        python_calamine.CalamineWorkbook.from_path(str(tmp_path / "marked.xlsx"))
        .get_sheet_by_index(0)
        .to_python()
    )
    rows[2][HEADER.index("轮胎品牌")] = "米其林"
    mended = write_xlsx(tmp_path / "mended.xlsx", rows).read_bytes()
    assert _done(client, _sent(client, mended, "mended.xlsx"))["accepted"] == 1
    assert client.get("/v1/rejections").json()["rejections"] == []


def test_a_file_of_events(desk: Desk, tmp_path: Path) -> None:
    client = desk.client()
    lines = [json.dumps(purchase(1)), json.dumps(purchase(2, "d002")), "{"]
    told = _done(client, _sent(client, "\n".join(lines).encode(), "e.jsonl", "events"))
    assert (told["read"], told["accepted"], told["rejected"]) == (3, 1, 2)
    assert [one["line"] for one in told["rejections"]] == [2, 3]
    assert len(client.get("/v1/rejections").json()["rejections"]) == 2
    assert desk.client("d002").get("/v1/rejections").json()["rejections"] == []


def test_a_file_that_cannot_be_read_says_why_and_may_come_again(desk: Desk) -> None:
    client = desk.client()
    told = _done(client, _sent(client, b"a,b\n1,2\n"))
    assert told["status"] == "failed"
    assert "header" in told["error"]
    assert _sent(client, b"a,b\n1,2\n")["status"] in ("waiting", "reading", "failed")


@pytest.mark.parametrize(
    ("params", "content", "status"),
    [
        ({}, b"x", 422),
        ({"as": "cards"}, b"x", 422),
        ({"as": "registration"}, b"", 422),
        ({"as": "registration", "mapping": "mobil: A"}, b"x", 422),
        ({"as": "registration"}, b"x" * (34 * 1024 * 1024), 413),
    ],
)
def test_what_is_asked_wrongly_is_told(
    desk: Desk, params: dict[str, str], content: bytes, status: int
) -> None:
    answer = desk.client().post(FILES, params=params, content=content)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_another_dealers_files_and_refused_inputs_are_not_there(desk: Desk, tmp_path: Path) -> None:
    client, other = desk.client(), desk.client("d002")
    told = _done(client, _sent(client, write_csv(tmp_path / "c.csv", CARDS).read_bytes()))
    refused = told["rejections"][0]["rejection"]
    for path in (f"{FILES}/{told['id']}", f"{FILES}/{told['id']}/annotated", f"/v1/rejections/{refused}"):
        assert other.get(path).status_code == 404
        assert client.get(path).status_code == 200
    assert other.post(f"/v1/rejections/{refused}/retry").status_code == 404
    assert other.get(FILES).json()["files"] == []


def test_a_key_opens_what_its_scopes_say(desk: Desk) -> None:
    client = desk.client("d001", Scope.EVENTS_WRITE)
    for path in (FILES, "/v1/rejections", "/v1/customers?plate=京A12345"):
        assert client.get(path).status_code == 403
    assert desk.http.get(FILES).status_code == 401


def test_what_was_refused_is_mended_and_sent_in_again(desk: Desk, tmp_path: Path) -> None:
    client = desk.client()
    _done(client, _sent(client, write_csv(tmp_path / "c.csv", CARDS).read_bytes()))
    [listed] = client.get("/v1/rejections").json()["rejections"]
    path = f"/v1/rejections/{listed['id']}"
    whole = client.get(path).json()
    assert "米其琳" in whole["raw"]
    still = client.post(f"{path}/retry")
    assert (still.status_code, still.json()["errors"][0]["member"]) == (422, "轮胎品牌")
    mended = whole["raw"].replace("米其琳", "米其林").encode()
    assert client.post(f"{path}/retry", content=mended).status_code == 202
    assert client.get("/v1/rejections").json()["rejections"] == []
    assert client.post(f"{path}/retry", content=mended).status_code == 409
    assert len(desk.logged()) == 2


def test_a_mended_input_cannot_become_another_dealers(desk: Desk, tmp_path: Path) -> None:
    client = desk.client()
    _done(client, _sent(client, write_csv(tmp_path / "c.csv", CARDS).read_bytes()))
    [listed] = client.get("/v1/rejections").json()["rejections"]
    raw = client.get(f"/v1/rejections/{listed['id']}").json()["raw"]
    foreign = raw.replace("米其琳", "米其林").replace("d001", "d002").encode()
    assert client.post(f"/v1/rejections/{listed['id']}/retry", content=foreign).status_code == 422
    assert len(desk.logged()) == 1


@pytest.mark.parametrize("named", ["%00", "none", "x" * 300])
def test_what_is_no_id_is_not_there(desk: Desk, named: str) -> None:
    client = desk.client()
    for path in (f"{FILES}/{named}", f"/v1/rejections/{named}"):
        assert client.get(path).status_code == 404


def test_refused_inputs_are_listed_a_page_at_a_time(desk: Desk, tmp_path: Path) -> None:
    client = desk.client()
    rows = [HEADER, *(row(手机=f"{number}") for number in range(5))]
    _done(client, _sent(client, write_csv(tmp_path / "c.csv", rows).read_bytes()))
    seen, after = [], 0
    while after is not None:
        page = client.get("/v1/rejections", params={"limit": 2, "after": after}).json()
        seen += [one["line"] for one in page["rejections"]]
        after = page["next"]
    assert seen == [2, 3, 4, 5, 6]


def test_a_dealer_finds_its_customer_and_not_what_another_dealer_did(desk: Desk) -> None:
    mine, theirs = desk.client(), desk.client("d002")
    car = {"plate": "京A12345", "odometer_km": 40000}
    first = purchase(1)
    first["data"]["vehicle"] = car
    second = purchase(2, "d002", time="2025-05-01T10:00:00+08:00")
    second["data"] |= {"customer": first["data"]["customer"], "vehicle": {**car, "odometer_km": 46000}}
    for client, event in ((mine, first), (theirs, second)):
        assert client.post(EVENTS, json=event, headers=STRUCTURED).status_code == 202
    for asked in ({"plate": "京a·12345"}, {"mobile": "+86 138 0000 0001"}):
        [found] = mine.get("/v1/customers", params=asked).json()["customers"]
        assert [one["dealer"] for one in found["purchases"]] == ["d001"]
        odometer = found["vehicles"][0]["odometer"]
        assert (odometer["last_reading_km"], odometer["last_reading_at"]) == (None, None)
    [found] = theirs.get("/v1/customers", params={"plate": "京A12345"}).json()["customers"]
    assert found["vehicles"][0]["odometer"]["last_reading_km"] == 46000
    assert desk.client("d003").get("/v1/customers", params={"plate": "京A12345"}).json() == {"customers": []}


@pytest.mark.parametrize("asked", [{}, {"plate": "京A12345", "mobile": "13800000001"}, {"plate": "x" * 99}])
def test_a_customer_is_asked_for_by_one_of_two(desk: Desk, asked: dict[str, str]) -> None:
    assert desk.client().get("/v1/customers", params=asked).status_code == 422
