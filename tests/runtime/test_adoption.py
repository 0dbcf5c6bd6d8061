"""Other journeys come into force for all customers, whatever else happens meanwhile."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.intake.identify import Identification
from engine.model.deployments import Deployment
from engine.model.errors import MilepostError
from engine.model.events import Event
from engine.model.program import Program
from engine.ports import MessageFilter, Store
from engine.runtime import fan_outs
from engine.runtime.advance import Advance
from engine.store.memory import MemoryStore
from engine.store.sqlite import SqliteStore
from tests.support import local, program_of, purchase, told, visit, write_project

HEAD = "purpose: care\nstart: {on: purchase.recorded, per: vehicle, again: restart}\nsteps:\n"
TWO = HEAD + "  - {wait: 30 days, id: rest}\n  - {send: hello, by: sms, id: last}\n"
ONE = HEAD + "  - {send: hello, by: sms, id: last}\n"
LATER = HEAD + "  - {wait: 40 days, id: rest}\n  - {send: hello, by: sms, id: last}\n"
BEGIN, MIDDLE = local("2025-03-01 10:00"), local("2025-03-10 10:00")
MOBILES = [f"+8613800000{n:03}" for n in range(12)]


def bought(at: str, mobile: str, plate: str) -> Event:
    return purchase(at, mobile=mobile, plate=plate, customer={"email": f"{mobile[1:]}@example.cn"})


class Clock:
    at = BEGIN

    def now(self) -> datetime:
        return self.at


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "milepost.db")
    yield made
    made.close()


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fan_outs, "CHUNK", 4)


class World:
    """Customers who have bought, and the engines that work for them one after the other."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self.store = store
        self.clock = Clock()
        self.count = 0
        first = self.engine(TWO)
        first.take([bought("2025-03-01 10:00", one, f"京A{one[-5:]}") for one in MOBILES])

    def program(self, journey: str, **members: int) -> Program:
        self.count += 1
        made = program_of(write_project(self.folder / str(self.count), {"care": journey}))
        return replace(made, **members)

    def engine(self, journey: str) -> Advance:
        return Advance(self.program(journey), self.store, Identification(), self.clock)

    @property
    def sent(self) -> list[str]:
        return told(row.message for row in self.store.messages(MessageFilter()))


@pytest.fixture
def world(tmp_path: Path, store: Store) -> World:
    return World(tmp_path, store)


def stop_after(transactions: int) -> Callable[[], bool]:
    left = [transactions]

    def go_on() -> bool:
        left[0] -= 1
        return left[0] > 0

    return go_on


def test_runs_whose_step_is_gone_go_on_for_everybody_once(world: World, small_chunks: None) -> None:
    world.clock.at = MIDDLE
    engine = world.engine(ONE)
    assert engine.catch_up().messages == len(MOBILES)
    assert engine.catch_up().messages == 0
    assert world.sent == ["2025-03-10 10:00 last sms"] * len(MOBILES)


def test_adopting_can_be_left_and_gone_on_with(world: World, small_chunks: None) -> None:
    world.clock.at = MIDDLE
    assert not world.engine(ONE).catch_up(go_on=stop_after(1)).finished
    assert len(world.sent) == 4
    world.clock.at = local("2025-03-11 10:00")
    assert world.engine(ONE).catch_up().finished
    assert len(world.sent) == len(MOBILES)


def test_an_event_finds_its_customer_under_the_journeys_in_force(world: World, small_chunks: None) -> None:
    """Whom the way through all customers has not reached yet comes under them before the event is decided."""
    world.clock.at = MIDDLE
    engine = world.engine(ONE)
    taken = engine.take([visit("2025-03-09 10:00", mobile=MOBILES[7], plate=None)])
    assert (taken.accepted, taken.messages) == (1, 1)
    assert world.sent == ["2025-03-10 10:00 last sms"]
    assert engine.catch_up().messages == len(MOBILES) - 1
    assert len(world.sent) == len(MOBILES)


def test_journeys_that_are_changed_again_on_the_way_lead_everybody_to_the_last_ones(
    world: World, small_chunks: None
) -> None:
    world.clock.at = MIDDLE
    assert not world.engine(LATER).catch_up(go_on=stop_after(1)).finished
    assert world.engine(ONE).catch_up().messages == len(MOBILES)
    assert world.sent == ["2025-03-10 10:00 last sms"] * len(MOBILES)


def test_a_way_back_is_a_way_like_another(world: World) -> None:
    world.clock.at = MIDDLE
    world.engine(LATER).catch_up()
    world.engine(TWO).catch_up()
    world.engine(LATER).catch_up()
    world.engine(TWO).catch_up()
    world.clock.at = local("2025-04-01 10:00")
    assert world.engine(TWO).catch_up().messages == len(MOBILES)


def test_by_the_events_clock_what_was_due_before_is_done_at_its_own_moment(
    tmp_path: Path, store: Store
) -> None:
    program = program_of(write_project(tmp_path / "two", {"care": TWO}))
    Advance(program, store, Identification(), None).take(
        [purchase("2025-03-01 10:00"), bought("2025-04-05 10:00", MOBILES[3], "京B1")]
    )
    other = program_of(write_project(tmp_path / "later", {"care": LATER}))
    Advance(other, store, Identification(), None).catch_up(local("2025-06-01 00:00"))
    sent = told(row.message for row in store.messages(MessageFilter()))
    assert sent == ["2025-03-31 10:00 last sms", "2025-05-15 10:00 last sms"]


def deploy(store: Store, number: int) -> None:
    store.deploy(Deployment(number=number, manifest={"journeys/care.yaml": str(number)}, at=BEGIN), {})


def test_who_works_by_an_older_deployment_takes_up_the_newer_one_before_anything_else(world: World) -> None:
    programs = {1: world.program(LATER, deployment=1), 2: world.program(ONE, deployment=2)}
    present = [1]

    def engine() -> Advance:
        return Advance(
            programs[present[0]],
            world.store,
            Identification(),
            world.clock,
            renew=lambda: programs[present[0]],
        )

    deploy(world.store, 1)
    working, other = engine(), engine()
    assert working.catch_up().messages == 0
    deploy(world.store, 2)
    present[0] = 2
    world.clock.at = MIDDLE
    assert other.catch_up().messages == len(MOBILES)
    assert working.catch_up().messages == 0
    assert working.take([visit("2025-03-09 10:00", mobile=MOBILES[2], plate=None)]).accepted == 1
    assert working.take([bought("2025-03-09 11:00", MOBILES[2], "京C1")]).messages == 1
    assert world.sent == ["2025-03-10 10:00 last sms"] * (len(MOBILES) + 1)


def test_a_deployment_that_cannot_be_taken_up_stops_the_work_and_loses_nothing(world: World) -> None:
    def renew() -> Program:
        raise MilepostError("The deployment cannot run.")

    engine = Advance(world.program(TWO), world.store, Identification(), world.clock, renew=renew)
    deploy(world.store, 1)
    with pytest.raises(MilepostError, match="cannot run"):
        engine.take([visit("2025-03-09 10:00", mobile=MOBILES[2], plate=None)])
    again = world.engine(TWO).take([visit("2025-03-09 10:00", mobile=MOBILES[2], plate=None)])
    assert again.accepted == 1
