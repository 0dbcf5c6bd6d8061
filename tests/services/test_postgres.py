"""The database of the tests is a real PostgreSQL: what was committed outlives stops and crashes."""

import psycopg
import pytest

from tests.services.database import OWNER, Postgres

pytestmark = pytest.mark.xdist_group("postgres")  # one server is enough for these


def test_it_is_a_postgresql_that_milepost_supports(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url("version")) as connection:
        told = connection.execute("SELECT version(), current_user").fetchone()
        assert connection.info.server_version >= 150000
    assert told is not None
    assert told[0].startswith("PostgreSQL ")
    assert told[1] == OWNER


def test_each_url_is_of_a_fresh_database_even_while_the_old_one_is_in_use(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url("again")) as connection:
        connection.execute("CREATE TABLE things (n int)")
        connection.commit()
        with psycopg.connect(postgres.url("again")) as fresh:
            assert fresh.execute("SELECT to_regclass('things')").fetchone() == (None,)


def test_the_owner_is_an_ordinary_role(postgres: Postgres) -> None:
    with (
        psycopg.connect(postgres.url("ordinary")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("COPY (SELECT 1) TO PROGRAM 'true'")


def test_without_the_password_nobody_comes_in(postgres: Postgres) -> None:
    url = postgres.url("closed")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url, password="wrong")


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_what_was_committed_outlives_the_server(postgres: Postgres, way: str) -> None:
    url = postgres.url(f"after_{way}")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE things AS SELECT 1 AS n")
        connection.commit()
        getattr(postgres, way)()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT n FROM things")
    postgres.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT n FROM things").fetchall() == [(1,)]


@pytest.mark.parametrize("way", ["stop", "kill", "no way"])
def test_what_one_test_breaks_is_whole_for_the_next(postgres: Postgres, way: str) -> None:
    psycopg.connect(postgres.url("whole")).close()
    if way != "no way":
        getattr(postgres, way)()
