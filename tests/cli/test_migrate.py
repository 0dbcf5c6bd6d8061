"""`milepost migrate`: the database's tables, from version to version."""

import json
import sqlite3
from pathlib import Path
from subprocess import CompletedProcess

from tests.contracts.stores import one_server
from tests.services.database import Postgres
from tests.support import milepost


def migrate(folder: Path, *options: str, url: str = "sqlite:///milepost.db") -> CompletedProcess[str]:
    return milepost("migrate", *options, cwd=folder, check=False, MILEPOST_DATABASE_URL=url)


@one_server
def test_a_postgresql_is_made_ready_once_and_its_password_not_shown(
    tmp_path: Path, postgres: Postgres
) -> None:
    url = postgres.url("care")
    behind = migrate(tmp_path, "--check", url=url)
    assert behind.returncode == 1
    assert "schema 0, behind this version of Milepost" in behind.stdout
    done = json.loads(migrate(tmp_path, "--format", "json", url=url).stdout)
    assert (done["from"], done["database"].rpartition("/")[2]) == (0, "care")
    again = migrate(tmp_path, url=url)
    assert again.returncode == 0
    assert again.stdout.endswith(f"schema {done['to']}, as it was\n")
    current = migrate(tmp_path, "--check", url=url)
    assert current.returncode == 0
    assert current.stdout.endswith("up to date\n")
    password = url.split(":")[2].partition("@")[0]
    assert not any(password in one.stdout + one.stderr for one in (behind, again, current))


def test_a_file_is_told_of_and_brought_up_to_date(tmp_path: Path) -> None:
    checked = migrate(tmp_path, "--check", "--format", "json")
    assert checked.returncode == 1
    assert json.loads(checked.stdout) | {"newest": 0} == {
        "database": "milepost.db",
        "schema": 0,
        "newest": 0,
        "usable": False,
    }
    assert not (tmp_path / "milepost.db").exists()
    assert "from schema 0 to " in migrate(tmp_path).stdout
    assert migrate(tmp_path, "--check").returncode == 0
    with sqlite3.connect(tmp_path / "milepost.db") as connection:
        connection.execute("INSERT INTO schema_version (version, name) VALUES (99, '0099_future')")
    connection.close()
    ahead = migrate(tmp_path, "--check")
    assert ahead.returncode == 1
    assert "schema 99, ahead of this version of Milepost" in ahead.stdout
    refused = migrate(tmp_path)
    assert refused.returncode == 2
    assert "older" in refused.stderr
