"""What SQL stores keep for the reception, as rows and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.model.customer import Customer
from engine.model.events import Event
from engine.model.finding import Print, Word, print_of, words_of
from engine.model.lookups import Lookup
from engine.model.times import from_us, to_us
from engine.ports import LoggedEvent
from engine.store.codec import decode_event
from engine.store.rows import Parameters, Row

_DEALERS = "/dealers/"


def dealer_of(event: Event) -> str | None:
    """Whose event it is: who is named, else who has sent it."""
    dealer = event.data.get("dealer")
    if isinstance(dealer, str) and dealer:
        return dealer
    source = event.source
    return source[len(_DEALERS) :].partition("/")[0] or None if source.startswith(_DEALERS) else None


def dealings(events: Iterable[LoggedEvent]) -> set[tuple[str, str]]:
    """Who has dealt with whom."""
    found = ((one.customer_id, dealer_of(one.event)) for one in events)
    return {(customer_id, dealer) for customer_id, dealer in found if customer_id and dealer}


def dealings_in(rows: Iterable[Row]) -> set[tuple[str, str]]:
    """The same, of rows of a customer's id and an event's body."""
    found = ((customer_id, dealer_of(decode_event(body))) for customer_id, body in rows)
    return {(customer_id, dealer) for customer_id, dealer in found if dealer}


class KnownDealings:
    """Dealings that are known to be there, `MOST` at most, so that they are not written again with each event. Any
    thread may use it."""

    MOST = 200_000

    def __init__(self) -> None:
        self._known: set[tuple[str, str]] = set()

    def __contains__(self, one: object) -> bool:
        return one in self._known

    def add(self, those: Iterable[tuple[str, str]]) -> None:
        """Once they were committed."""
        if len(self._known) >= self.MOST:
            self._known = set()
        self._known.update(those)


class Prints:
    """What a unit knows of the words of the documents that it has read, so that writing them again costs nothing where
    no word has changed."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[str, Print | None] = {}

    def read(self, customers: Iterable[Customer]) -> None:
        for one in customers:
            self._known[one.id] = print_of(one)

    def missing(self, ids: Iterable[str]) -> None:
        """There is nobody of these ids, but for those who were read."""
        for one in ids:
            self._known.setdefault(one, None)

    def unknown(self, customers: Mapping[str, Customer]) -> list[str]:
        """Those who are to be read first."""
        return [one for one in customers if one not in self._known]

    def changes(self, customers: Mapping[str, Customer]) -> tuple[list[Row], list[Row]]:
        """The words that go and those that come, in the order of the index."""
        gone: list[Row] = []
        new: list[Row] = []
        for one in customers.values():
            now, before = print_of(one), self._known.get(one.id)
            if now != before:
                old_words, words = words_of(before), words_of(now)
                gone += ((kind, word, one.id) for kind, word in old_words - words)
                new += ((kind, word, one.id) for kind, word in words - old_words)
                self._known[one.id] = now
        return sorted(gone), sorted(new)


def words_to_fill(customers: Iterable[Customer]) -> list[tuple[str, str, str]]:
    def words(one: Customer) -> set[Word]:
        return words_of(print_of(one))

    return sorted((kind, word, one.id) for one in customers for kind, word in words(one))


def lookup_row(one: Lookup) -> Parameters:
    return {
        "at_us": to_us(one.at),
        "staff": one.staff,
        "dealer": one.dealer or "",
        "asked": one.asked,
        "opened": one.opened,
        "more": one.more,
    }


def to_lookup(row: Row, shown: Mapping[int, list[str]]) -> Lookup:
    number, at_us, staff, dealer, asked, opened, more = row
    return Lookup(
        number=number,
        at=from_us(at_us),
        staff=staff,
        dealer=dealer or None,
        asked=asked,
        opened=bool(opened),
        shown=tuple(shown.get(number, ())),
        more=bool(more),
    )


def grouped(rows: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for number, value in rows:
        found.setdefault(number, []).append(value)
    return found
