"""What holds of an account whatever has happened: it tells of the ledger's messages and of no others, and the decision
that is watched is the one that was made."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from engine.decide.watched import Decided
from engine.intake.identify import Identification
from engine.model.events import Event
from engine.model.messages import Message
from engine.ports import MessageFilter
from engine.sim.network import generate
from engine.store.memory import MemoryStore
from engine.why import Account, Asked
from engine.why.history import history_of
from engine.why.replay import replay
from tests.decide.test_holds_properties import JOURNEYS, RULES, histories
from tests.support import parsed_lines
from tests.why.cases import WELCOME
from tests.why.world import World

MORE = {
    "welcome": WELCOME + "stop:\n  - {on: complaint.opened, when: event.complaint_id}\n",
    "health": """\
purpose: care
start: {on: purchase.recorded, per: vehicle, again: restart}
steps:
  - repeat: {every: 4000 km, times: 3, do: [{send: hello, by: [sms, letter]}]}
""",
    "news": """\
purpose: newsletter
start: {schedule: monthly, at: "10:00", audience: customer.email}
steps:
  - {send: hello, by: email}
""",
    "birthday": """\
purpose: care
start: {date: customer.birthday, yearly: true}
steps:
  - {send: hello, by: [letter, sms]}
""",
    "after": """\
purpose: service
start: {on: service.visited, again: after 30 days}
steps:
  - wait_for: survey.answered
    within: 10 days
    then: [{send: hello, by: sms}]
    otherwise: [{emit: complaint.opened, with: {complaint_id: "'S'"}}]
""",
}
ALL = Asked(everything=True)


def told(account: Account) -> set[str]:
    """The messages of an account, each of which must be as the ledger has it."""
    found = set()
    for chapter in account.chapters:
        assert chapter.kind != "ledger"
        for entry in chapter.entries:
            assert "customer's record" not in entry.text
            if entry.message is not None:
                assert entry.message.status is not None
                found.add(entry.message.message_id)
    return found


def replayed(world: World, mobile: str) -> dict[str, Message]:
    """What the watched decision comes to in the end, by id."""
    history = history_of(world.store, world.program, world.customer(mobile), world.until)
    scenes = replay(world.program, history, Identification(), world.recorder)
    decided = [sight.message for scene in scenes for sight in scene.sights if isinstance(sight, Decided)]
    return {message.id: message for message in decided}


def check(world: World, mobile: str) -> None:
    customer = world.customer(mobile)
    rows = list(world.store.messages(MessageFilter(customer_id=customer.id)))
    assert replayed(world, mobile) == {row.message.id: row.message for row in rows}
    for journey in world.program.journeys:
        mine = {row.message.id for row in rows if row.message.journey == journey}
        assert told(world.why(journey, ALL, mobile)) == mine


@pytest.fixture(scope="module")
def world() -> World:
    return World(Path(tempfile.mkdtemp()), {**JOURNEYS, **MORE}, RULES)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories())
def test_the_messages_told_are_those_of_the_ledger(world: World, history: list[Event]) -> None:
    world.store = MemoryStore(keep_log=True)
    world.happen(sorted(history, key=lambda one: one.arrived), "2025-12-01")
    check(world, "+8613800000001")


def test_so_it_is_in_a_network_where_cars_change_hands_and_readings_come_from_others(tmp_path: Path) -> None:
    world = World(tmp_path, MORE)
    events = parsed_lines(world.program, generate(seed=5, customers=40, days=400).lines())
    world.happen(events, "2025-12-31")
    with world.store.unit() as unit:
        customers = unit.after("", 100)
    assert any(car.former for one in customers for car in one.vehicles.values())
    for one in customers:
        mobile = one.fact("mobile")
        if mobile is not None and world.store.find([("mobile", mobile)]) == [one]:
            check(world, mobile)
