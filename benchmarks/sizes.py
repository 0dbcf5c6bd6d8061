"""What a history leaves in PostgreSQL and in the topics, in bytes: `python -m benchmarks sizes`, on a server of its
own. It is the ground of docs/explanation/scale.md.

1. A generated network's two years are taken in by batches of 500, with the care plan's journeys that events begin.
2. The tables are rewritten, so that nothing is counted that was deleted: `raw` is a body as it is, `stored` as it lies
   in its row, `row` what a row takes of its table, with what the table keeps free for its next version, and `indexes`
   what its entries take. All are means.
3. A newsletter goes to all of its customers.
4. Some events more are taken in one by one, each after a checkpoint: then the log of changes holds every page whole
   that is changed, as it does nearly everywhere in a database that is much larger than what is changed in it between
   two checkpoints.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import psutil
import psycopg

from benchmarks.care_plan import care_plan_project
from benchmarks.speed import BATCH, history, only
from engine.intake.identify import Identification
from engine.intake.parse import Parser
from engine.model.events import Event, to_cloud_event
from engine.model.program import Program
from engine.runtime.advance import Advance
from engine.runtime.schedules import first_after
from engine.sample import events_path
from engine.store.postgres import PostgresStore, migrate
from engine.wiring.projects import load, runnable
from tests.services.database import Postgres, find_programs

ALONE = 200
TELLS_S = 1.1
TABLES = ("customers", "owners", "events", "messages")
WITH_BODY = ("customers", "events", "messages")
Connection = psycopg.Connection[tuple[int, ...]]


class Server(Postgres):
    """It makes no checkpoint unasked, and its owner may ask for one."""

    def configure(self) -> None:
        super().configure()
        with (self.folder / "data" / "postgresql.conf").open("a") as file:
            file.write(
                "max_wal_size = 8GB\ncheckpoint_timeout = 1h\nwal_compression = on\nautovacuum = off\n"
            )

    def database(self, name: str) -> str:
        url = self.url(name)
        with self._connect() as connection:
            connection.execute("ALTER ROLE milepost SUPERUSER")
        return url

    def cpu_s(self) -> float:
        """Of all its processes, those that ended too."""
        server = psutil.Process(self.pid)
        living = sum(sum(one.cpu_times()[:2]) for one in server.children())
        return sum(server.cpu_times()[:4]) + living


class Cost(NamedTuple):
    """What something took: CPU seconds of this process and of the server, the log of changes in bytes, and how many
    whole pages were in it."""

    own_s: float
    server_s: float
    log_bytes: int
    pages: int

    def each(self, n: int) -> str:
        own_us, server_us = self.own_s / n * 1e6, self.server_s / n * 1e6
        return (
            f"{own_us:>7.0f} µs here {server_us:>7.0f} µs in the server "
            f"{self.log_bytes / n:>8.0f} bytes of log {self.pages / n:>6.1f} pages in it"
        )


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks sizes", description=__doc__)
    parser.add_argument("--customers", type=int, default=1000, help="0: the shipped sample instead")
    parser.add_argument("--alone", type=int, default=ALONE, help="how many events are taken in alone")
    asked = parser.parse_args(given)
    lines = history(asked.customers) if asked.customers else events_path().read_bytes().splitlines()
    project = care_plan_project()
    program = runnable(load(project), project, drafts=False)
    checker = Parser(program.event_types, program.policy.country)
    began = time.process_time()
    events = [one for one in map(checker.parse, lines) if isinstance(one, Event)]
    checking_s = time.process_time() - began
    handed_on = sum(len(to_cloud_event(one)) for one in events) / len(events)
    print(f"{len(events)} events of {sum(map(len, lines)) / len(lines):.0f} bytes, handed on {handed_on:.0f}")
    print(f"to decode and check one, the yardstick: {checking_s / len(lines) * 1e6:.0f} µs")
    with Server(find_programs(), quick=False) as server:
        url = server.database("sizes")
        migrate(url)
        store = PostgresStore.open(url, partitions=12)
        with psycopg.connect(url, autocommit=True) as connection:
            measure(server, connection, store, program, events, asked.alone)
        store.close()


def measure(
    server: Server,
    connection: Connection,
    store: PostgresStore,
    program: Program,
    events: list[Event],
    count_alone: int,
) -> None:
    version = connection.execute("SHOW server_version").fetchone()
    print(f"PostgreSQL {version[0] if version else ''}")
    care = Advance(only(program, lambda scheduled: not scheduled), store, Identification(), None)
    set_pages(connection, "off")
    by_batches, alone = events[:-count_alone], events[-count_alone:]

    def batches() -> None:
        for first in range(0, len(by_batches), BATCH):
            care.take(by_batches[first : first + BATCH])

    def one_by_one() -> None:
        for event in alone:
            connection.execute("CHECKPOINT")
            care.take([event])

    print("an event       ", cost_of(server, connection, store, batches).each(len(by_batches)))
    tables(connection, len(by_batches))
    customers = value(connection, "SELECT count(*) FROM customers WHERE known")
    print("a newsletter   ", newsletter(server, connection, store, program).each(customers))
    set_pages(connection, "on")
    print("an event, alone", cost_of(server, connection, store, one_by_one).each(len(alone)))


def newsletter(server: Server, connection: Connection, store: PostgresStore, program: Program) -> Cost:
    """Its next moment, to all customers; what the care plan has due by then is done before."""
    sending = Advance(only(program, lambda scheduled: scheduled), store, Identification(), None)
    now = sending.now()
    assert now is not None
    sending.catch_up(now)
    (moment,) = [first_after(one, now, program.policy.zone) for one in program.scheduled]
    assert moment is not None

    def send() -> None:
        sending.catch_up(moment.at)

    return cost_of(server, connection, store, send)


def cost_of(server: Server, connection: Connection, store: PostgresStore, work: Callable[[], None]) -> Cost:
    def so_far() -> Cost:
        used = time.process_time(), server.cpu_s()
        log_bytes = value(connection, "SELECT pg_current_wal_insert_lsn() - '0/0'")
        # Either connection tells how many pages it wrote when it is asked something after that time.
        time.sleep(TELLS_S)
        store.progress("events")
        connection.execute("SELECT pg_stat_force_next_flush()")
        return Cost(*used, int(log_bytes), value(connection, "SELECT wal_fpi FROM pg_stat_wal"))

    before = so_far()
    work()
    return Cost(*(now - then for now, then in zip(so_far(), before, strict=True)))


def tables(connection: Connection, events: int) -> None:
    print(f"{'':<12}{'rows':>9}{'an event':>10}{'raw':>8}{'stored':>8}{'row':>8}{'indexes':>9}")
    for table in TABLES:
        connection.execute(f"VACUUM FULL {table}".encode())
        rows = value(connection, f"SELECT count(*) FROM {table}")
        raw = stored = 0
        if table in WITH_BODY:
            raw = value(connection, f"SELECT avg(octet_length(body))::bigint FROM {table}")
            stored = value(connection, f"SELECT avg(pg_column_size(body))::bigint FROM {table}")
        row = value(connection, f"SELECT pg_table_size('{table}')") / rows
        indexes = value(connection, f"SELECT pg_indexes_size('{table}')") / rows
        print(f"{table:<12}{rows:>9}{rows / events:>10.2f}{raw:>8}{stored:>8}{row:>8.0f}{indexes:>9.0f}")


def set_pages(connection: Connection, how: str) -> None:
    """Whether the log of changes holds a page whole when it is changed for the first time after a checkpoint."""
    connection.execute(f"ALTER SYSTEM SET full_page_writes = {how}".encode())
    connection.execute("SELECT pg_reload_conf()")
    connection.execute("CHECKPOINT")


def value(connection: Connection, question: str) -> int:
    found = connection.execute(question.encode()).fetchone()
    assert found is not None
    return found[0]
