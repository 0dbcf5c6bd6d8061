"""Where nothing is sent any more, and the database's own keys, in PostgreSQL. All partitions share them."""

from collections.abc import Iterator, Mapping, Sequence
from secrets import token_bytes
from typing import Any

from engine.model.suppression import SECRET, Address, Cause, SuppressionRow, hashed
from engine.store import rows
from engine.store.pages import PAGE, suppression_pages
from engine.store.postgres.arrays import Blobs
from engine.store.postgres.connections import Connection, Connections
from engine.store.postgres.transactions import SQL, Transactions


class Secrets:
    """Each is read once; on a connection of its own, so that it outlives a unit that comes to nothing."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._known: dict[str, bytes] = {}

    def get(self, name: str) -> bytes:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._connections.ask(lambda one: _read(one, name))
        return known


def _read(connection: Connection, name: str) -> bytes:
    """Makes it where there is none: whoever comes second finds the first one's."""
    asked = {"name": name}
    found = connection.execute(SQL["read_secret"], asked).fetchone()
    if found is None:
        connection.execute(SQL["add_secret"], {**asked, "value": token_bytes(32)})
        [found] = connection.execute(SQL["read_secret"], asked).fetchall()
    return bytes(found[0])


class Suppressions(Transactions):
    """The store's part."""

    _secrets: Secrets

    def secret(self, name: str) -> bytes:
        return self._secrets.get(name)

    def suppressed(self, those: Sequence[Address]) -> set[Address]:
        if not those:
            return set()
        secret = self.secret(SECRET)
        hashes = {one: hashed(secret, one) for one in those}
        found = {
            (channel, bytes(address))
            for channel, address in self._read("suppressed", addresses=Blobs(hashes.values()))
        }
        return {one for one, address in hashes.items() if (one.channel, address) in found}

    def suppressions(self, to: Address | None = None) -> Iterator[SuppressionRow]:
        if to is not None:
            asked = {"channel": to.channel, "address": hashed(self.secret(SECRET), to)}
            return map(rows.to_suppression, self._read("suppressions_of", **asked))

        def read(after: Mapping[str, Any]) -> list[rows.Row]:
            return self._read("suppressions", **after, limit=PAGE)

        return suppression_pages(read)

    def count_suppressions(self) -> dict[tuple[str, Cause], int]:
        found = self._read("count_suppressions")
        return {(channel, Cause(cause)): count for channel, cause, count in found}
