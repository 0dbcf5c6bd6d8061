"""The care plan that is shipped, on its own: whatever else is shipped has its tests in journeys/tests."""

from itertools import pairwise

import pytest

from engine.model.messages import Message
from engine.model.program import Program
from engine.wiring.projects import load
from tests.support import ROOT, care_plan, program_of, purchase, simulated, visit
from tests.support import told as lines


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return program_of(care_plan(tmp_path_factory.mktemp("care") / "project"))


def _a_life_of_tyres(program: Program) -> list[Message]:
    """What a buyer who drives 40 km a day gets in three years."""
    events = [
        purchase("2025-03-08 14:20", 10_000, customer={"salutation": "女士"}),
        visit("2025-06-16 09:00", 14_000),
        visit("2026-01-02 09:00", 22_000),
        visit("2026-12-28 09:00", 36_400),
    ]
    return simulated(program, events, "2028-03-01 00:00")


def test_nothing_is_to_be_said_against_what_is_shipped() -> None:
    assert load(ROOT, tests=True).diagnostics == []


def test_its_communications_come_in_their_order(program: Program) -> None:
    messages = [one for one in _a_life_of_tyres(program) if one.journey != "quarterly-newsletter"]
    assert [line.split()[2] for line in lines(messages)] == [
        "welcome-pack",
        "tyre-health",
        "tyre-health",
        "alignment-check",
        "tyre-health",
        "replacement",
    ]
    at_20_000_km = [one.at for one in messages[2:4]]
    assert at_20_000_km[0].date() == at_20_000_km[1].date()


def test_no_two_of_its_messages_come_at_once(program: Program) -> None:
    times = [one.at for one in _a_life_of_tyres(program) if one.channel == "sms"]
    assert all((after - before).total_seconds() >= 4 * 3600 for before, after in pairwise(times))
