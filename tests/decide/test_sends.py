"""Which channel, which brand, which words; and why no message."""

from pathlib import Path
from typing import Any

import pytest

from engine.model.messages import Message, Status
from tests.support import ADDRESS, event, program_of, purchase, simulated, write_project

JOURNEY = (
    "purpose: care\nstart: {on: purchase.recorded}\n"
    "steps:\n  - wait: 1 day\n  - send: hello\n    by: [letter, email, sms]\n"
)


def consent(channel: str, purpose: str, granted: bool) -> dict[str, Any]:
    return {"channel": channel, "purpose": purpose, "granted": granted}


def decided(folder: Path, *events: Any, journey: str = JOURNEY) -> list[Message]:
    return simulated(program_of(write_project(folder, {"care": journey})), events, "2026-01-01 00:00")


def bought(consents: list[dict[str, Any]], **more: Any) -> Any:
    return purchase("2025-03-01 10:00", consent=consents, **more)


@pytest.mark.parametrize(
    ("consents", "person", "channel", "reason"),
    [
        ([consent("letter", "care", True), consent("sms", "care", True)], {}, "letter", None),
        ([consent("email", "care", True), consent("sms", "care", True)], {}, "email", None),
        ([consent("sms", "care", True)], {}, "sms", None),
        ([consent("letter", "care", True), consent("sms", "care", True)], {"address": {}}, "sms", None),
        ([consent("letter", "care", True)], {"address": {}}, None, "no address"),
        ([consent("email", "newsletter", True)], {}, None, "no consent"),
        ([], {}, None, "no consent"),
        ([consent("all", "all", True), consent("letter", "all", False)], {}, "email", None),
        ([consent("all", "care", True), consent("letter", "care", False)], {}, "email", None),
    ],
)
def test_the_first_channel_agreed_to_that_can_be_reached(
    tmp_path: Path,
    consents: list[dict[str, Any]],
    person: dict[str, Any],
    channel: str | None,
    reason: str | None,
) -> None:
    [message] = decided(tmp_path, bought(consents, customer={"address": ADDRESS, **person}))
    assert (message.channel, message.reason) == (channel, reason)
    assert message.status is (Status.QUEUED if channel else Status.SKIPPED)
    assert message.brand == "michelin"
    assert message.vehicle == "京A12345"


def test_the_latest_statement_counts_whenever_it_arrives(tmp_path: Path) -> None:
    yes = event("consent.granted", "2025-03-01 12:00", channel="sms", purpose="care")
    no = event(
        "consent.withdrawn", "2025-03-01 11:00", channel="all", purpose="all", recorded="2025-03-01 13:00"
    )
    [message] = decided(tmp_path, bought([]), yes, no)
    assert message.channel == "sms"


def test_the_later_arrival_counts_on_a_tie(tmp_path: Path) -> None:
    yes = event("consent.granted", "2025-03-01 12:00", channel="sms", purpose="care")
    no = event("consent.withdrawn", "2025-03-01 12:00", channel="sms", purpose="all")
    assert [one.reason for one in decided(tmp_path / "a", bought([]), yes, no)] == ["no consent"]
    assert [one.channel for one in decided(tmp_path / "b", bought([]), no, yes)] == ["sms"]


def test_assumed_consent_yields_to_a_no(tmp_path: Path) -> None:
    journey = JOURNEY.replace("care", "service", 1)
    assert [one.channel for one in decided(tmp_path / "a", bought([]), journey=journey)] == ["letter"]
    no = [consent("letter", "service", False)]
    assert [one.channel for one in decided(tmp_path / "b", bought(no), journey=journey)] == ["email"]


def test_the_brand_of_what_was_bought_else_of_the_latest_purchase(tmp_path: Path) -> None:
    journey = JOURNEY.replace("purchase.recorded", "service.visited")
    latest = purchase("2025-03-02 10:00", tyres=[{"brand": "warrior", "quantity": 2}])
    older = purchase("2025-03-01 10:00", recorded="2025-03-03 10:00")
    seen = event("service.visited", "2025-03-04 10:00", dealer="d001")
    assert [one.brand for one in decided(tmp_path, latest, older, seen, journey=journey)] == ["warrior"]


VISITS = JOURNEY.replace("purchase.recorded", "service.visited")
SEEN = event("service.visited", "2025-03-04 10:00", dealer="d001")


def test_a_visits_brand_does_not_depend_on_whether_the_purchase_arrives_before_it(tmp_path: Path) -> None:
    late = purchase(
        "2025-03-02 10:00", recorded="2025-03-05 10:00", tyres=[{"brand": "warrior", "quantity": 2}]
    )
    assert [one.brand for one in decided(tmp_path, SEEN, late, journey=VISITS)] == ["warrior"]


def test_a_journey_for_one_brand_asks_for_a_visits_brand_when_it_sends(tmp_path: Path) -> None:
    for_warrior = "brand: warrior\n" + VISITS
    bought = {"tyres": [{"brand": "warrior", "quantity": 2}]}
    late = purchase("2025-03-02 10:00", recorded="2025-03-05 10:00", **bought)
    assert [one.brand for one in decided(tmp_path / "a", SEEN, late, journey=for_warrior)] == ["warrior"]
    other = purchase("2025-03-02 10:00", recorded="2025-03-05 10:00")
    assert decided(tmp_path / "b", SEEN, other, journey=for_warrior) == []


def test_a_brand_without_templates_is_replaced_by_the_policys(tmp_path: Path) -> None:
    unknown = purchase("2025-03-01 10:00", tyres=[{"brand": "pirelli", "quantity": 2}])
    assert [one.brand for one in decided(tmp_path, unknown)] == ["michelin"]


@pytest.mark.parametrize(
    ("locale", "used"), [("zh-CN", "zh-CN"), ("en-GB", "en"), ("fr", "zh-CN"), (None, "zh-CN")]
)
def test_the_customers_locale_then_its_language_then_the_policys(
    tmp_path: Path, locale: str | None, used: str
) -> None:
    english = {f"templates/hello/{one}": "hello" for one in ("letter.en.html", "email.en.html", "sms.en.txt")}
    project = write_project(tmp_path, {"care": JOURNEY}, files=english)
    person = {"locale": locale} if locale else {}
    [message] = simulated(
        program_of(project), [purchase("2025-03-01 10:00", customer=person)], "2025-04-01 00:00"
    )
    assert message.locale == used


def test_a_message_carries_what_its_templates_use_and_nothing_else(tmp_path: Path) -> None:
    text = (
        "{{ customer.name }} {{ vehicle.plate }} {{ gift }} "
        "{{ event.tyre_count }} {{ loop.index }} {{ event.time | date }}"
    )
    journey = (
        "purpose: care\nstart: {on: purchase.recorded, per: vehicle}\nsteps:\n"
        "  - repeat:\n      every: 1 day\n      times: 2\n      do:\n"
        "        - send: full\n          by: sms\n          with: {gift: tyre gauge, n: '{{ loop.index * 10 }}'}\n"
    )
    files = {"templates/full/sms.zh-CN.txt": text}
    project = write_project(tmp_path, {"care": journey}, files=files)
    first, second = simulated(program_of(project), [purchase("2025-03-01 10:00")], "2025-04-01 00:00")
    assert first.values == {
        "with": {"gift": "tyre gauge", "n": 10},
        "customer": {"name": "王芳"},
        "vehicle": {"plate": "京A12345"},
        "event": {"tyre_count": 2, "time": "2025-03-01T10:00:00+08:00"},
        "loop": {"index": 1},
    }
    assert second.values["with"]["n"] == 20
    assert first.id != second.id
    assert first.run == second.run


def test_ids_do_not_depend_on_the_customers_id(tmp_path: Path) -> None:
    """The same purchase gives the same ids, whatever was known of the customer before."""
    before = event("customer.registered", "2025-01-01 10:00", origin="website", plate=None)
    [alone] = decided(tmp_path / "a", purchase("2025-03-01 10:00"))
    [known] = decided(tmp_path / "b", before, purchase("2025-03-01 10:00"))
    assert alone.customer_id != known.customer_id
    assert (alone.id, alone.run) == (known.id, known.run)
