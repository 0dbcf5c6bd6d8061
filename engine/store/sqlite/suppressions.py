"""Where nothing is sent any more, and the database's own keys, in SQLite."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from secrets import token_bytes

from engine.model.suppression import (
    SECRET,
    Address,
    Cause,
    Lifting,
    Suppression,
    SuppressionRow,
    hashed,
)
from engine.store import rows
from engine.store.pages import PAGE, suppression_pages
from engine.store.queries import queries
from engine.store.sqlite.connections import Connections


class Suppressions:
    """The store's part; `_connections` is the store's."""

    _connections: Connections

    def secret(self, name: str) -> bytes:
        with self._connections.translated():
            return read_secret(self._connections.mine(), name)

    def suppressed(self, those: Sequence[Address]) -> set[Address]:
        if not those:
            return set()
        secret = self.secret(SECRET)
        hashes = {one: hashed(secret, one) for one in those}
        asked = {"count": len(hashes), "addresses": b"".join(hashes.values())}
        with self._connections.translated():
            found = set(self._connections.mine().execute(queries(__package__)["suppressed"], asked))
        return {one for one, address in hashes.items() if (one.channel, address) in found}

    def suppressions(self, to: Address | None = None) -> Iterator[SuppressionRow]:
        if to is not None:
            asked = {"channel": to.channel, "address": hashed(self.secret(SECRET), to)}
            return iter([rows.to_suppression(row) for row in self._listed("suppressions_of", asked)])
        return suppression_pages(lambda after: self._listed("suppressions", {**after, "limit": PAGE}))

    def count_suppressions(self) -> dict[tuple[str, Cause], int]:
        found = self._listed("count_suppressions", {})
        return {(channel, Cause(cause)): count for channel, cause, count in found}

    def _listed(self, name: str, asked: rows.Parameters) -> list[rows.Row]:
        with self._connections.translated():
            return self._connections.mine().execute(queries(__package__)[name], asked).fetchall()


def read_secret(connection: sqlite3.Connection, name: str) -> bytes:
    """Makes it where there is none: whoever comes second finds the first one's."""
    sql = queries(__package__)
    found = connection.execute(sql["read_secret"], {"name": name}).fetchone()
    if found is None:
        connection.execute(sql["add_secret"], {"name": name, "value": token_bytes(32)})
        found = connection.execute(sql["read_secret"], {"name": name}).fetchone()
    return bytes(found[0])


def suppress(connection: sqlite3.Connection, those: Iterable[Suppression]) -> None:
    listed = list(those)
    if listed:
        written = rows.suppressed(read_secret(connection, SECRET), listed)
        connection.executemany(queries(__package__)["suppress"], written)


def unsuppress(connection: sqlite3.Connection, those: Iterable[Lifting]) -> None:
    listed = list(those)
    if listed:
        written = rows.lifted(read_secret(connection, SECRET), listed)
        connection.executemany(queries(__package__)["unsuppress"], written)
