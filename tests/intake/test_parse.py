"""What an accepted event holds."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.intake.parse import Parser
from engine.intake.parse.quick import quick_check
from engine.intake.parse.strict import Strict
from engine.model.diagnostics import Rejection
from engine.model.event_types import (
    EVENT_TYPES,
    EventType,
    Kind,
    Member,
    Subject,
    day,
    event_type,
    list_of,
    moment,
    record,
    text,
)
from engine.model.events import Event
from tests.intake.lines import PARSER, accepted, line, of_type, purchase, refused


def test_an_event_is_what_the_line_said() -> None:
    event = accepted(purchase())
    assert (event.source, event.id, event.type) == ("/dealers/d001", "d001-7f3c", "purchase.recorded")
    assert event.time == datetime(2025, 3, 8, 6, 20, tzinfo=UTC)
    assert event.recorded == datetime(2025, 3, 9, tzinfo=UTC)
    assert event.time.tzinfo is UTC
    cleaned = purchase()["data"]
    cleaned["customer"]["mobile"] = "+8613800000001"
    assert event.data == cleaned
    assert (event.brand, event.tyre_count, event.dealer) == ("michelin", 2, "d001")


def test_unknown_members_are_kept_as_they_came() -> None:
    odd = {"": None, "配件": [1.5, {"x": ""}], "nested": {"nothing": None}}
    event = accepted(purchase(odd=odd, customer=purchase()["data"]["customer"] | {"pets": odd}))
    assert event.data["odd"] == odd
    assert event.data["customer"]["pets"] == odd


@pytest.mark.parametrize("nothing", [None, "", "   ", "　"])
def test_null_and_blank_mean_not_stated(nothing: str | None) -> None:
    customer = {"mobile": "13800000001", "email": nothing, "name": nothing, "address": {"line": nothing}}
    event = accepted(purchase(customer=customer, amount=nothing, vehicle=None) | {"recordedtime": nothing})
    assert event.data["customer"] == {"mobile": "+8613800000001", "address": {}}
    assert "amount" not in event.data
    assert "vehicle" not in event.data
    assert event.recorded is None


def test_a_whole_number_may_be_written_with_a_point() -> None:
    event = accepted(purchase(tyres=[{"quantity": 2.0}]))
    assert event.data["tyres"][0]["quantity"] == 2
    assert type(event.data["tyres"][0]["quantity"]) is int


def test_numbers_keep_their_kind() -> None:
    event = accepted(purchase(amount=1560.5, tyres=[{"unit_price": 780, "quantity": 2.0}]))
    assert event.data["amount"] == 1560.5
    assert type(event.data["tyres"][0]["unit_price"]) is int


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2025-03-08T14:20:00Z", datetime(2025, 3, 8, 14, 20, tzinfo=UTC)),
        ("2025-03-08t14:20:00z", datetime(2025, 3, 8, 14, 20, tzinfo=UTC)),
        ("2025-03-08 14:20:00.25+08:00", datetime(2025, 3, 8, 6, 20, 0, 250_000, tzinfo=UTC)),
        ("2025-03-08T14:20:00+0800", datetime(2025, 3, 8, 6, 20, tzinfo=UTC)),
        ("2025-03-08T14:20:00-00:00", datetime(2025, 3, 8, 14, 20, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2017-01-01T07:59:60+08:00", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2999-01-01T00:00:00Z", datetime(2999, 1, 1, tzinfo=UTC)),
    ],
)
def test_times_that_are_understood(written: str, utc: datetime) -> None:
    assert accepted(purchase() | {"time": written}).time == utc


def test_a_leap_second_is_only_at_the_end_of_a_day() -> None:
    assert refused(purchase() | {"time": "2025-03-08T14:20:60Z"})[0][0] == "time"


def test_a_byte_order_mark_is_skipped() -> None:
    assert accepted(b"\xef\xbb\xbf" + line(purchase())) == accepted(purchase())


def test_escapes_and_spacing_do_not_matter() -> None:
    escaped = json.dumps(purchase(), indent=1, separators=(" ,", " : ")).encode()
    assert accepted(escaped) == accepted(purchase())


def test_a_project_s_own_types_are_checked_the_same_way() -> None:
    own = event_type(
        "tyre-hotel.stored",
        "winter tyres are stored",
        {
            "until": day(required=True),
            "slot-no.": text(choices=("A", "B")),
            "seen_at": moment(),
            "wheels": list_of(record({"condition": text(required=True)})),
        },
        subject=Subject.CUSTOMER,
    )
    parser = Parser({**EVENT_TYPES, own.name: own}, "CN")
    who = {"mobile": "13800000001"}
    stored = of_type(
        own.name, customer=who, until="2026-04-01", **{"slot-no.": "A"}, seen_at="2025-03-08T14:20:00Z"
    )
    assert accepted(stored, parser).data["until"] == "2026-04-01"
    wrong = of_type(own.name, customer=who, **{"slot-no.": "C"}, seen_at="noon", wheels=[{}])
    assert [field for field, _ in refused(wrong, parser)] == [
        "data.until",
        "data.slot-no.",
        "data.seen_at",
        "data.wheels[0].condition",
    ]
    assert refused(stored)[0][0] == "type"


# Properties

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_raise(raw: bytes) -> None:
    parsed = PARSER.parse(raw)
    assert isinstance(parsed, list)
    assert all(isinstance(one, Rejection) and one.raw == raw for one in parsed)


@given(st.data())
@settings(max_examples=200)
def test_damage_anywhere_in_a_sound_line_never_raises(data: st.DataObject) -> None:
    raw = bytearray(line(purchase()))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    parsed = PARSER.parse(bytes(raw))
    assert isinstance(parsed, Event | list)


def _value(member: Member) -> st.SearchStrategy[Any]:
    """Values of the kind that `member` wants, now and then others."""
    wild = (
        st.none()
        | st.booleans()
        | st.integers(-5, 5)
        | st.floats()
        | st.sampled_from(["", " ", "　", "x", "2"])
    )
    wild = wild | st.sampled_from([2.0, [], {}, [None], "2025-03-08", "2025-03-08T14:20:00+0800"])
    proper: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.TEXT: st.text(min_size=1, max_size=6)
        | st.sampled_from(member.choices or ("13800000001", "京A12345")),
        Kind.NUMBER: st.integers(-5, 100) | st.floats(-5, 100),
        Kind.INTEGER: st.integers(-5, 100),
        Kind.BOOLEAN: st.booleans(),
        Kind.DATE: st.dates().map(str),
        Kind.TIME: st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat()),
        Kind.ANY: JSON,
    }
    if member.kind is Kind.OBJECT:
        value = _object(member)
    elif member.kind is Kind.LIST:
        value = st.lists(_value(member.item) if member.item else JSON, max_size=2)
    else:
        value = proper[member.kind]
    return st.integers(0, 60).flatmap(lambda lot: wild if lot == 60 else value)


def _object(member: Member) -> st.SearchStrategy[Any]:
    required = {name: _value(one) for name, one in member.members.items() if one.required}
    optional = {name: _value(one) for name, one in member.members.items() if not one.required}
    return st.fixed_dictionaries(required, optional={**optional, "unknown": JSON})


def _envelopes(event_type: EventType) -> st.SearchStrategy[dict[str, Any]]:
    when = st.sampled_from(["2025-03-08T14:20:00+08:00"] * 20 + ["2025-03-08", "", "2016-12-31T23:59:60Z"])
    return st.fixed_dictionaries(
        {
            "specversion": st.sampled_from(["1.0"] * 40 + ["1", 1.0]),
            "id": st.text(min_size=1, max_size=4),
            "source": st.just("/dealers/d001"),
            "type": st.just(event_type.name),
            "time": when,
            "data": _object(event_type.data),
        },
        optional={
            "recordedtime": when,
            "datacontenttype": st.sampled_from(["application/json"] * 8 + ["text/xml", "x", ""]),
        },
    )


EVENTS = st.one_of([_envelopes(one) for one in EVENT_TYPES.values()])
QUICK = quick_check(EVENT_TYPES)
STRICT = Strict(EVENT_TYPES)


def _plain(value: Any) -> Any:
    """As a decoder would give it; None where JSON has no such value."""
    try:
        return msgspec.json.decode(msgspec.json.encode(value))
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return None


@given(EVENTS)
@settings(max_examples=150)
def test_the_quick_way_and_the_judge_accept_the_same(event: dict[str, Any]) -> None:
    plain = _plain(event)
    if plain is None or _has_blanks(plain):
        return
    quickly = QUICK(plain)
    checked = STRICT.check(plain)
    if quickly is not None:
        assert isinstance(checked, dict)
        assert _same(checked, plain)
    elif isinstance(checked, dict):
        assert not _same(checked, plain) or not _is_plain(plain)


def _has_blanks(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_blanks(one) for one in value.values())
    if isinstance(value, list):
        return any(_has_blanks(one) for one in value)
    return isinstance(value, str) and not value.strip(" 　")


def _same(one: Any, other: Any) -> bool:
    return msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted")


def _is_plain(event: dict[str, Any]) -> bool:
    """Without what only the judge looks into: odd characters in the id, a leap second."""
    return bool(event["id"].isprintable()) and ":60" not in f"{event['time']}{event.get('recordedtime')}"


@given(EVENTS)
@settings(max_examples=100)
def test_an_accepted_event_written_again_is_the_same_event(event: dict[str, Any]) -> None:
    plain = _plain(event)
    parsed = PARSER.parse(line(event)) if plain is None else PARSER.parse(msgspec.json.encode(plain))
    if isinstance(parsed, list):
        return
    again = {
        "specversion": "1.0",
        "id": parsed.id,
        "source": parsed.source,
        "type": parsed.type,
        "time": parsed.time.isoformat(),
        "data": parsed.data,
    }
    if parsed.recorded is not None:
        again["recordedtime"] = parsed.recorded.isoformat()
    assert PARSER.parse(msgspec.json.encode(again)) == parsed
