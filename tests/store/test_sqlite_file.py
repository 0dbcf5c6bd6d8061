"""The database file: its schema, its log, what is wrong with it."""

import re
import sqlite3
from collections import Counter
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import engine.store.sqlite as package
from engine.model.errors import MilepostError, ServiceUnavailable
from engine.ports import Lane
from engine.store.codec import encode
from engine.store.queries import parse, queries
from engine.store.schema import DatabaseTooNew, Migrated, step, steps
from engine.store.sqlite import SqliteStore
from engine.store.sqlite.migrations import applied, migrate, statements
from engine.store.sqlite.wal import WriteAheadLog
from tests.contracts.samples import customer, customer_id, day, logged, message

FOLDER = Path(package.__file__).parent


def plan(path: Path, name: str) -> str:
    """How SQLite would carry out a statement."""
    connection = sqlite3.connect(path)
    parameters = dict.fromkeys(re.findall(r":(\w+)", queries(package.__name__)[name]), 1)
    found = connection.execute(f"EXPLAIN QUERY PLAN {queries(package.__name__)[name]}", parameters).fetchall()
    connection.close()
    return "\n".join(row[3] for row in found)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "milepost.db"
    SqliteStore(path).close()
    return path


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("due_customers", "customers_due"),
        ("customers_after", "sqlite_autoindex_customers_1"),
        ("read_customers", "sqlite_autoindex_customers_1"),
        ("read_owners", "PRIMARY KEY"),
        ("seen_keys", "sqlite_autoindex_events_1"),
        ("events_of", "events_of"),
        ("arrivals", "events_of"),
        ("ready_messages", "messages_ready"),
        ("claimed_messages", "messages_count"),
        ("skip_late_messages", "messages_ready"),
        ("count_late_to_requeue", "messages_count"),
        ("requeue_messages", "messages_count"),
        ("count_waiting_messages", "messages_count"),
        ("messages", "messages_at"),
        ("messages_of_customer", "messages_of"),
        ("count_messages", "messages_count"),
        ("open_fan_outs", "fan_outs_open"),
        ("suppressed", "PRIMARY KEY"),
        ("unsettled_messages", "messages_count"),
        ("messages_told_of", "sqlite_autoindex_messages_1"),
        ("give_up_messages", "sqlite_autoindex_messages_1"),
        ("messages_by_id", "sqlite_autoindex_messages_1"),
        ("withdraw_messages", "sqlite_autoindex_messages_1"),
        ("suppressions", "PRIMARY KEY"),
    ],
)
def test_a_statement_that_runs_often_goes_by_its_index(path: Path, name: str, index: str) -> None:
    assert f" {index}" in plan(path, name)


@pytest.mark.parametrize("name", ["due_customers", "customers_after", "ready_messages", "messages"])
def test_what_is_taken_in_portions_is_not_sorted_first(path: Path, name: str) -> None:
    assert "TEMP B-TREE" not in plan(path, name)


def test_every_statement_is_used_and_says_what_it_means_by_name() -> None:
    code = "".join(file.read_text("utf-8") for file in (*FOLDER.glob("*.py"), *FOLDER.parent.glob("*.py")))
    assert [name for name in queries(package.__name__) if f'"{name}"' not in code] == []


def test_statements_are_told_apart_by_name() -> None:
    assert parse("-- about\n-- name: a\nSELECT 1;\n\n-- more\n-- name: b\nSELECT\n  2;\n") == {
        "a": "SELECT 1",
        "b": "SELECT\n  2",
    }
    with pytest.raises(ValueError, match="two statements"):
        parse("-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;\n")


# The schema


def test_a_database_of_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("INSERT INTO schema_version (version, name) VALUES (99, '0099_future')")
    connection.close()
    with pytest.raises(MilepostError, match=r"schema 99; this version .* knows \d+ at most") as refused:
        SqliteStore(path)
    assert "newer" in refused.value.hint


def test_one_whose_newer_step_says_that_it_can_be_read_is_worked_on(path: Path) -> None:
    known = steps(package.__name__)
    newer = step(
        "0099_next", f"-- readable by: {max(known)}\nALTER TABLE messages ADD COLUMN weight INTEGER;\n"
    )
    connection = sqlite3.connect(path, isolation_level=None)
    after = max(known) + 1
    assert migrate(connection, {**known, after: newer}) == Migrated(max(known), after)
    store = SqliteStore(path)
    fill(store, 0, 1)
    assert [row.message.id for row in store.claim(day(1), 9)] == [message(0).id]
    store.close()
    unreadable = step("0100_after", "DROP TABLE facts;\n")
    migrate(connection, {**known, after: newer, after + 1: unreadable})
    connection.close()
    with pytest.raises(DatabaseTooNew):
        SqliteStore(path)


def test_a_file_from_before_steps_said_so_gains_the_column_with_its_next_step(tmp_path: Path) -> None:
    path = tmp_path / "milepost.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT")
    connection.execute("INSERT INTO schema_version VALUES (1, '0001_start')")
    for statement in statements(steps(package.__name__)[1].script):
        connection.execute(statement)
    assert applied(connection) == {1: 1}
    SqliteStore(path).close()
    assert applied(connection) == {n: one.readable_by for n, one in steps(package.__name__).items()}
    connection.close()


def test_each_step_of_the_schema_is_applied_once_and_written_down(path: Path) -> None:
    SqliteStore(path).close()
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT version, name FROM schema_version ORDER BY version").fetchall()
    connection.close()
    assert rows == [(number, name) for number, (name, *_) in steps(package.__name__).items()]


def test_a_ledger_from_before_knows_when_it_is_too_late_for_each_message(tmp_path: Path) -> None:
    """To the microsecond, in whatever zone and with whatever fraction it was written."""
    ends = [
        day(7),
        day(7) + timedelta(microseconds=1),
        day(7) + timedelta(microseconds=999_999),
        (day(7) + timedelta(milliseconds=500)).astimezone(ZoneInfo("Asia/Shanghai")),
        day(7).astimezone(ZoneInfo("America/New_York")),
    ]
    path = tmp_path / "milepost.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT")
    connection.execute("INSERT INTO schema_version VALUES (1, '0001_start')")
    for statement in statements(steps(package.__name__)[1].script):
        connection.execute(statement)
    for n, end in enumerate(ends):
        one = message(n, not_after=end)
        row = (one.id, one.status, one.journey, one.channel, one.brand, one.customer_id, encode(one))
        connection.execute(
            "INSERT INTO messages (id, status, journey, channel, brand, customer_id, at_us, ready_us, format, body)"
            " VALUES (?, ?, ?, ?, ?, ?, 0, 0, 1, ?)",
            row,
        )
    connection.commit()
    connection.close()
    store = SqliteStore(path)
    lanes = [Lane("letter", "michelin")]
    for end, late in sorted(Counter(ends).items()):
        assert store.skip_late(end, lanes) == 0
        assert store.skip_late(end + timedelta(microseconds=1), lanes) == late
    store.close()


def test_a_script_is_cut_into_whole_statements() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  SELECT 1;\n  SELECT 2;\nEND;\n"
    assert list(statements(f"CREATE TABLE a (b);\n{trigger}")) == ["CREATE TABLE a (b);\n", trigger]
    with pytest.raises(ValueError, match="does not end"):
        list(statements("CREATE TABLE a (b)"))


# Trouble


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, not a database" * 100)
    with pytest.raises(ServiceUnavailable, match=r"notes\.txt cannot be used") as refused:
        SqliteStore(path)
    assert "no SQLite database" in refused.value.hint


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServiceUnavailable, match="File exists") as refused:
        SqliteStore(tmp_path / "file" / "milepost.db")
    assert "MILEPOST_DATABASE_URL" in refused.value.hint


def test_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="off, normal, full"):
        SqliteStore(tmp_path / "milepost.db", synchronous="sometimes")


# The write-ahead log


def fill(store: SqliteStore, first: int, units: int) -> None:
    for n in range(first, first + units):
        with store.unit() as unit:
            unit.put(customer(k, day(n)) for k in range(40))
            unit.log([logged(n)])
            unit.add_messages([message(n)])


def test_the_log_stays_bounded_while_units_come(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "milepost.db", wal_limit_bytes=1 << 20)
    log = tmp_path / "milepost.db-wal"
    largest = 0
    for n in range(60):
        fill(store, n, 1)
        largest = max(largest, log.stat().st_size)
    assert (1 << 20) < largest < (2 << 20)
    store.close()
    assert not log.exists()


def test_a_reader_of_an_old_state_delays_that_and_it_is_made_up_for(tmp_path: Path) -> None:
    path = tmp_path / "milepost.db"
    store = SqliteStore(path, wal_limit_bytes=1 << 18, locked_ms=10)
    fill(store, 0, 1)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM events").fetchone() == (1,)
    fill(store, 1, 20)
    log = path.with_name("milepost.db-wal")
    assert log.stat().st_size > 4 << 18
    assert reader.execute("SELECT count(*) FROM events").fetchone() == (1,)
    reader.execute("COMMIT")
    reader.close()
    fill(store, 21, 20)
    assert log.stat().st_size < 4 << 18
    assert store.customers([customer_id(7)])[customer_id(7)].next_due_at == day(40)
    store.close()


def test_a_log_that_was_started_over_is_short_again_though_its_file_is_not(tmp_path: Path) -> None:
    path = tmp_path / "milepost.db"
    store = SqliteStore(path)
    log = WriteAheadLog(path, 1 << 18)
    assert not log.is_long()
    fill(store, 0, 3)
    assert log.is_long()
    connection = sqlite3.connect(path)
    log.tend(connection)
    connection.close()
    fill(store, 3, 1)
    assert path.with_name("milepost.db-wal").stat().st_size > 1 << 18
    assert not log.is_long()
    store.close()
    assert not log.is_long()
