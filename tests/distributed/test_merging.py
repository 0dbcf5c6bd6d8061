"""Two customers of different partitions turn out to be one, while two workers each own one of the partitions: whichever
is faster, all is as a simulation says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.intake.identify import Identification
from engine.model.disputes import DisputeStatus
from engine.model.events import Event, from_cloud_event, to_cloud_event
from engine.model.messages import Message
from engine.model.partitions import partition_of
from engine.model.program import Program
from engine.ports import MessageFilter
from engine.ports.bus import Record
from engine.runtime.advance import Advance
from engine.runtime.stages import EventsStage
from engine.sim import Simulation
from engine.store.postgres import PostgresStore
from tests.contracts.stores import one_server
from tests.distributed.due import NoMetrics
from tests.distributed.test_stages import TOPICS, inbox_on, records
from tests.runtime.test_merging import buys, says, write_journeys
from tests.support import local, program_of

pytestmark = one_server

PARTITIONS = 4
END = local("2025-06-01 00:00")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder: Path = tmp_path_factory.mktemp("project")
    return program_of(write_journeys(folder))


@pytest.fixture
def store(database: str) -> Iterator[PostgresStore]:
    made = PostgresStore.open(database, partitions=PARTITIONS)
    yield made
    made.close()


def history(names: tuple[str | None, str | None]) -> list[Event]:
    """Of some pairs; whose ids lie in the same partition, and whose do not, is as it comes."""
    events = []
    for n in range(6):
        mobile, email = f"+86138000000{n}0", f"c{n}@example.cn"
        events += [
            buys(f"2025-03-01 10:0{n}", names[0], mobile=mobile),
            buys(f"2025-03-05 10:0{n}", names[1], email=email),
            says(f"2025-03-08 10:0{n}", mobile=mobile, email=email),
        ]
    return sorted(events, key=lambda one: one.time)


class Workers:
    """One that reads the inbox, and one for each half of the partitions of the log."""

    def __init__(self, store: PostgresStore, program: Program) -> None:
        self.store = store
        self._inbox = inbox_on(store)
        self._halves = [self._stage(program, owner) for owner in ("a", "b")]
        for partition in range(PARTITIONS):
            self._halves[partition % 2].assigned(partition)
        self.log: dict[int, list[Record]] = {partition: [] for partition in range(PARTITIONS)}

    def _stage(self, program: Program, owner: str) -> EventsStage:
        def advance_on(share: object) -> Advance:
            return Advance(program, share, Identification(), None, leads=False)  # type: ignore[arg-type]

        return EventsStage(advance_on, self.store, owner, TOPICS, NoMetrics())  # type: ignore[arg-type]

    def bring(self, events: list[Event]) -> None:
        """Through the inbox, one by one."""
        for number, event in enumerate(events):
            [produced] = self._inbox.handle(0, records(TOPICS.inbox, to_cloud_event(event), first=number))
            assert produced.key is not None
            partition = partition_of(produced.key.decode(), PARTITIONS)
            there = self.log[partition]
            there.append(Record(TOPICS.events, partition, len(there), produced.key, produced.value, (), 0))

    def work(self, partition: int) -> None:
        """All that lies there."""
        if self.log[partition]:
            self._halves[partition % 2].handle(partition, self.log[partition])

    def let_pass(self, program: Program) -> None:
        with self.store.unit() as unit:
            found = unit.due(END, 1000)
        assert found
        for partition in range(PARTITIONS):
            token = self.store.take_over(partition, "end")
            Advance(
                program, self.store.share({partition: token}), Identification(), None, leads=False
            ).catch_up(END)


def simulated(program: Program, events: list[Event]) -> tuple[list[tuple[object, ...]], Simulation]:
    messages: list[Message] = []
    simulation = Simulation(program, Identification(), messages.append)
    for one in events:
        simulation.event(one)
    simulation.run_until(END)
    return sorted((one.id, one.journey, one.status) for one in messages), simulation


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
@pytest.mark.parametrize("names", [(None, None), ("王芳", "王芳"), ("王芳", "李伟")])
def test_in_whatever_order_the_partitions_are_worked_on(
    store: PostgresStore, program: Program, order: tuple[int, ...], names: tuple[str | None, str | None]
) -> None:
    events = history(names)
    workers = Workers(store, program)
    workers.bring(events)
    read = [from_cloud_event(one.value) for some in workers.log.values() for one in some]
    assert len(read) == len(events)
    for partition in order:
        workers.work(partition)
    workers.let_pass(program)
    expected, simulation = simulated(program, events)
    found = sorted(
        (row.message.id, row.message.journey, row.message.status) for row in store.messages(MessageFilter())
    )
    assert found == expected
    assert len(store.known_after("", 100)) == len(simulation.customers) == (6 if names[0] == names[1] else 12)
    assert len(list(store.disputes(DisputeStatus.OPEN))) == len(simulation.disputes)
    assert all(not one.links for one in store.known_after("", 100))
