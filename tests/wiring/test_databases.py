"""What the settings say of the database: a file or a PostgreSQL, worked on alone or by many."""

from pathlib import Path

import psycopg
import pytest

from engine.model.errors import MilepostError, ServiceUnavailable, UsageError
from engine.model.program import Program
from engine.ports import MessageFilter
from engine.store.schema import DatabaseTooOld
from engine.wiring.assembly import advance_for, looked_into, shared, stored, working_alone
from engine.wiring.schema import Standing, migrate, standing
from engine.wiring.settings import ClockKind, Settings, load_settings
from tests.contracts.stores import one_server
from tests.services.database import Postgres
from tests.support import local, program_of, purchase, told, visit, write_project

CARE = {
    "welcome": "purpose: care\nstart: {on: purchase.recorded}\n"
    "steps:\n  - wait: 30 days\n  - send: hello\n    by: letter\n",
    "far": "purpose: care\nstart: {on: purchase.recorded, per: vehicle, again: restart}\n"
    "steps:\n  - wait: 5000 km\n  - send: hello\n    by: sms\n",
}


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return program_of(write_project(tmp_path / "project", CARE))


def settings(url: str, **members: object) -> Settings:
    return load_settings(database_url=url, clock=ClockKind.EVENTS, **members)


def history_of(program: Program, where: Settings) -> list[str]:
    """What comes of a small history: a car that is driven, sold on, and driven by somebody else."""
    events = [
        purchase("2024-01-08 14:20", 10_000.0),
        visit("2024-07-08 10:00", 18_000.0),
        purchase("2024-09-01 09:00", 20_500.0, mobile="+8613800000002", customer={"email": "b@example.cn"}),
        visit("2025-02-01 10:00", 29_000.0, mobile="+8613800000002"),
    ]
    with stored(where) as store:
        advance = advance_for(program, store, where)
        for one in events:
            assert advance.take([one]).accepted == 1
            assert advance.take([one]).duplicates == 1
    with working_alone(where) as store:
        advance_for(program, store, where).catch_up(local("2026-01-01 00:00"))
        claimed = store.claim(local("2026-01-01 00:00"), 99)
        store.settle(claimed)
    with looked_into(where) as store:
        assert store.count_waiting() != {}
        return told(row.message for row in store.messages(MessageFilter()))


@one_server
def test_on_postgresql_comes_of_a_history_what_comes_of_it_on_sqlite(
    program: Program, tmp_path: Path, database: str
) -> None:
    file = history_of(program, settings(f"sqlite:///{tmp_path / 'milepost.db'}"))
    assert len(file) > 3
    assert history_of(program, settings(database)) == file


@one_server
def test_a_second_one_that_works_alone_is_refused(database: str) -> None:
    where = settings(database)
    with working_alone(where):
        with pytest.raises(ServiceUnavailable, match="Another milepost run"), working_alone(where):
            pass
        with stored(where) as store:
            assert store.claimed() == []


@one_server
def test_workers_of_a_broker_and_one_without_do_not_share_a_database(database: str) -> None:
    shared(settings(database, kafka_partitions=12)).close()
    with (
        pytest.raises(MilepostError, match="set up for 12 partitions, not for 1") as refused,
        working_alone(settings(database)),
    ):
        pass
    assert "MILEPOST_KAFKA_PARTITIONS" in refused.value.hint
    with looked_into(settings(database)) as store:  # to look is everybody's
        assert store.find([("mobile", "+1")]) == []


@one_server
def test_timeouts_are_those_of_the_settings(database: str) -> None:
    store = shared(settings(database, database_stall_s=2.5, database_lock_s=0.5))
    connection = store.connect()  # type: ignore[attr-defined]
    for name, expected in (("idle_in_transaction_session_timeout", "2500ms"), ("lock_timeout", "500ms")):
        assert connection.execute(f"SHOW {name}").fetchone() == (expected,)
    connection.close()
    store.close()


@one_server
def test_a_postgresql_that_was_not_migrated_is_refused_and_told_how(postgres: Postgres) -> None:
    where = settings(postgres.url("fresh"))
    for use in (stored, looked_into, working_alone):
        with pytest.raises(DatabaseTooOld) as refused, use(where):
            pass
        assert refused.value.hint == "Run: milepost migrate"
    before = standing(where)
    assert (before.schema, before.usable) == (0, False)
    assert migrate(where).before == 0
    with stored(where) as store:
        assert store.claimed() == []
    after = standing(where)
    assert after == Standing(before.database, before.newest, before.newest, usable=True)
    assert "milepost@" in before.database
    with psycopg.connect(where.database_url) as connection:
        password = connection.info.password
    assert password not in repr(before)


def test_a_file_is_brought_up_to_date_by_whoever_uses_it(tmp_path: Path) -> None:
    where = settings(f"sqlite:///{tmp_path / 'milepost.db'}")
    assert standing(where).schema == 0
    assert not (tmp_path / "milepost.db").exists()
    with stored(where) as store:
        assert store.claimed() == []
    newest = standing(where).newest
    assert standing(where) == Standing(str(tmp_path / "milepost.db"), newest, newest, usable=True)
    assert migrate(where) == (newest, newest)


@pytest.mark.parametrize("url", ["mysql://me:s3cret@host/care", "s3cret", "sqlite:///", "sqlite://s3cret"])
def test_an_address_of_no_database_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(UsageError, match="no database that Milepost knows") as refused, stored(settings(url)):
        pass
    assert "s3cret" not in str(refused.value)
    assert "postgresql://" in refused.value.hint


def test_settings_show_no_password() -> None:
    """Nor does anything that shows them by accident, in a traceback or a log."""
    where = settings("postgresql://me:s3cret@host/care")
    assert "s3cret" not in repr(where)
    assert "s3cret" not in str(where)
