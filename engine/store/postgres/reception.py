"""The reception's words, dealings and trail, in PostgreSQL. All partitions share them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.model.finding import Range
from engine.model.lookups import Lookup
from engine.model.times import to_us
from engine.ports.reception import Hit
from engine.store.codec import decode_customer
from engine.store.postgres.arrays import Numbers, Texts
from engine.store.postgres.columns import Kinds, columns
from engine.store.postgres.transactions import SQL, Transactions
from engine.store.reception import dealings_in, grouped, lookup_row, to_lookup, words_to_fill
from engine.store.rows import Row

_WORD: Kinds = {"kind": Texts, "word": Texts, "customer_id": Texts}
_DEALING: Kinds = {"customer_id": Texts, "dealer": Texts}


def words(rows: Sequence[Row]) -> Mapping[str, Any]:
    """Rows of words as statements take them; nothing where there is none."""
    return columns(_WORD, rows)


def dealt(rows: Iterable[tuple[str, str]]) -> Mapping[str, Any]:
    """The same, of dealings. In order, so that two units do not wait for one another crosswise."""
    return columns(_DEALING, sorted(rows))


class Reception(Transactions):
    """The store's part."""

    def find_words(self, ranges: Sequence[Range], dealer: str | None, limit: int) -> list[Hit]:
        if not ranges:
            return []
        asked = {
            "kind": Texts(one.kind for one in ranges),
            "low": Texts(one.low for one in ranges),
            "high": Texts(one.high for one in ranges),
        }
        return [Hit(*row) for row in self._read("find_words", **asked, dealer=dealer or "", limit=limit)]

    def dealers_of(self, customer_id: str) -> set[str]:
        return {dealer for (dealer,) in self._read("dealers_of", customer_id=customer_id)}

    def fill_words(self, limit: int) -> bool:
        with self._transaction() as connection:
            cursors = connection.execute(SQL["words_filled"]).fetchall()
            if not cursors:
                return False
            asked = {"cursor": cursors[0][0], "limit": limit}
            found = connection.execute(SQL["customers_to_fill"], asked).fetchall()
            if not found:
                connection.execute(SQL["words_are_filled"])
                return False
            connection.execute(
                SQL["add_words"], words(words_to_fill(decode_customer(body) for _, body in found))
            )
            ids = Texts(one for one, _ in found)
            dealings = dealings_in(connection.execute(SQL["events_to_fill"], {"ids": ids}).fetchall())
            if dealings:
                connection.execute(SQL["add_dealings"], dealt(dealings))
            connection.execute(SQL["fill_words_on"], {"cursor": found[-1][0]})
        return True

    def note_lookup(self, lookup: Lookup, keep_since: datetime) -> int:
        with self._transaction() as connection:
            since = {"since_us": to_us(keep_since)}
            connection.execute(SQL["drop_old_shown"], since)
            connection.execute(SQL["drop_old_lookups"], since)
            [(number,)] = connection.execute(SQL["add_lookup"], lookup_row(lookup)).fetchall()
            if lookup.shown:
                asked = {
                    "number": Numbers([number] * len(lookup.shown)),
                    "nth": Numbers(range(len(lookup.shown))),
                    "customer_id": Texts(lookup.shown),
                }
                connection.execute(SQL["add_shown"], asked)
        return int(number)

    def lookups(
        self, *, number: int | None = None, staff: str = "", customer_id: str = "", limit: int = 100
    ) -> list[Lookup]:
        found = self._read("lookups", number=number, staff=staff, customer_id=customer_id, limit=limit)
        shown = grouped(self._read("shown", number=Numbers(row[0] for row in found))) if found else {}
        return [to_lookup(row, shown) for row in found]
