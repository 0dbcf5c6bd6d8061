"""The reception's words, dealings and trail, in SQLite."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from engine.model.finding import Range
from engine.model.lookups import Lookup
from engine.model.times import to_us
from engine.ports.reception import Hit
from engine.store.codec import decode_customer, to_text
from engine.store.queries import queries
from engine.store.reception import dealings_in, grouped, lookup_row, to_lookup, words_to_fill


class Reception:
    """The store's part; `_transaction` and `_read` are the store's."""

    _transaction: Callable[[], AbstractContextManager[sqlite3.Connection]]
    _read: Callable[..., list[tuple[Any, ...]]]

    def find_words(self, ranges: Sequence[Range], dealer: str | None, limit: int) -> list[Hit]:
        asked = to_text([(one.kind, one.low, one.high) for one in ranges])
        found = self._read("find_words", ranges=asked, dealer=dealer or "", limit=limit)
        return [Hit(*row) for row in found]

    def dealers_of(self, customer_id: str) -> set[str]:
        return {dealer for (dealer,) in self._read("dealers_of", customer_id=customer_id)}

    def fill_words(self, limit: int) -> bool:
        if not self._read("words_filled"):
            return False
        sql = queries(__package__)
        with self._transaction() as connection:
            found = connection.execute(sql["words_filled"]).fetchone()
            if found is None:
                return False
            asked = {"cursor": found[0], "limit": limit}
            bodies = connection.execute(sql["customers_to_fill"], asked).fetchall()
            customers = [decode_customer(body) for (body,) in bodies]
            if not customers:
                connection.execute(sql["words_are_filled"])
                return False
            connection.executemany(sql["add_word"], words_to_fill(customers))
            ids = to_text([one.id for one in customers])
            events = connection.execute(sql["events_to_fill"], {"ids": ids})
            connection.executemany(sql["add_dealing"], sorted(dealings_in(events)))
            connection.execute(sql["fill_words_on"], {"cursor": customers[-1].id})
        return True

    def note_lookup(self, lookup: Lookup, keep_since: datetime) -> int:
        sql = queries(__package__)
        with self._transaction() as connection:
            since = {"since_us": to_us(keep_since)}
            connection.execute(sql["drop_old_shown"], since)
            connection.execute(sql["drop_old_lookups"], since)
            [number] = connection.execute(sql["add_lookup"], lookup_row(lookup)).fetchone()
            shown = [(number, place, one) for place, one in enumerate(lookup.shown)]
            connection.executemany(sql["add_shown"], shown)
        return int(number)

    def lookups(
        self, *, number: int | None = None, staff: str = "", customer_id: str = "", limit: int = 100
    ) -> list[Lookup]:
        found = self._read("lookups", number=number, staff=staff, customer_id=customer_id, limit=limit)
        shown = grouped(self._read("shown", numbers=to_text([row[0] for row in found])))
        return [to_lookup(row, shown) for row in found]


def write_words(
    connection: sqlite3.Connection,
    gone: Sequence[tuple[str, str, str]],
    new: Sequence[tuple[str, str, str]],
) -> None:
    sql = queries(__package__)
    if gone:
        connection.executemany(sql["drop_word"], gone)
    if new:
        connection.executemany(sql["add_word"], new)


def write_dealings(connection: sqlite3.Connection, new: Iterable[tuple[str, str]]) -> None:
    connection.executemany(queries(__package__)["add_dealing"], new)


def forget(connection: sqlite3.Connection, ids: Sequence[str]) -> None:
    asked = {"ids": to_text(list(ids))}
    for name in (queries(__package__)["drop_dealings"], queries(__package__)["drop_shown"]):
        connection.execute(name, asked)
