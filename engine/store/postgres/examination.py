"""What there is at an address, looked at once and without using it as a store."""

from typing import NamedTuple

import psycopg

from engine.store.postgres.address import Address
from engine.store.postgres.migrations import applied
from engine.store.postgres.transactions import SQL
from engine.store.postgres.troubles import translated
from engine.store.schema import Schema


class Facts(NamedTuple):
    """`address` names no password. `partitions` is 0 where nobody has said yet how many."""

    address: str
    version: str
    major: int
    read_only: bool
    schema: Schema
    partitions: int


def examine(url: str, *, connect_s: float) -> Facts:
    """Raises `ServiceUnavailable` where it cannot be reached, each of its hosts within `connect_s`."""
    address = Address(url)
    with (
        translated(address),
        psycopg.connect(
            address.conninfo, autocommit=True, connect_timeout=max(2, round(connect_s))
        ) as connection,
    ):
        version = connection.info.server_version
        schema = applied(connection)
        return Facts(
            address=str(address),
            version=f"{version // 10_000}.{version % 10_000}",
            major=version // 10_000,
            read_only=connection.execute("SHOW transaction_read_only").fetchone() == ("on",),
            schema=schema,
            partitions=connection.execute(SQL["count_partitions"]).fetchall()[0][0] if schema else 0,
        )
