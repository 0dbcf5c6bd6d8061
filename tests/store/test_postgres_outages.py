"""The server may go away and come back at any moment: nothing is lost, the process lives on, and no secret is told."""

import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from engine.model.errors import MilepostError, ServiceUnavailable, UsageError
from engine.ports import MessageFilter
from engine.ports.errors import TryAgain
from engine.store.postgres import Address, PostgresStore, migrate
from engine.store.postgres.troubles import DatabaseFault
from tests.contracts.samples import customer_id, day, event, logged, message
from tests.contracts.stores import one_server
from tests.contracts.test_store_contract import everything
from tests.services.database import Postgres
from tests.store.proxy import Proxy
from tests.support import ROOT

pytestmark = one_server


def has(store: PostgresStore, n: int) -> bool:
    return customer_id(n) in store.customers([customer_id(n)])


def several_connections(store: PostgresStore, count: int = 3) -> None:
    """Makes the store have so many that lie idle."""
    together = threading.Barrier(count)

    def work() -> None:
        with store.unit() as unit:
            unit.customers([customer_id(0)])
            together.wait(20)

    threads = [threading.Thread(target=work) for _ in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


@pytest.mark.parametrize("way", ["restart", "crash"])
def test_a_server_that_was_restarted_between_two_units_is_not_even_noticed(
    shared_store: PostgresStore, postgres: Postgres, way: str
) -> None:
    several_connections(shared_store)
    with shared_store.unit() as unit:
        everything(unit, 1)
    if way == "crash":
        postgres.kill()
        postgres.start()
    else:
        postgres.restart()
    with shared_store.unit() as unit:
        assert unit.seen([event(1).key]) == {event(1).key}
        everything(unit, 2)
    assert has(shared_store, 1)
    assert has(shared_store, 2)
    assert len(shared_store.claim(day(9), 9)) == 2


def test_a_unit_in_whose_middle_the_server_went_away_was_not_done_and_the_next_is(
    shared_store: PostgresStore, postgres: Postgres
) -> None:
    several_connections(shared_store)
    with pytest.raises(ServiceUnavailable, match="cannot be used"), shared_store.unit() as unit:
        everything(unit, 1)
        postgres.kill()
    with pytest.raises(ServiceUnavailable, match="refused") as refused:
        has(shared_store, 1)
    assert "whether the server runs" in refused.value.hint
    postgres.start()
    assert not has(shared_store, 1)
    with shared_store.unit() as unit:
        everything(unit, 1)
    assert has(shared_store, 1)


LEDGER: dict[str, Callable[[PostgresStore], Any]] = {
    "claim": lambda store: store.claim(day(9), 9),
    "settle": lambda store: store.settle(store.claimed()),
    "customers": lambda store: store.customers([customer_id(1)]),
    "messages": lambda store: list(store.messages(MessageFilter())),
    "take_over": lambda store: store.take_over(0, "a worker"),
}


def test_whatever_is_asked_of_a_server_that_is_away_says_so(
    shared_store: PostgresStore, postgres: Postgres
) -> None:
    with shared_store.unit() as unit:
        everything(unit, 1)
    postgres.stop()
    for ask in LEDGER.values():
        with pytest.raises(ServiceUnavailable):
            ask(shared_store)
    postgres.start()
    for ask in LEDGER.values():
        ask(shared_store)


def test_a_commit_whose_answer_is_lost_is_left_open_and_the_repetition_finds_what_was_done(
    shared_store: PostgresStore, database: str
) -> None:
    there = urlsplit(database)
    with Proxy(there.hostname or "", there.port or 0) as network:
        store = PostgresStore.open(database.replace(f":{there.port}/", f":{network.port}/"))
        with pytest.raises(ServiceUnavailable, match="is not known") as lost, store.unit() as unit:
            assert unit.seen([event(1).key]) == set()
            everything(unit, 1)
            network.lose_answer_to = b"COMMIT"
        assert "Nothing is lost by doing the same again" in lost.value.hint
        network.lose_answer_to = None
        with store.unit() as unit:
            assert unit.seen([event(1).key]) == {event(1).key}
        assert [row.message for row in store.messages(MessageFilter())] == [message(1)]
        store.close()


def test_a_connection_lost_before_the_commit_leaves_nothing(
    shared_store: PostgresStore, database: str
) -> None:
    with pytest.raises(ServiceUnavailable, match="cannot be used"), shared_store.unit() as unit:
        everything(unit, 1)
        with psycopg.connect(database, autocommit=True) as other:
            others = "pid <> pg_backend_pid() AND datname = current_database()"
            other.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}".encode())
    with shared_store.unit() as unit:
        assert unit.seen([event(1).key]) == set()
        everything(unit, 1)
    assert has(shared_store, 1)


def test_a_process_killed_in_the_middle_of_a_unit_leaves_nothing_of_it(
    shared_store: PostgresStore, database: str
) -> None:
    script = """
import os, signal, sys
from engine.store.postgres import PostgresStore
from tests.contracts.test_store_contract import everything
store = PostgresStore.open(sys.argv[1])
with store.unit() as unit:
    everything(unit, 1)
with store.unit() as unit:
    for n in range(2, 50):
        everything(unit, n)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", script, database], cwd=ROOT, check=False).returncode == -9
    with shared_store.unit() as unit:
        assert unit.seen([event(n).key for n in range(50)]) == {event(1).key}
        assert [one.id for one in unit.after("", 99)] == [customer_id(1)]
        assert unit.get("clock") == "1"
    assert len(list(shared_store.messages(MessageFilter()))) == len(list(shared_store.rejections())) == 1


# What is said


@pytest.mark.parametrize(
    ("state", "kind", "told"),
    [
        ("40P01", TryAgain, ""),
        ("40001", TryAgain, ""),
        ("55P03", TryAgain, ""),
        ("53100", ServiceUnavailable, "disk is full"),
        ("53300", ServiceUnavailable, "max_connections"),
        ("57P01", ServiceUnavailable, "tried again"),
        ("25006", ServiceUnavailable, "primary"),
        ("42501", ServiceUnavailable, "SELECT, INSERT, UPDATE and DELETE"),
        ("58030", ServiceUnavailable, "see its log"),
        ("22012", DatabaseFault, ""),
    ],
)
def test_what_the_server_says_becomes_what_can_be_done_about_it(
    shared_store: PostgresStore, state: str, kind: type[MilepostError], told: str
) -> None:
    said = f"RAISE EXCEPTION 'the server says so' USING ERRCODE = '{state}', DETAIL = 'of +8613800000001'"
    connections = shared_store._connections
    with pytest.raises(MilepostError, match="the server says so") as raised:
        connections.ask(lambda connection: connection.execute(f"DO $$ BEGIN {said}; END $$".encode()))
    assert type(raised.value) is kind
    assert told in raised.value.hint
    assert "+86" not in str(raised.value)


def test_what_is_wrong_with_a_row_names_none_of_its_values(
    shared_store: PostgresStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the error nor, in the log, what psycopg warns of."""
    with (
        caplog.at_level(logging.WARNING),
        pytest.raises(MilepostError) as raised,
        shared_store.unit() as unit,
    ):
        unit.log([logged(1, "c1"), logged(1, "c1")])
    assert raised.value.__context__ is None or raised.value.__suppress_context__
    assert event(1).key.hex() not in str(raised.value)
    assert caplog.text == ""


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ServiceUnavailable, match=f"postgresql://me@127.0.0.1:{port}/care") as refused:
        PostgresStore.open(f"postgresql://me:s3cret@127.0.0.1:{port}/care?application_name=k3y")
    assert "s3cret" not in str(refused.value)
    assert "k3y" not in str(refused.value)


def test_a_wrong_password_is_not_shown_and_a_missing_database_is_named(
    postgres: Postgres, database: str
) -> None:
    there = urlsplit(database)
    wrong = database.replace(there.password or "", "wr0ng")
    with pytest.raises(ServiceUnavailable, match="password") as refused:
        PostgresStore.open(wrong)
    assert "user and password" in refused.value.hint
    assert "wr0ng" not in str(refused.value)
    with pytest.raises(ServiceUnavailable, match="does not exist") as refused:
        migrate(database.removesuffix("milepost") + "nowhere")
    assert "createdb" in refused.value.hint


def test_a_server_that_takes_no_more_connections_is_told_of(database: str) -> None:
    with psycopg.connect(database, user="postgres", autocommit=True) as server:
        server.execute("ALTER ROLE milepost CONNECTION LIMIT 0")
        try:
            with pytest.raises(ServiceUnavailable, match="too many connections") as refused:
                PostgresStore.open(database)
        finally:
            server.execute("ALTER ROLE milepost CONNECTION LIMIT -1")
    assert "fewer workers" in refused.value.hint


@pytest.mark.parametrize(
    ("theirs", "ours"), [("off", "on"), ("local", "local"), ("remote_apply", "remote_apply")]
)
def test_a_commit_outlives_the_server_whatever_the_servers_setting(
    database: str, theirs: str, ours: str
) -> None:
    with psycopg.connect(database, user="postgres", autocommit=True) as server:
        server.execute(f"ALTER ROLE milepost SET synchronous_commit = {theirs}".encode())
        store = PostgresStore.open(database)
        with store.connect() as connection:
            assert connection.execute("SHOW synchronous_commit").fetchone() == (ours,)
        store.close()
        server.execute("ALTER ROLE milepost RESET synchronous_commit")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:pa@ss@host/care",
        "postgresql://me:pa/ss@host/care",
        "postgresql://me:12/ss@host/care",
        "postgresql://me:pa?ss@host/care",
        "postgresql://me:12?ss@host/care",
        "postgresql://me:pa#ss@host/care",
        "postgresql://me:pa%ss@host/care",
        "postgresql://me:pa:ss@host/care",
        "postgresql://me@host:ss/care",
        "postgresql://me@host/care?sslmode",
        "postgresql://me@host/care?no=ss",
        "postgresql:ss",
        "mysql://me:ss@host/care",
        "ss",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_and_nothing_of_it_shown(url: str) -> None:
    with pytest.raises(UsageError, match="cannot be read") as refused:
        Address(url)
    shown = str(refused.value)
    assert "ss" not in shown.lower().replace("address", "").replace("password", "")
    assert "%40" in refused.value.hint
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://host/care", "postgresql://host/care"),
        ("postgres://me:p%40ss@host:5433/care?sslmode=require", "postgresql://me@host:5433/care"),
        ("postgresql://me:p@[::1]:5433/care", "postgresql://me@[::1]:5433/care"),
        ("postgresql://a:1,b:2/care", "postgresql://a:1,b:2/care"),
        ("postgresql:///care?host=/run/postgresql", "postgresql:///care"),
        ("postgresql://me@", "postgresql://me@/"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert str(Address(url)) == shown
    assert repr(Address(url)) == f"Address({shown})"
