"""Dealers' files in PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from engine.store.postgres.transactions import SQL, Transactions
from engine.store.uploads import SqlUploads


class Uploads(SqlUploads, Transactions):
    """The store's part."""

    @contextmanager
    def _changing(self) -> Iterator[Callable[..., int]]:
        with self._transaction() as connection:

            def change(name: str, **asked: Any) -> int:
                return connection.execute(SQL[name], asked).rowcount

            yield change
