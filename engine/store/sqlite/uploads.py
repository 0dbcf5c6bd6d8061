"""Dealers' files in SQLite."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from engine.store.queries import queries
from engine.store.uploads import SqlUploads


class Uploads(SqlUploads):
    """The store's part; `_transaction` and `_read` are the store's."""

    _transaction: Callable[[], AbstractContextManager[sqlite3.Connection]]

    @contextmanager
    def _changing(self) -> Iterator[Callable[..., int]]:
        sql = queries(__package__)
        with self._transaction() as connection:

            def change(name: str, **asked: Any) -> int:
                return connection.execute(sql[name], asked).rowcount

            yield change
