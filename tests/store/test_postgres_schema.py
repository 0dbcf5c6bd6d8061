"""The schema of a PostgreSQL database: how it is brought up to date, who may work on it, how statements go about it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

import engine.store.postgres as package
from engine.model.errors import MilepostError, ServiceUnavailable
from engine.model.messages import Status
from engine.store.postgres import PostgresStore, migrate, schema_of
from engine.store.postgres.arrays import Blobs, Flags, Numbers, Texts
from engine.store.postgres.connections import Connection, Connections, Timeouts
from engine.store.postgres.transactions import SQL
from engine.store.schema import DatabaseTooNew, DatabaseTooOld, Migrated, Step, step, steps
from tests.contracts.samples import customer, customer_id, day, event, logged, message, rejection
from tests.contracts.stores import one_server
from tests.contracts.test_store_contract import everything
from tests.services.database import Postgres
from tests.store.meanwhile import Meanwhile
from tests.support import ROOT

pytestmark = one_server

FOLDER = Path(package.__file__).parent
STEPS = steps(package.__name__)
NEWEST = max(STEPS)

COMPATIBLE = f"""\
-- readable by: {NEWEST}
ALTER TABLE customers ADD COLUMN segment text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN weight bigint NOT NULL DEFAULT 0;
ALTER TABLE partitions ADD COLUMN seen_at timestamptz;
CREATE INDEX customers_segment ON customers (segment);
CREATE TABLE segments (id text PRIMARY KEY);
"""


def with_next(script: str) -> dict[int, Step]:
    """The steps that the next version of Milepost has."""
    return {**STEPS, NEWEST + 1: step(f"{NEWEST + 1:04}_next", script)}


@pytest.fixture
def fresh(postgres: Postgres) -> str:
    return postgres.url("fresh")


# From version to version


def test_an_empty_database_is_refused_until_it_is_migrated(fresh: str) -> None:
    with pytest.raises(
        DatabaseTooOld, match=f"is empty; this version of Milepost works on schema {NEWEST}"
    ) as no:
        PostgresStore.open(fresh)
    assert no.value.hint == "Run: milepost migrate"
    assert no.value.exit_code == 2, "a supervisor starts a worker that it ends again and again"
    assert schema_of(fresh) == {}
    assert migrate(fresh) == Migrated(0, NEWEST)
    PostgresStore.open(fresh).close()
    assert migrate(fresh) == Migrated(NEWEST, NEWEST)
    assert schema_of(fresh) == {number: one.readable_by for number, one in STEPS.items()}


def test_a_database_that_is_behind_is_refused_until_it_is_migrated(fresh: str) -> None:
    migrate(fresh)
    with psycopg.connect(fresh) as connection:
        connection.execute("UPDATE schema_version SET version = version - 1")
    with pytest.raises(DatabaseTooOld):
        PostgresStore.open(fresh)


def test_a_database_that_is_ahead_is_refused_and_left_alone(fresh: str) -> None:
    assert migrate(fresh, with_next("DROP TABLE facts;")) == Migrated(0, NEWEST + 1)
    with pytest.raises(
        DatabaseTooNew, match=f"has schema {NEWEST + 1}; this version of Milepost is older"
    ) as no:
        PostgresStore.open(fresh)
    assert "or a newer one" in no.value.hint
    assert no.value.exit_code == 2
    with pytest.raises(DatabaseTooNew):
        migrate(fresh)


def test_workers_go_on_while_the_database_is_brought_one_step_ahead_of_them(fresh: str) -> None:
    """What the step promises by `readable by`: those of the version before work on, and may be started anew."""
    migrate(fresh)
    before = PostgresStore.open(fresh, partitions=2)
    with before.unit() as unit:
        everything(unit, 1)
    assert migrate(fresh, with_next(COMPATIBLE)) == Migrated(NEWEST, NEWEST + 1)
    started_anew = PostgresStore.open(fresh, partitions=2)
    for n, store in ((2, before), (3, started_anew)):
        with store.unit() as unit:
            everything(unit, n)
            unit.put([customer(1, day(n))])
    with started_anew.share({0: started_anew.take_over(0, "a worker")}).unit() as unit:
        unit.set("clock", "1")
    with before.unit() as unit:
        assert unit.seen([event(n).key for n in range(5)]) == {event(n).key for n in (1, 2, 3)}
        assert [one.id for one in unit.due(day(9), 9)] == [customer_id(n) for n in (2, 1, 3)]
    assert [row.message.id for row in before.claim(day(9), 9)] == sorted(message(n).id for n in (1, 2, 3))
    assert migrate(fresh) == Migrated(NEWEST + 1, NEWEST + 1)  # nothing for the older one to do
    before.close()
    started_anew.close()


def test_where_several_migrate_at_once_each_step_is_applied_once(fresh: str) -> None:
    migrating = [Meanwhile(lambda: migrate(fresh)) for _ in range(5)]
    done = [one.result() for one in migrating]
    assert {one.after for one in done} == {NEWEST}
    assert 0 in {one.before for one in done}
    PostgresStore.open(fresh).close()


def test_a_step_that_fails_leaves_nothing_of_itself(fresh: str) -> None:
    migrate(fresh)
    with pytest.raises(MilepostError, match="nowhere"):
        migrate(fresh, with_next("CREATE TABLE things (n int); DROP TABLE nowhere;"))
    assert max(schema_of(fresh)) == NEWEST
    with psycopg.connect(fresh) as connection:
        assert connection.execute("SELECT to_regclass('things')").fetchone() == (None,)


def test_a_user_who_may_not_make_tables_is_told_so(postgres: Postgres, fresh: str) -> None:
    with psycopg.connect(fresh, user="postgres") as connection:
        connection.execute("ALTER SCHEMA public OWNER TO postgres")
        connection.execute("REVOKE CREATE ON SCHEMA public FROM public")
        connection.execute("ALTER DATABASE fresh OWNER TO postgres")
    with pytest.raises(ServiceUnavailable, match="permission denied") as refused:
        migrate(fresh)
    assert "milepost migrate" in refused.value.hint


def test_a_workers_user_needs_no_more_than_the_documentation_says(fresh: str) -> None:
    migrate(fresh)
    [grant] = re.findall(r"^GRANT .*;$", (ROOT / "docs/howto/postgresql.md").read_text("utf-8"), re.MULTILINE)
    with psycopg.connect(fresh, user="postgres", autocommit=True) as server:
        server.execute("DROP ROLE IF EXISTS worker")
        server.execute(f"CREATE ROLE worker LOGIN PASSWORD '{server.info.password}'".encode())
        server.execute(grant.encode())
    there = urlsplit(fresh)
    store = PostgresStore.open(fresh.replace(f"{there.username}:", "worker:", 1), partitions=2)
    with store.share({0: store.take_over(0, "a worker")}).unit() as unit:
        everything(unit, 1)
        unit.put([customer(1, day(2))])
    with store.unit() as unit:
        everything(unit, 2)
    store.settle(store.claim(day(9), 9))
    store.close()


# How statements go about it

NUMBERS = re.compile(
    r"(\w+_us|\w+_micros|parts?|owned|limit|after|count|next_offset|begun|rows_read|accepted|duplicates|rejected"
    r"|version|version_read|format|attempts|line|number|nth|restores)"
)
BYTES = re.compile(
    r"keys?|token|who|body|raw|event|manifest|address(es)?|value|digest|signing|content|refusals"
)
UNASKED = dict.fromkeys(("statuses", "ids", "journey", "channel", "brand"), "")


def plan(connection: Connection, name: str) -> str:
    """How PostgreSQL carries out a statement, for parameters as they usually are."""
    given: dict[str, Any] = {}
    for parameter, is_list in re.findall(r"%\((\w+)\)(b?)", SQL[name].decode()):
        if NUMBERS.fullmatch(parameter):
            given[parameter] = Numbers(range(2 if parameter == "parts" else 50)) if is_list else 1
        elif BYTES.fullmatch(parameter):
            given[parameter] = Blobs(event(n).key for n in range(50)) if is_list else event(1).key
        elif parameter in ("known", "done", "held_out", "moved", "by_hand", "opened", "more"):
            given[parameter] = Flags([True] * 50) if is_list else True
        elif parameter in UNASKED or (parameter == "customer_id" and "requeue" in name):
            given[parameter] = Texts() if is_list else ""
        else:
            given[parameter] = Texts(customer_id(n) for n in range(50)) if is_list else customer_id(1)
    return "\n".join(row[0] for row in connection.execute(b"EXPLAIN " + SQL[name], given))


@pytest.fixture(scope="module", params=["never", "while empty", "with all rows"])
def asked(request: pytest.FixtureRequest, postgres: Postgres) -> Iterator[Connection]:
    """A connection as the store has them, to tables that were analysed or not."""
    fresh = postgres.url("asked")
    migrate(fresh)
    store = PostgresStore.open(fresh, partitions=2)
    with psycopg.connect(fresh, autocommit=True) as connection:
        if request.param == "while empty":
            connection.execute("ANALYZE")
        with store.unit() as unit:
            unit.put(customer(n, day(n)) for n in range(1000))
            unit.learn({(kind, str(n)): customer_id(n) for kind in ("mobile", "plate") for n in range(1000)})
            unit.log(logged(n, customer_id(n)) for n in range(1000))
            unit.add_messages(message(n, day(n)) for n in range(1000))
        with store.share({0: store.take_over(0, ""), 1: store.take_over(1, "")}).unit() as unit:
            unit.add_messages(message(n, status=Status.SKIPPED) for n in range(1000, 2000))
            unit.add_rejections(rejection(n) for n in range(1000))
        if request.param == "with all rows":
            connection.execute("ANALYZE")
    store.close()
    made = Connections(package.Address(fresh), Timeouts()).open()
    yield made
    made.close()


# Statement → index, and by what it is gone into.
INDEXES = {
    "lock_customers": ("customers_pkey", "id = ANY"),
    "read_customers": ("customers_pkey", "id = ANY"),
    "update_customers": ("customers_pkey", "id = "),
    "due_customers": ("customers_due", "(part = p.part) AND (next_due_us <="),
    "customers_after": ("customers_known", "(part = p.part) AND (id >"),
    "read_owners": ("owners_pkey", "value = ANY"),
    "seen_keys": ("events_key", "key = ANY"),
    "events_of": ("events_of", "customer_id ="),
    "arrivals": ("events_of", "customer_id = ANY"),
    "rejections": ("rejections_status", "(number >"),
    "retry_rejections": ("rejections_pkey", "id = ANY"),
    "claim_messages": ("messages_ready", "(part = p.part) AND (ready_us <="),
    "settle_messages": ("messages_pkey", "id = "),
    "claimed_messages": ("messages_count", "status ="),
    "skip_late_messages": ("messages_ready", "(part = ANY"),
    "count_late_to_requeue": ("messages_count", "status = ANY"),
    "requeue_messages": ("messages_count", "status = ANY"),
    "messages": ("messages_at", "ROW(at_us, id) >"),
    "messages_of_customer": ("messages_of", "customer_id ="),
    "count_messages": ("messages_count", ""),
    "open_announcements": ("announcements_pkey", "part = p.part"),
    "close_announcements": ("announcements_pkey", "part = "),
    "count_waiting_messages": ("messages_count", "status = ANY"),
    "open_fan_outs": ("fan_outs_open", "part ="),
    "lock_tokens": ("partitions_pkey", "part = ANY"),
    "lock_tokens_alone": ("partitions_pkey", "part = ANY"),
    "lock_alone": ("partitions_pkey", "part ="),
    "take_over": ("partitions_pkey", "part ="),
    "read_addressees": ("messages_pkey", "id = ANY"),
    "lock_messages_told_of": ("messages_pkey", "id = ANY"),
    "unsettled_messages": ("messages_count", "status ="),
    "give_up_messages": ("messages_pkey", "id = ANY"),
    "messages_by_id": ("messages_pkey", "id = ANY"),
    "withdraw_messages": ("messages_pkey", "id = "),
    "write_told": ("messages_pkey", "id = "),
    "read_secret": ("secrets_pkey", "name ="),
    "suppressed": ("suppressions_pkey", "address = ANY"),
    "suppressions_of": ("suppressions_pkey", "address ="),
    "suppressions": ("suppressions_pkey", "ROW(address, channel, cause) >"),
    "unsuppress": ("suppressions_pkey", "address ="),
    "get_fact": ("facts_pkey", "(name ="),
}


def test_every_statement_goes_by_its_index_whenever_the_tables_were_analysed(asked: Connection) -> None:
    plans = {name: plan(asked, name) for name in INDEXES}
    strays = {name: told for name, told in plans.items() if not _goes_by(told, *INDEXES[name])}
    assert strays == {}


def _goes_by(told: str, index: str, condition: str) -> bool:
    scan = rf"(Scan (Backward )?using {index} on|Bitmap Index Scan on {index}) .*"
    into = rf"\n +Index Cond: .*{re.escape(condition)}" if condition else ""
    return re.search(scan + into, told) is not None and "Seq Scan" not in told


@pytest.mark.parametrize("name", ["due_customers", "customers_after", "claim_messages", "messages"])
def test_what_is_taken_in_portions_is_not_sorted_before(asked: Connection, name: str) -> None:
    """The index of each partition gives the order; only what was taken of each is put in order together."""
    told = plan(asked, name)
    below = told[told.rindex("->  Limit" if "->  Limit" in told else "Limit") :]
    assert "Sort" not in below.partition("CTE free")[0].partition("InitPlan")[0]


def test_every_statement_is_used() -> None:
    code = "".join(file.read_text("utf-8") for file in (*FOLDER.glob("*.py"), *FOLDER.parent.glob("*.py")))
    assert [name for name in SQL if f'"{name}"' not in code] == []


def test_every_statement_can_be_prepared(asked: Connection) -> None:
    for name in SQL:
        assert plan(asked, name)
