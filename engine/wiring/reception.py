"""What the reception looks up: whom it may see, and the trail that is written before it sees anything."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from engine.intake.clean import clean_contact
from engine.intake.phone import calling_code
from engine.model.customer import Customer
from engine.model.finding import Range, fits, ranges_of, slipped_ranges_of
from engine.model.lookups import Lookup, masked
from engine.model.program import Program
from engine.model.staff import Staff
from engine.ports import LoggedEvent, Store
from engine.runtime.reception import card_of

log = logging.getLogger(__name__)

MOST_SHOWN = 20
_MOST_WORDS = 200
_EVENTS_LOOKED_AT = 40
_FILLED_AT_ONCE = 500


class Found(NamedTuple):
    """Whom a search found, those who are meant most surely first. `more`: there are others. `exact`: somebody has just
    what was asked for. `slipped`: nobody has it, but something that differs by one slip."""

    customers: tuple[str, ...]
    more: bool = False
    exact: bool = False
    slipped: bool = False


def search(store: Store, text: str, country: str | None, dealer: str | None) -> Found:
    """Those of a dealer (of all, where it is None) whom what was typed may mean."""
    known = [
        one.id
        for one in store.find(clean_contact(text, country))
        if dealer is None or dealer in store.dealers_of(one.id)
    ]
    found = dict.fromkeys(known)
    ranges = ranges_of(text, calling_code(country))
    exact = bool(known)
    for one in ranges:
        hits = _hits(store, [one], text, dealer)
        exact = exact or (one.whole and bool(hits))
        found.update(dict.fromkeys(hits))
        if len(found) > MOST_SHOWN:
            break
    slipped = False
    if not found and (near := slipped_ranges_of(text)):
        found.update(dict.fromkeys(_hits(store, near, "", dealer)))
        slipped = bool(found)
    shown = tuple(found)
    return Found(shown[:MOST_SHOWN], len(shown) > MOST_SHOWN, exact, slipped)


def _hits(store: Store, ranges: list[Range], text: str, dealer: str | None) -> list[str]:
    hits = store.find_words(ranges, dealer, _MOST_WORDS)
    return [hit.customer_id for hit in hits if not text or fits(ranges[0], hit.word, text)]


class Receptionist:
    """Any thread may use it. Whoever works for a dealer sees those alone who have dealt with that dealer."""

    def __init__(
        self, store: Store, keep: timedelta, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._store = store
        self._keep = keep
        self._now = now

    def search(self, staff: Staff, text: str, country: str | None) -> tuple[int, Found]:
        """The number of the look-up in the trail, and whom it found."""
        found = search(self._store, text, country, staff.dealer)
        lookup = self._lookup(staff, asked=masked(text), shown=found.customers, more=found.more)
        return self._note(lookup), found

    def searched(self, staff: Staff, number: int) -> Lookup | None:
        """A search of this person's; its customers are told again. None where it is none of theirs."""
        found = self._store.lookups(number=number, staff=staff.name, limit=1)
        return found[0] if found and found[0].dealer == staff.dealer else None

    def customers(self, staff: Staff, ids: tuple[str, ...]) -> list[Customer]:
        """Of these, those whom the person may see, as they are now."""
        documents = self._store.customers(ids)
        return [documents[one] for one in ids if one in documents and self._may_see(staff, one)]

    def open(self, staff: Staff, customer_id: str) -> Customer | None:
        """The customer, once it is written down who opened the page. None where there is none whom the person may
        see; that is not told apart."""
        customer = self._store.customers([customer_id]).get(customer_id)
        if customer is None or not self._may_see(staff, customer_id):
            return None
        self._note(self._lookup(staff, opened=True, shown=(customer_id,)))
        return customer

    def card(self, program: Program, customer: Customer, now: datetime, staff: Staff) -> dict[str, Any]:
        """What is shown of an opened customer: see `engine.runtime.reception`."""
        return card_of(program, self._store, customer, now, staff.dealer)

    def events_of(self, customer_id: str) -> list[LoggedEvent]:
        return self._store.events_of(customer_id, _EVENTS_LOOKED_AT)

    def _may_see(self, staff: Staff, customer_id: str) -> bool:
        return staff.dealer is None or staff.dealer in self._store.dealers_of(customer_id)

    def _lookup(
        self,
        staff: Staff,
        *,
        asked: str = "",
        opened: bool = False,
        shown: tuple[str, ...] = (),
        more: bool = False,
    ) -> Lookup:
        return Lookup(
            at=self._now(),
            staff=staff.name,
            dealer=staff.dealer,
            asked=asked,
            opened=opened,
            shown=shown,
            more=more,
        )

    def _note(self, lookup: Lookup) -> int:
        return self._store.note_lookup(lookup, lookup.at - self._keep)


def fill(store: Store) -> int:
    """Finds the words of customers who were there before words were kept; returns how many rounds it took."""
    rounds = 0
    while store.fill_words(_FILLED_AT_ONCE):
        rounds += 1
    if rounds:
        log.info("the words by which the reception finds customers are filled")
    return rounds
