"""`POST /v1/events`: what is answered by 202 is there for good; what is wrong is told by its member, and kept."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from engine.wiring import taking
from tests.web.dealers import BATCH, EVENTS, STRUCTURED, Desk, purchase


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path).open() as made:
        yield made


@pytest.fixture
def dealer(desk: Desk) -> TestClient:
    return desk.client("d001")


def post(dealer: TestClient, body: Any, **headers: str) -> Any:
    kind = BATCH if isinstance(body, list) else STRUCTURED
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return dealer.post(EVENTS, content=content, headers={**kind, **headers})


def test_an_event_is_there_when_it_is_answered_and_again_counts_once(desk: Desk, dealer: TestClient) -> None:
    for _ in range(2):
        answer = post(dealer, purchase(1))
        assert answer.status_code == 202
        assert answer.json() == {"read": 1, "accepted": 1, "rejected": 0, "rejections": []}
        assert desk.logged() == ["sold-1"]


def test_in_binary_mode_headers_are_the_attributes(desk: Desk, dealer: TestClient) -> None:
    event = purchase(1)
    data = json.dumps(event.pop("data"), ensure_ascii=False).encode()
    headers = {f"ce-{name}": value for name, value in event.items()}
    answer = dealer.post(EVENTS, content=data, headers={**headers, "content-type": "application/json"})
    assert answer.status_code == 202
    assert desk.logged() == ["sold-1"]


def test_unknown_members_are_kept(desk: Desk, dealer: TestClient) -> None:
    event = purchase(1)
    event["data"]["till"] = {"number": 7}
    assert post(dealer, event).status_code == 202
    [customer] = desk.store.known_after("", 10)
    [logged] = desk.store.events_of(customer.id)
    assert logged.event.data["till"] == {"number": 7}


@pytest.mark.parametrize(
    ("member", "value", "pointer"),
    [
        ("quantity", "two", "#/data/tyres/0/quantity"),
        ("quantity", 10**400, "#/data/tyres/0/quantity"),
        ("quantity", -1, "#/data/tyres/0/quantity"),
        ("unit_price", "1,5", "#/data/tyres/0/unit_price"),
    ],
)
def test_a_faulty_member_is_named_and_the_event_is_kept(
    desk: Desk, dealer: TestClient, member: str, value: Any, pointer: str
) -> None:
    event = purchase(1)
    event["data"]["tyres"][0][member] = value
    answer = post(dealer, event)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    [error] = told["errors"]
    assert (error["member"], error["pointer"]) == (f"data.tyres[0].{member}", pointer)
    [kept] = desk.refused()
    assert told["rejection"] == kept.id
    assert kept.file == "gateway-d001"
    assert json.loads(kept.raw) == event
    assert desk.logged() == []


def test_a_number_that_no_double_holds_is_named(desk: Desk, dealer: TestClient) -> None:
    body = json.dumps(purchase(1)).replace('"quantity": 2', '"quantity": 1e400').encode()
    answer = post(dealer, body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["member"] == "data.tyres[0].quantity"


def test_every_fault_is_told(dealer: TestClient) -> None:
    event = purchase(1, time="2025-02-30", type="purchase.recorded")
    del event["data"]["tyres"]
    told = post(dealer, event).json()
    assert {"time", "data"} == {one["member"].split(".")[0] for one in told["errors"]}


def test_of_a_batch_the_good_are_taken_and_the_others_told_and_kept(desk: Desk, dealer: TestClient) -> None:
    batch = [purchase(1), purchase(2, time="yesterday"), purchase(3), 7]
    answer = post(dealer, batch)
    assert answer.status_code == 202
    told = answer.json()
    assert (told["read"], told["accepted"], told["rejected"]) == (4, 2, 2)
    assert [(one["index"], one["id"]) for one in told["rejections"]] == [(1, "sold-2"), (3, None)]
    assert told["rejections"][0]["errors"][0]["pointer"] == "#/1/time"
    assert desk.logged() == ["sold-1", "sold-3"]
    assert {one.id for one in desk.refused()} == {one["rejection"] for one in told["rejections"]}


def test_a_batch_of_which_none_is_good_is_refused_and_kept(desk: Desk, dealer: TestClient) -> None:
    answer = post(dealer, [purchase(1, time="yesterday"), {}])
    assert answer.status_code == 422
    assert [one["index"] for one in answer.json()["rejections"]] == [0, 1]
    assert len(desk.refused()) == 2


def test_a_batch_may_be_empty_and_no_larger_than_a_thousand(desk: Desk, dealer: TestClient) -> None:
    assert post(dealer, []).json()["read"] == 0
    assert post(dealer, [purchase(n) for n in range(1000)]).status_code == 202
    assert len(desk.logged()) == 1000
    assert post(dealer, [{}] * 1001).status_code == 413


def test_the_same_refused_by_two_dealers_is_on_the_list_of_each(desk: Desk, dealer: TestClient) -> None:
    other = desk.client("d002")
    kept = [post(one, {"id": "1"}).json()["rejection"] for one in (dealer, other)]
    assert kept[0] != kept[1]
    for mine, client in zip(kept, (dealer, other), strict=True):
        assert client.get(f"/v1/rejections/{mine}").status_code == 200


def test_nobody_speaks_for_another_dealer(desk: Desk, dealer: TestClient) -> None:
    of_another = purchase(1, "d002")
    answer = post(dealer, of_another)
    assert answer.status_code == 422
    assert [one["member"] for one in answer.json()["errors"]] == ["source", "data.dealer"]
    assert answer.json()["rejection"] == desk.refused()[0].id
    faulty = post(dealer, [purchase(3), purchase(1, "d002", time="yesterday")])
    assert faulty.json()["accepted"] == 1
    assert {one.dealer for one in desk.refused()} == {"d001"}  # nothing comes on another's list
    assert len(desk.refused()) == 2
    slipped = purchase(2)
    slipped["data"]["dealer"] = "d002"
    assert [one["member"] for one in post(dealer, slipped).json()["errors"]] == ["data.dealer"]
    assert desk.logged() == ["sold-3"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", STRUCTURED, 400),
        (b'{"a": NaN}', STRUCTURED, 400),
        (b"{}", BATCH, 400),
        (b"{}", {"content-type": "text/csv"}, 415),
        (b"{}", {**STRUCTURED, "content-encoding": "gzip"}, 415),
        (b" " * (2 * 1024 * 1024 + 1), STRUCTURED, 413),
        (b'"' + b"x" * 1024 * 1024 + b'"', STRUCTURED, 422),
        (b"[" * 500 + b"]" * 500, {"content-type": "application/json"}, 422),
    ],
)
def test_what_cannot_be_read_is_told_by_problem_details(
    dealer: TestClient, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = dealer.post(EVENTS, content=body, headers={**headers, "accept": "text/html"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_another_method_is_told_which_there_is(dealer: TestClient, method: str) -> None:
    answer = dealer.request(method, EVENTS)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_what_is_not_there_is_told_by_problem_details(dealer: TestClient) -> None:
    answer = dealer.get("/v1/none", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_when_the_database_cannot_take_it_it_is_to_be_brought_again(
    desk: Desk, dealer: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "ANSWER_S", 0.2)
    with desk.store.unit():  # nobody else can write meanwhile
        answer = post(dealer, purchase(1))
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert desk.logged() == []
    monkeypatch.undo()
    assert post(dealer, purchase(1)).status_code == 202
    assert desk.logged() == ["sold-1"]
