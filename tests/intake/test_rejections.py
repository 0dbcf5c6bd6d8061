"""Whatever is wrong with a line is told: the member's path, and what was expected of it, never what a person
typed."""

from typing import Any

import pytest

from engine.intake.parse import MOST_BYTES, joined
from engine.model.events import Event
from tests.intake.lines import PARSER, accepted, line, of_type, purchase, refused

WHO = {"mobile": "13800000001"}
CAR = {"plate": "京A12345"}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in purchase().items() if key != name}


ENVELOPE = [
    (without("specversion"), "specversion", "is missing"),
    (purchase() | {"specversion": "0.3"}, "specversion", "must be one of 1.0"),
    (purchase() | {"specversion": 1.0}, "specversion", "must be a text, is a number"),
    (without("id"), "id", "is missing"),
    (purchase() | {"id": " "}, "id", "is missing"),
    (purchase() | {"id": None}, "id", "is missing"),
    (purchase() | {"id": "a\x1fb"}, "id", "must not hold control characters"),
    (purchase() | {"source": 7}, "source", "must be a text, is a number"),
    (without("type"), "type", "is missing"),
    (
        purchase() | {"type": "purchase.recroded"},
        "type",
        "is no type of event that is known: purchase.recroded; did you mean purchase.recorded?",
    ),
    (purchase() | {"type": ["x"]}, "type", "must be a text, is a list"),
    (without("time"), "time", "is missing"),
    (purchase() | {"time": "2025-03-08T14:20:00"}, "time", "has no time zone (such as +08:00, or Z)"),
    *(
        (
            purchase() | {"time": text},
            "time",
            "is no time as RFC 3339 has it (such as 2025-03-08T14:20:00+08:00)",
        )
        for text in (
            "yesterday",
            "2025-03-08",
            "2025-02-30T10:00:00Z",
            "2025-03-08T14:20Z",
            "08/03/2025 14:20",
        )
    ),
    (purchase() | {"time": 1741414800}, "time", "must be a text, is a number"),
    (purchase() | {"time": "0001-01-01T00:00:00+08:00"}, "time", "is a time beyond the calendar"),
    (
        purchase() | {"recordedtime": "2025-03-09T08:00:00"},
        "recordedtime",
        "has no time zone (such as +08:00, or Z)",
    ),
    (purchase() | {"datacontenttype": "text/xml"}, "datacontenttype", "must be application/json"),
    (purchase() | {"data": [1]}, "data", "must be an object, is a list"),
    (without("data"), "data", "is missing"),
    (purchase() | {"data_base64": "e30="}, "data_base64", "is not taken; data must be JSON"),
]

DATA = [
    (purchase(tyres=[{"quantity": "2"}]), "data.tyres[0].quantity", "must be a whole number, is a text"),
    (purchase(tyres=[{"quantity": 2.5}]), "data.tyres[0].quantity", "must be a whole number, is a fraction"),
    (
        purchase(tyres=[{}, {"quantity": True}]),
        "data.tyres[1].quantity",
        "must be a whole number, is true or false",
    ),
    (purchase(tyres=[{}, {"quantity": -1}]), "data.tyres[1].quantity", "must be at least 0"),
    (purchase(tyres=[{"quantity": -2.0}]), "data.tyres[0].quantity", "must be at least 0"),
    (purchase(items=[{"quantity": -1}]), "data.items[0].quantity", "must be at least 0"),
    (purchase(tyres=[{"unit_price": -0.5}]), "data.tyres[0].unit_price", "must be at least 0"),
    (purchase(amount=-1560), "data.amount", "must be at least 0"),
    (of_type("service.visited", vehicle=CAR, amount=-0.01), "data.amount", "must be at least 0"),
    (purchase(tyres={"quantity": 2}), "data.tyres", "must be a list, is an object"),
    (purchase(tyres=["michelin"]), "data.tyres[0]", "must be an object, is a text"),
    (purchase(tyres=[None]), "data.tyres[0]", "must be an object, is null"),
    (purchase(tyres=None), "data", "needs at least one of tyres, items"),
    (purchase(amount=True), "data.amount", "must be a number, is true or false"),
    (purchase(amount="1560"), "data.amount", "must be a number, is a text"),
    (purchase(customer=None), "data.customer", "is missing"),
    (purchase(customer="王芳"), "data.customer", "must be an object, is a text"),
    (purchase(customer={"mobile": 13800000001}), "data.customer.mobile", "must be a text, is a number"),
    (
        purchase(customer=WHO | {"birthday": "01.02.1980"}),
        "data.customer.birthday",
        "is no date (written YYYY-MM-DD)",
    ),
    (
        purchase(customer=WHO | {"address": {"city": 1}}),
        "data.customer.address.city",
        "must be a text, is a number",
    ),
    (
        purchase(consent=[{"channel": "phone", "purpose": "care", "granted": True}]),
        "data.consent[0].channel",
        "must be one of letter, email, sms, all",
    ),
    (purchase(consent=[{"channel": "sms", "purpose": "care"}]), "data.consent[0].granted", "is missing"),
    (of_type("customer.registered", customer=WHO), "data.origin", "is missing"),
    (
        of_type("customer.registered", customer=WHO, origin="web-site"),
        "data.origin",
        "must be one of registration-card, exhibition, advertising, website, hotline, referral; "
        "did you mean website?",
    ),
    (
        of_type("customer.registered", customer={"name": "王芳"}, vehicle=CAR, origin="website"),
        "data.customer",
        "needs at least one of mobile, email, member",
    ),
    (of_type("service.visited", work=["oil"]), "data", "needs at least one of customer, vehicle"),
    (of_type("odometer.reported", vehicle=CAR), "data.vehicle.odometer_km", "is missing"),
    (
        of_type("odometer.reported", vehicle=CAR | {"odometer_km": -1}),
        "data.vehicle.odometer_km",
        "cannot be used",
    ),
    (
        of_type("odometer.reported", customer=WHO, vehicle={"odometer_km": 10}),
        "data.vehicle",
        "names no car: needs plate or vin",
    ),
    (of_type("consent.granted", customer=WHO, channel="sms"), "data.purpose", "is missing"),
    (of_type("message.delivered"), "data.message_id", "is missing"),
    (of_type("weather.warning", kind="snow", level="red"), "data", "needs at least one of city, region"),
    (of_type("referral.made", customer=WHO), "data.referred", "is missing"),
    (of_type("survey.answered", customer=WHO, survey="s1"), "data.answers", "is missing"),
    (of_type("task.done", task_id="t1"), "data.outcome", "is missing"),
]

NOBODY = [
    (
        purchase(customer={"name": "王芳"}, vehicle=None),
        "data.customer",
        "names nobody: needs one of mobile, email, member, or a vehicle with plate or vin",
    ),
    (
        purchase(customer={"mobile": "12345"}, vehicle={"make": "大众"}),
        "data.customer.mobile",
        "cannot be used, and nothing else names who it is about",
    ),
    (
        of_type("service.visited", vehicle={"plate": "无牌"}),
        "data.vehicle.plate",
        "cannot be used, and nothing else names who it is about",
    ),
    (
        of_type("customer.registered", customer={"mobile": "12345"}, vehicle=CAR, origin="website"),
        "data.customer.mobile",
        "cannot be used, and nothing else names who it is about",
    ),
]

LINES = [
    (b"", "is not JSON (it is empty)"),
    (b"\xef\xbb\xbf<xml>not json</xml>", "is not JSON (invalid character (byte 0))"),
    (line(purchase())[:200], "is not JSON (it breaks off, or holds half of a surrogate pair)"),
    (line(purchase()) + b"{}", f"is not JSON (trailing characters (byte {len(line(purchase())) + 1}))"),
    (line(purchase()).decode().encode("gb18030"), "is not UTF-8"),
    ("﻿{}".encode("utf-16-le"), "is not JSON (it looks like UTF-16; save it as UTF-8)"),
    (b"[]", "is not a JSON object"),
    (b'"text"', "is not a JSON object"),
    (line(purchase(amount=1)).replace(b'"amount": 1', b'"amount": NaN'), None),
    (line(purchase(amount=1)).replace(b'"amount": 1', b'"amount": -Infinity'), None),
    (b'{"id": "\\ud800"}', "is not JSON (it breaks off, or holds half of a surrogate pair)"),
    (b"[" * 100_000, "nests more than 400 levels deep"),
    (b'{"a":' * 500 + b"1" + b"}" * 500, "nests more than 400 levels deep"),
    (b'"' + b"{" * 1_000 + b'"', "is not a JSON object"),
    (b" " * (MOST_BYTES + 1), "is longer than an event may be (1048576 bytes)"),
]


@pytest.mark.parametrize(("event", "field", "reason"), [*ENVELOPE, *DATA, *NOBODY])
def test_the_reason_names_the_member(event: dict[str, Any], field: str, reason: str) -> None:
    assert refused(event) == [(field, f"{field} {reason}")]


@pytest.mark.parametrize(("raw", "reason"), LINES)
def test_a_line_that_is_no_event_is_refused_as_a_whole(raw: bytes, reason: str | None) -> None:
    [(field, told)] = refused(raw)
    assert field == ""
    assert told == f"the line {reason}" if reason else told.startswith("the line is not JSON")


def test_a_number_that_no_double_holds_is_named() -> None:
    large = line(purchase(amount=1)).replace(b'"amount": 1', b'"amount": 1e400')
    assert refused(large) == [("data.amount", "data.amount holds a number that is out of range")]
    assert refused(b"1e400") == [("", "the line holds a number that is out of range")]


def test_all_faults_are_told_at_once() -> None:
    event = purchase(tyres=[{"quantity": "2"}], amount="x") | {"time": "today", "specversion": "2.0"}
    assert {field for field, _ in refused(event)} == {
        "time",
        "specversion",
        "data.tyres[0].quantity",
        "data.amount",
    }


def test_what_is_around_the_data_does_not_hide_that_nobody_is_named() -> None:
    event = purchase(customer={"name": "王芳"}, vehicle=None) | {"time": "today"}
    assert [field for field, _ in refused(event)] == ["time", "data.customer"]


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"id": "1", "id": "2"}', "id"),
        (line(purchase()).replace(b'"amount": 1560', b'"amount": 1, "amount": 2'), "data.amount"),
        (
            line(purchase()).replace(b'"quantity": 2', b'"quantity" : 2, "quantity":3'),
            "data.tyres[0].quantity",
        ),
        (b'{"a":1,"a":"\\u003a"}', "a"),
    ],
)
def test_a_member_given_twice_is_refused(raw: bytes, field: str) -> None:
    assert refused(raw) == [(field, f"{field} is given twice in one object")]


def test_a_line_s_faults_can_be_told_in_one_sentence() -> None:
    raw = line(purchase(amount="x") | {"time": "2025-03-08T14:20:00"})
    parsed = PARSER.parse(raw)
    assert isinstance(parsed, list)
    told = joined(parsed)
    assert told.field == "time"
    assert told.raw == raw
    assert told.reason == (
        "time has no time zone (such as +08:00, or Z); data.amount must be a number, is a text"
    )


def test_reasons_repeat_nothing_personal() -> None:
    secret = {
        "name": 8613800000001,
        "mobile": ["13800000001"],
        "email": {"w@example.cn": 1},
        "birthday": "8.3.80",
    }
    for _, reason in refused(purchase(customer=secret, vehicle={"plate": "无牌"})):
        assert not any(word in reason for word in ("1380", "example", "8.3", "无牌"))


@pytest.mark.parametrize(
    "event",
    [
        purchase(unknown={"deep": [1, None, ""]}, reason="worn"),
        purchase(vehicle=None),
        purchase(tyres=[], items=None),
        purchase(tyres=None, items=[{"name": "oil"}]),
        purchase(amount=0, tyres=[{"quantity": 1, "unit_price": 0}]),  # given away
        purchase(customer={"name": "王芳"}),  # the car tells who
        of_type("service.visited", customer={"member": "M-1"}),
        of_type("service.visited", vehicle=CAR),
        of_type("odometer.reported", vehicle={"vin": "LSVAA4182E2184847", "odometer_km": 1e6}),
        of_type("vehicle.updated", vehicle=CAR | {"inspection_due": "2026-03-01"}),
        of_type("complaint.opened", customer=WHO, complaint_id="c", severity="grave", mood="tired"),
        of_type("customer.updated", customer=WHO | {"preferred_channel": "wechat", "shoe_size": 42}),
        of_type("survey.answered", customer=WHO, survey="s", answers=[5, "yes"]),
        of_type("weather.warning", region="广东省", kind="typhoon", level="red"),
        of_type("message.bounced", message_id="m"),
        of_type("task.done", task_id="t", outcome="reached"),
        of_type("consent.withdrawn", customer=WHO, channel="all", purpose="all"),
        purchase() | {"datacontenttype": "application/json; charset=utf-8", "subject": "x", "ext": 1},
        purchase() | {"datacontenttype": None, "recordedtime": None},
        purchase(wide=[{}, []] * 1_000),
    ],
)
def test_no_stricter_than_the_contract(event: dict[str, Any]) -> None:
    assert isinstance(accepted(event), Event)
