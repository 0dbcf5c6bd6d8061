"""The reception's words, dealings and trail, in memory: nothing is kept beside the documents, and all is looked
through."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from engine.model.finding import Range, print_of, words_of
from engine.model.lookups import Lookup
from engine.ports.reception import Hit
from engine.store.memory.state import State
from engine.store.reception import dealings


class Reception:
    """The store's part."""

    _state: State

    def find_words(self, ranges: Sequence[Range], dealer: str | None, limit: int) -> list[Hit]:
        met = {one for one, of in self._dealings() if of == dealer}
        words = sorted(
            (kind, word, customer.id)
            for customer in self._state.customers.values()
            if dealer is None or customer.id in met
            for kind, word in words_of(print_of(customer))
        )
        hits = [
            Hit(*row)
            for one in ranges
            for row in words
            if row[0] == one.kind and one.low <= row[1] < one.high
        ]
        return hits[:limit]

    def dealers_of(self, customer_id: str) -> set[str]:
        return {dealer for one, dealer in self._dealings() if one == customer_id}

    def _dealings(self) -> set[tuple[str, str]]:
        return dealings(self._state.log) | self._state.dealings

    def fill_words(self, limit: int) -> bool:
        del limit
        return False

    def note_lookup(self, lookup: Lookup, keep_since: datetime) -> int:
        kept = {number: one for number, one in self._state.lookups.items() if one.at >= keep_since}
        number = max(self._state.lookups, default=0) + 1
        self._state.lookups = {**kept, number: replace(lookup, number=number)}
        return number

    def lookups(
        self, *, number: int | None = None, staff: str = "", customer_id: str = "", limit: int = 100
    ) -> list[Lookup]:
        found = [
            one
            for one in reversed(self._state.lookups.values())
            if number in (None, one.number)
            and staff in ("", one.staff)
            and (not customer_id or customer_id in one.shown)
        ]
        return found[:limit]
