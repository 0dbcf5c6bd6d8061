"""Order is promised for events with the same key, so the key is the same whoever writes to the inbox."""

import json
from typing import Any

import pytest

from engine.intake.keys import RawKeys, inbox_key
from engine.intake.parse import Parser
from engine.model.events import Event

PARSER = Parser(country="CN")
RAW_KEYS = RawKeys("CN")

PERSON = {"mobile": "138 0000 0001", "email": "W@Example.cn", "member": " m-7 "}
CAR = {"plate": "京a·12345", "vin": "LSVAA49J132047371"}


def raw(data: dict[str, Any], kind: str = "service.visited") -> bytes:
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "/d",
        "type": kind,
        "time": "2025-03-08T14:20:00+08:00",
    }
    return json.dumps({**event, "data": data}).encode()


def without(part: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in part.items() if name not in names}


KEYS = [
    ({"customer": PERSON, "vehicle": CAR}, "+8613800000001"),
    ({"customer": without(PERSON, "mobile"), "vehicle": CAR}, "w@example.cn"),
    ({"customer": {**PERSON, "mobile": "12345"}, "vehicle": CAR}, "w@example.cn"),
    ({"customer": {"member": " m-7 ", "email": "none"}, "vehicle": CAR}, "m-7"),
    ({"customer": {"name": "王芳"}, "vehicle": CAR}, "京A12345"),
    ({"vehicle": CAR}, "京A12345"),
    ({"vehicle": {"plate": "无牌", "vin": CAR["vin"]}}, "LSVAA49J132047371"),
]


@pytest.mark.parametrize(("data", "key"), KEYS)
def test_the_first_identifier_that_can_be_used_is_the_key_as_cleaned(data: dict[str, Any], key: str) -> None:
    event = PARSER.parse(raw(data))
    assert isinstance(event, Event)
    assert inbox_key(event) == key.encode()
    assert RAW_KEYS.of(raw(data)) == key.encode()


def test_an_event_about_nobody_has_no_key() -> None:
    data = {"city": "北京市", "kind": "snow", "level": "orange"}
    event = PARSER.parse(raw(data, "weather.warning"))
    assert isinstance(event, Event)
    assert inbox_key(event) is None


@pytest.mark.parametrize(
    "bytes_",
    [b"", b"\xff", b"[]", b"null", b'{"data": []}', b'{"data": {"customer": "w@example.cn"}}',
     b'{"data": {"customer": {"email": 5, "mobile": null}}}', b'{"data": {"customer": {"mobile": "12345"}}}',
     b"[" * 100_000],
)  # fmt: skip
def test_what_cannot_be_read_has_no_key_and_raises_nothing(bytes_: bytes) -> None:
    assert RAW_KEYS.of(bytes_) is None


def test_a_number_without_a_country_is_read_as_the_countrys() -> None:
    data = {"customer": {"mobile": "0151 23456789", "email": "w@example.de"}}
    assert RawKeys("DE").of(raw(data)) == b"+4915123456789"
    assert RawKeys(None).of(raw(data)) == b"w@example.de"
