"""Expressions mean what the contract says."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.language.expressions.vocabulary import Reach
from tests.language.scopes import (
    EMPTY,
    LEXICON,
    NOW,
    PURCHASE,
    START,
    VISIT,
    asked,
    compiled,
    event,
    faults,
    given,
    scope,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("event.tyre_count", 3),
        ("event.tyre_count >= 1", True),
        ("event.brand", "michelin"),
        ("event.type", "purchase.recorded"),
        ("event.time", NOW),
        ("event.tyres[1].brand", "warrior"),
        ("event.tyres[7].brand", None),
        ("(event.tyres | last).quantity", 1),
        ("event.customer.birthday", date(1980, 3, 8)),
        ("event['amount']", 1560),
        ("run.key", "京A12345"),
        ("run.brand == 'michelin'", True),
        ("run.started_at", NOW),
        ("run.event.amount", 1560),
        ("customer.name", "王芳"),
        ("customer.address.city", "北京市"),
        ("customer.birthday", date(1980, 3, 8)),
        ("'vip' in customer.tags", True),
        ("'gold' not in customer.tags", True),
        ("customer.count('purchase.recorded')", 3),
        ("customer.count('service.visited')", 0),
        ("customer.last('service.visited').next_due", date(2025, 9, 1)),
        ("customer.last('complaint.opened')", None),
        ("customer.last('complaint.opened').severity == 'serious'", False),
        ("vehicle.plate", "京A12345"),
        ("vehicle.make", "大众"),
        ("vehicle.inspection_due", date(2025, 6, 30)),
        ("vehicle.odometer_km | round", 43210),
        ("vehicle.km_per_day > 0", True),
        ("run.distance_km | round", 0),
        ("dealer.name", "驰加北京乐平店"),
        ("dealer.phone", None),
        ("now", NOW),
        ("today", date(2025, 3, 9)),
        ("loop.index * 10000", 20000),
    ],
)
def test_names_give_what_the_scope_holds(text: str, value: Any) -> None:
    assert asked(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("customer.email == none", True),
        ("customer.email != none", False),
        ("customer.email == 'a@b.c'", False),
        ("customer.email != 'a@b.c'", True),
        ("none < 3", False),
        ("none >= 3", False),
        ("3 > none", False),
        ("not customer.email", True),
        ("1 if customer.email else 2", 2),
        ("customer.email", None),
        ("customer.email is none", True),
        ("customer.email is not none", False),
        ("customer.name is defined", True),
        ("vehicle.year + 1", None),
        ("-vehicle.year", None),
        ("vehicle.year | round", None),
        ("customer.email | upper", None),
        ("customer.email | default('none')", "none"),
        ("customer.email in ['a', 'b']", False),
        ("'a' in customer.interests", False),
        ("'a' not in customer.interests", True),
        ("customer.email or customer.name", "王芳"),
        ("customer.email and customer.name", None),
        ("'' ~ customer.email ~ '!'", "!"),
    ],
)
def test_none_is_what_the_contract_says(text: str, value: Any) -> None:
    assert asked(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "event.amount",
        "event.tyre_count",
        "event.tyres[0].brand",
        "event.customer.birthday",
        "customer.address.city",
        "customer.consent.email.care",
        "customer.last('service.visited').next_due",
        "vehicle.odometer_km",
        "vehicle.make",
        "dealer.name",
        "run.distance_km",
        "loop.index",
    ],
)
def test_a_member_of_none_is_none(text: str) -> None:
    assert asked(text, EMPTY) is None


def test_nothing_was_ever_counted_for_nobody() -> None:
    assert asked("customer.count('purchase.recorded')", EMPTY) == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 / 0", None),
        ("1 // 0", None),
        ("1 % 0", None),
        ("7 // 2", 3),
        ("7 % 4", 3),
        ("7 / 2", 3.5),
        ("1 < 2 < 3", True),
        ("1 < 3 < 2", False),
        ("2.5 | round", 3),
        ("-2.5 | round", -3),
        ("(0 - 2.5) | round", -3),
        ("2.345 | round(2)", 2.35),
        ("'12.7' | int", 12),
        ("'twelve' | int(0)", 0),
        ("'twelve' | int", None),
        ("['a', 'b'] | join('-')", "a-b"),
        ("['a', 'b'] | length", 2),
        ("'' | first", None),
        ("'abc' | first", "a"),
        ("'ab' ~ 1 ~ 2.0 ~ none ~ true", "ab12true"),
        ("'a' + 'b'", "ab"),
        ("[1, 2] == [1, 2]", True),
        ("'x' if 1 > 2", None),
    ],
)
def test_computing(text: str, value: Any) -> None:
    assert asked(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("today + 7", date(2025, 3, 16)),
        ("7 + today", date(2025, 3, 16)),
        ("today - 9", date(2025, 2, 28)),
        ("today - customer.birthday", 16437),
        ("vehicle.inspection_due - today", 113),
        ("today - event.time", 0),
        ("event.time - customer.birthday", 16437),
        ("now - run.started_at", 0),
        ("now - 1 < now", True),
        ("event.time > '2025-03-08'", True),
        ("event.time > '2025-03-09'", False),
        ("event.time == today", True),
        ("'2025-03-09' == event.time", True),
        ("vehicle.inspection_due < '2025-07-01'", True),
        ("vehicle.inspection_due >= now", True),
        ("today - 99999999999", None),
        ("today + 'x' | int", None),
    ],
)
def test_dates(text: str, value: Any) -> None:
    """In Shanghai it is 9 March 2025, 04:30."""
    assert asked(text) == value


def test_moments_in_a_text_are_on_the_clock_of_the_policy() -> None:
    assert asked("'at ' ~ now") == "at 2025-03-09 04:30"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("customer.consent.email.care", False),  # the later arrival, 'all channels', counts on a tie
        ("customer.consent.letter.care", False),
        ("customer.consent.sms.newsletter", True),
        ("customer.consent.email.newsletter", None),
    ],
)
def test_consent_is_the_newest_statement(text: str, value: Any) -> None:
    assert asked(text) is value


@pytest.mark.parametrize(
    "text", ["customer.address", "event.customer", "customer", "vehicle", "run", "dealer"]
)
def test_a_record_is_true_where_it_holds_something(text: str) -> None:
    assert bool(asked(text)) is True
    assert bool(asked(text, EMPTY)) is False


def test_a_record_without_members_is_none() -> None:
    assert asked("event.vehicle is none") is True
    assert asked("vehicle is none", scope(vehicle=None)) is True
    assert asked("customer.last('complaint.opened') is none") is True


def test_an_event_used_whole_is_the_event() -> None:
    assert asked("customer.last('service.visited')") == VISIT
    assert asked("event") is PURCHASE


def test_at_the_start_event_is_the_one_looked_at() -> None:
    looked_at = event({"amount": 5, "tyres": []})
    assert asked("event.amount", scope(event=looked_at), START) == 5
    assert asked("event.amount", scope(event=looked_at)) == 1560


def test_at_a_stop_event_is_the_one_looked_at_and_run_event_the_one_that_began_it() -> None:
    vocabulary = LEXICON.at_stop(Reach(event_type="purchase.recorded", vehicle=True), "complaint.opened")
    looked_at = event({"complaint_id": "c-1"}, "complaint.opened")
    at = scope(event=looked_at)
    assert asked("event.complaint_id", at, vocabulary) == "c-1"
    assert asked("run.event.amount", at, vocabulary) == 1560
    assert faults("event.amount", vocabulary) == ["unknown-name"]


def test_times_and_dates_that_are_none_are_none() -> None:
    odd = scope(start=event({"customer": {"birthday": "soon"}, "tyres": []}))
    assert asked("event.customer.birthday", odd) is None
    assert asked("event.customer.birthday > today", odd) is False


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("tyre gauge", "tyre gauge"),
        ("{{ loop.index * 10000 }}", 20000),
        (" {{ event.tyre_count }} ", 3),
        ("{{ event.tyres }}", PURCHASE.data["tyres"]),
        ("{{ loop.index * 10000 }} km", "20000 km"),
        ("Dear {{ customer.name }}{{ customer.email }}!", "Dear 王芳!"),
        ("{{ 'a' }}{{ 'b' }}", "ab"),
        ("3", "3"),  # quoted, so a text
    ],
)
def test_values_for_templates(text: str, value: Any) -> None:
    assert given(text) == value


def test_the_types_asked_for_are_gathered() -> None:
    lexicon = type(LEXICON)(LEXICON.event_types)
    vocabulary = lexicon.at_start(Reach(event_type="purchase.recorded", vehicle=True))
    compiled("customer.last('survey.answered').score > 8 and customer.count('promotion.entered')", vocabulary)
    assert lexicon.asked == {"survey.answered"}


@pytest.mark.parametrize(
    ("text", "column", "end_column"),
    [
        ("event.tires", 14, 19),
        ("event.amount > 0 and customer.nam", 38, 41),
        ("event.amount  ==  'x'", 8, 29),
        ("customer . nmae", 19, 23),
        ("event['tires']", 15, 20),
        ("customer.last('service.visit')", 23, 36),
    ],
)
def test_a_fault_stands_at_its_place(text: str, column: int, end_column: int) -> None:
    """The text begins in column 8, behind `when: "`."""
    (fault,) = compiled(text)[1]
    assert (fault.line, fault.column, fault.end_column) == (1, column, end_column)


def test_all_faults_of_an_expression_are_found_in_one_go() -> None:
    text = "event.tires > 3 and customr.name and event.amount == 'x' and (customer.name | uper)"
    assert faults(text) == ["unknown-name", "unknown-name", "impossible-comparison", "unknown-filter"]


def test_conditions_of_a_moment_long_ago() -> None:
    long_ago = scope(now=datetime(1, 1, 1, tzinfo=UTC))
    assert asked("now - 400 > now", long_ago) is False
