"""The made-up network: the same for ever, true to what it says of itself, and nobody in it is real."""

import json
import re
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.intake.clean import unusable
from engine.intake.identify import Identification
from engine.intake.parse import Parser
from engine.intake.phone import mobile_cleaner
from engine.model.events import Event
from engine.sample import events_path
from engine.sim.network import SAMPLE, generate, made
from engine.sim.network.broken import KINDS
from engine.sim.network.people import DEALERS, MOBILE_PREFIXES

PARSER = Parser(country="CN")
START = date(2025, 1, 1)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample's network, written out."""
    folder = tmp_path_factory.mktemp("network")
    with made(SAMPLE) as network:
        network.write(folder)
    return folder


@pytest.fixture(scope="module")
def truth(told: Path) -> dict[str, Any]:
    return dict(json.loads((told / "truth.json").read_bytes()))


@pytest.fixture(scope="module")
def parsed(told: Path) -> list[Event | None]:
    """Every line, None for those that are refused."""
    lines = (told / "events.jsonl").read_bytes().splitlines()
    results = [PARSER.parse(line) for line in lines]
    return [one if isinstance(one, Event) else None for one in results]


def events_of(parsed: list[Event | None]) -> list[Event]:
    """Each event once."""
    return list({one.key: one for one in parsed if one is not None}.values())


def test_the_sample_is_what_the_generator_makes(told: Path) -> None:
    assert (told / "events.jsonl").read_bytes() == events_path().read_bytes()
    assert events_path().stat().st_size < 700_000


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    once, again, other = ([*generate(seed, 12, START, 90).lines()] for seed in (1, 1, 2))
    assert once == again != other


def test_more_customers_change_nothing_for_those_there_were() -> None:
    few, many = ({*generate(5, count, START, 200).lines()} for count in (10, 11))
    mistaken = {line for line in few - many if b'"email"' in line}  # whom one is mistaken for may change
    assert few - many == mistaken


def test_the_truth_counts_what_is_there(truth: dict[str, Any], parsed: list[Event | None]) -> None:
    events = events_of(parsed)
    assert truth["lines"] == len(parsed)
    assert truth["broken_lines"] == parsed.count(None) == SAMPLE.customers // 20
    assert truth["events"] == len(events)
    seen = Counter(one.id for one in parsed if one is not None)
    assert sorted(truth["duplicates"]) == sorted(one for one, count in seen.items() if count > 1)
    late = [one for one in events if one.recorded and one.recorded - one.time > timedelta(days=1)]
    assert truth["late"] == len(late) > 0


def test_every_kind_of_broken_line_is_refused_for_what_it_is(told: Path) -> None:
    lines = (told / "events.jsonl").read_bytes().splitlines()
    refused = [parsed[0].field for line in lines if isinstance(parsed := PARSER.parse(line), list)]
    assert {field for field, _ in KINDS} == set(refused)


def test_lines_come_in_order_of_arrival(parsed: list[Event | None]) -> None:
    seen: set[bytes] = set()
    first = []
    for one in parsed:
        if one is not None and one.key not in seen:
            seen.add(one.key)
            first.append(one.arrived)
    assert first == sorted(first)


def test_fittings_are_purchases_and_their_odometers_true(
    truth: dict[str, Any], parsed: list[Event | None]
) -> None:
    events = {one.id: one for one in events_of(parsed)}
    cars = {one["plate"]: dict(one["odometer"]) for one in truth["customers"].values()}
    assert len(truth["fittings"]) == sum(one.type == "purchase.recorded" for one in events.values())
    for fitting in truth["fittings"]:
        purchase = events[fitting["event"]]
        assert (purchase.brand, purchase.tyre_count) == (fitting["brand"], fitting["tyres"])
        before, after = _around(cars[fitting["plate"]], fitting["date"])
        assert before <= fitting["odometer"] <= after


def test_only_as_many_readings_as_told_are_wrong(truth: dict[str, Any], parsed: list[Event | None]) -> None:
    cars = {one["plate"]: dict(one["odometer"]) for one in truth["customers"].values()}
    wrong = 0
    for event in events_of(parsed):
        vehicle = event.data.get("vehicle", {})
        if "odometer_km" in vehicle:
            before, after = _around(
                cars[vehicle["plate"]], (event.time + timedelta(hours=8)).date().isoformat()
            )
            wrong += not before <= vehicle["odometer_km"] <= after
    assert truth["rollbacks"] - wrong in (0, 1)  # one may fall between two days of the truth by chance


def _around(odometer: dict[str, int], day: str) -> tuple[float, float]:
    """What the odometer showed on the days of the truth before and after `day`."""
    before = max(km for one, km in odometer.items() if one <= day)
    return before, min((km for one, km in odometer.items() if one > day), default=float("inf"))


def test_there_is_something_to_remind_of(truth: dict[str, Any]) -> None:
    """Marks of 10 000 km passed on the tyres fitted; and how far cars go in a year."""
    cars = {one["plate"]: one["odometer"] for one in truth["customers"].values()}
    passed = Counter(
        min(int((cars[one["plate"]][-1][1] - one["odometer"]) // 10_000), 4) for one in truth["fittings"]
    )
    assert passed[1] + passed[2] + passed[3] + passed[4] > 100
    assert passed[4] >= 3
    a_year = sorted(told[-1][1] - told[0][1] for told in cars.values())
    assert a_year[len(a_year) // 10] > 10_000
    assert a_year[len(a_year) * 9 // 10] < 45_000


def test_it_has_what_such_data_has(parsed: list[Event | None]) -> None:
    events = events_of(parsed)
    types = Counter(one.type for one in events)
    assert types["purchase.recorded"] > 200
    for kind in ("customer.registered", "service.visited", "odometer.reported", "consent.granted"):
        assert types[kind] > 10
    for kind in ("consent.withdrawn", "customer.updated", "complaint.opened", "complaint.resolved"):
        assert types[kind] > 2
    assert {one.dealer for one in events} == {dealer.id for dealer in DEALERS}
    assert {one.brand for one in events} == {"michelin", "bfgoodrich", "warrior", None}
    assert {one.data["customer"].get("locale") for one in events if "customer" in one.data} >= {"zh-CN", "en"}
    assert any(unusable(one) for one in events)
    assert any("vin" in one.data.get("vehicle", {}) for one in events)
    who, owners, contradictions, keepers = Identification(), {}, 0, 0
    for one in events:
        found = who.identify(one, owners)
        owners |= found.learn
        contradictions += len(found.contradictions)
        keepers += not found.known
    assert contradictions > 0
    assert keepers > 0


def test_nobody_is_real() -> None:
    """Mobiles are valid in form only, their digits count up; emails lie in example domains (RFC 2606)."""
    clean = mobile_cleaner("CN")
    assert all(clean(f"{prefix}{n:08d}") for prefix in MOBILE_PREFIXES for n in (0, 12_345, 99_999_999))
    text = events_path().read_text("utf-8")
    for email in re.findall(r'"email":"([^"@#]+[@#][^"]+)"', text, re.IGNORECASE):
        assert email.lower().endswith(("example.cn", "example.com"))


def test_people_and_cars_are_told_apart_in_a_large_network() -> None:
    with generate(3, 400, START, 30) as network:
        told = json.loads(b"".join(network.truth()))
    plates = [one["plate"] for one in told["customers"].values()]
    assert len(told["customers"]) == len(set(plates)) == 400


def test_a_sold_car_has_another_owner_later(truth: dict[str, Any]) -> None:
    sold = {one["plate"]: one for one in truth["customers"].values() if "sold" in one}
    assert sold
    for fitting in truth["fittings"]:
        if fitting["plate"] in sold:
            former = sold[fitting["plate"]]
            assert (fitting["mobile"] == former["mobile"]) == (
                datetime.fromisoformat(fitting["date"]) < datetime.fromisoformat(former["sold"])
            )
