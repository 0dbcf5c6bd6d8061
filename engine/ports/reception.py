"""What a reception asks of the store: customers by part of a word, who has dealt with whom, and the trail of look-ups.

The words of a document (`engine.model.finding`) are kept beside it by whatever writes the document (`Unit.put`), in the
same transaction, and so is that a customer has dealt with a dealer, when an event of that dealer's is logged
(`Unit.log`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from engine.model.finding import Range
from engine.model.lookups import Lookup


class Hit(NamedTuple):
    kind: str
    word: str
    customer_id: str


class ReceptionUnit(Protocol):
    def unknow(self, customer_ids: Sequence[str]) -> None:
        """Forgets by which words these customers are found, and with whom they have dealt, and that they were shown to
        anybody. For those who are to be forgotten, before their documents go."""
        ...

    def dealt(self, customer_id: str, with_those_of: str) -> None:
        """The customer has dealt with all with whom another one has; for two who turn out to be one."""
        ...


class Reception(Protocol):
    """Each call is a transaction of its own."""

    def find_words(self, ranges: Sequence[Range], dealer: str | None, limit: int) -> list[Hit]:
        """Up to `limit` of the words in any of the ranges, of those alone who have dealt with the dealer, if one is
        given."""
        ...

    def dealers_of(self, customer_id: str) -> set[str]:
        """With whom the customer has dealt."""
        ...

    def fill_words(self, limit: int) -> bool:
        """Finds the words and dealers of up to `limit` of the customers who were there before words were kept. False
        where none is left."""
        ...

    def note_lookup(self, lookup: Lookup, keep_since: datetime) -> int:
        """Keeps it for good and returns its number; forgets those before `keep_since`."""
        ...

    def lookups(
        self, *, number: int | None = None, staff: str = "", customer_id: str = "", limit: int = 100
    ) -> list[Lookup]:
        """The newest that are asked for, the newest first."""
        ...
