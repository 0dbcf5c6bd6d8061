"""How often a store is asked: each question is a round trip to a database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from engine.intake.identify import Identification
from engine.model.customer import Customer
from engine.model.identity import Identifier
from engine.runtime.advance import Advance
from engine.runtime.work import Work
from engine.store.memory import MemoryStore
from engine.store.memory.unit import MemoryUnit
from tests.support import local, program_of, purchase, write_project


class Asked:
    """It knows whom identifiers lead to, as the inbox stage has told it, and has no document of anybody."""

    def __init__(self) -> None:
        self.questions: list[str] = []

    def seen(self, keys: Sequence[bytes]) -> set[bytes]:
        self.questions.append("seen")
        return set()

    def owners(self, identifiers: Sequence[Identifier]) -> dict[Identifier, str]:
        self.questions.append("owners")
        return {(kind, value): f"id {value}" for kind, value in identifiers if kind == "mobile"}

    def customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        self.questions.append("customers")
        return {}


def test_a_batch_of_people_met_for_the_first_time_asks_no_oftener_than_one_of_them(tmp_path: Path) -> None:
    source = Asked()
    program = program_of(write_project(tmp_path, {}))
    work = Work(program, source, Identification(), virtual=False)
    events = [
        purchase(
            "2025-03-01 10:00",
            50_000,
            mobile=f"+861380000000{n}",
            plate=f"京A1000{n}",
            customer={"email": f"c{n}@example.cn"},
        )
        for n in range(5)
    ]
    work.prepare(events)
    for one in events:
        work.event(one, local("2025-03-01 12:00"))
    assert source.questions == ["seen", "owners", "customers"]


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class Counted(MemoryStore):
    """Counts its units."""

    units = 0

    @contextmanager
    def unit(self) -> Iterator[MemoryUnit]:
        self.units += 1
        with super().unit() as unit:
            yield unit


NEWS = "purpose: service\nstart: {schedule: monthly, at: '10:00', audience: customer.mobile}\nsteps:\n"
WELCOME = "purpose: care\nstart: {on: purchase.recorded, per: vehicle}\nsteps:\n  - wait: 20 days\n"
HELLO = "  - send: hello\n    by: sms\n"


def test_a_worker_sees_in_one_unit_that_nothing_is_due(tmp_path: Path) -> None:
    """It looks every second, for each of its partitions. What is due is found all the same."""
    journeys = {"news": NEWS + HELLO, "welcome": WELCOME + HELLO}
    clock, store = Clock(local("2025-03-02 12:00")), Counted()
    program = program_of(write_project(tmp_path, journeys))
    advance = Advance(program, store, Identification(), clock)
    advance.catch_up()
    advance.take([purchase("2025-03-01 10:00", 50_000)])
    found = []
    for day in range(60):
        clock.at = local("2025-03-03 12:00") + timedelta(days=day)
        before = store.units
        messages = advance.catch_up().messages
        if messages:
            found.append(f"{clock.at:%m-%d}: {messages}")
        else:
            assert store.units == before + 1
    assert found == ["03-21: 1", "04-01: 1", "05-01: 1"]
