"""How often a unit of work asks its store: each question is a round trip to a database."""

from collections.abc import Sequence
from pathlib import Path

from engine.intake.identify import Identification
from engine.model.customer import Customer
from engine.model.identity import Identifier
from engine.runtime.work import Work
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
        purchase("2025-03-01 10:00", 50_000, mobile=f"+861380000000{n}", plate=f"京A1000{n}")
        for n in range(5)
    ]
    work.prepare(events)
    for one in events:
        work.event(one, local("2025-03-01 12:00"))
    assert source.questions == ["seen", "owners", "customers"]
