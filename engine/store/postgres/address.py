"""Where a PostgreSQL database is: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`, perhaps with `?sslmode=…`.

libpq reads the rest of such an address by its own rules. What is checked here is what it would misread: a password
with an unescaped `@`, `/` or `?` would become a part of the host's name, or of the port, and be told in its errors.
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from engine.model.errors import UsageError

_SCHEMES = ("postgresql", "postgres")
_URL = re.compile(
    r"(?P<scheme>[a-z]+)://(?:(?P<user>[^:@/?#]*)(?::(?P<password>[^:@/?#]*))?@)?"
    r"(?P<hosts>[^@/?#]*)(?:/(?P<database>[^@/?#:]*))?(?:\?[^@?#]*)?"
)
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.%]+\]|[^:,\[\]]*)(?::[0-9]{1,5})?")
_HINT = (
    "It is written postgresql://USER:PASSWORD@HOST:PORT/DATABASE; in a password, the characters : @ / ? # % are\n"
    "  written as %3A %40 %2F %3F %23 %25."
)

# What keeps a connection from waiting for a server that is gone, and ours from being nameless there.
_DEFAULTS: Mapping[str, str] = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "fallback_application_name": "milepost",
    "client_encoding": "UTF8",
}


class Address:
    """As text it may be shown to anybody: it names no password, nor any option. `conninfo` is for libpq alone. Raises
    `UsageError`, which shows nothing of what it refuses."""

    def __init__(self, url: str) -> None:
        found = _URL.fullmatch(url)
        if found is None or found["scheme"] not in _SCHEMES or not _are_hosts(found["hosts"]):
            raise UsageError("The address in MILEPOST_DATABASE_URL cannot be read.", _HINT)
        try:
            given = conninfo_to_dict(url)
        except ProgrammingError:
            raise UsageError("The address in MILEPOST_DATABASE_URL cannot be read.", _HINT) from None
        self.conninfo = make_conninfo("", **{**_DEFAULTS, **given})
        user = f"{unquote(found['user'])}@" if found["user"] else ""
        self._shown = f"postgresql://{user}{found['hosts']}/{unquote(found['database'] or '')}"

    def __str__(self) -> str:
        return self._shown

    def __repr__(self) -> str:
        return f"Address({self._shown})"


def is_postgres(url: str) -> bool:
    """Whether it names a PostgreSQL database, well or badly written."""
    return url.partition(":")[0] in _SCHEMES


def _are_hosts(text: str) -> bool:
    return all(_HOST.fullmatch(one) for one in text.split(","))
