"""Whether messages may go, asked in the moment before they do: the consent may be withdrawn since they were decided,
the address may be on the list of those to which nothing is sent any more, it may be night, a complaint may be open, and
others may have been sent."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from engine.model.customer import Customer
from engine.model.messages import Message, Reason
from engine.model.standing import Counted, Hold
from engine.model.suppression import address_of
from engine.ports import MessageRow, Store

Lately = Callable[[datetime], Sequence[Counted]]
"""What was sent to the message's customer since then."""

MaySend = Callable[[Customer | None, Message, datetime, Lately], Reason | Hold | None]
"""Why a message must not go to this customer (None: nobody is left of that id) at that moment, or what holds it
back."""


class LastQuestion:
    """Asks `may_send` (None: there is nothing to ask) with what the store knows just now, read at once for all."""

    def __init__(self, store: Store, may_send: MaySend | None) -> None:
        self._store = store
        self._may_send = may_send

    def ask(self, rows: Sequence[MessageRow], moments: Sequence[datetime]) -> list[Reason | Hold | None]:
        """For each of the rows, at its moment; None where it may go."""
        if self._may_send is None:
            return [None] * len(rows)
        ids = [row.message.customer_id for row in rows]
        customers: Mapping[str, Customer] = self._store.consents_of(ids)
        if any(one.into for one in customers.values()):  # claimed in the moment in which two were merged
            customers, ids = self._living(customers, ids)
        lately = _Lately(self._store, ids)
        places = [address_of(row.message.channel, row.message.address) for row in rows]
        suppressed = self._store.suppressed([one for one in places if one is not None])
        answers = [
            self._may_send(customers.get(one), row.message, moment, lately.of(one))
            for one, row, moment in zip(ids, rows, moments, strict=True)
        ]
        return [
            Reason.SUPPRESSED if to in suppressed and not isinstance(answer, Reason) else answer
            for to, answer in zip(places, answers, strict=True)
        ]

    def _living(
        self, customers: Mapping[str, Customer], ids: Sequence[str]
    ) -> tuple[Mapping[str, Customer], list[str]]:
        """The customers in whom these live on."""
        known = dict(customers)
        while missing := {one.into for one in known.values() if one.into} - known.keys():
            known |= self._store.consents_of(sorted(missing))
        return known, [_end(known, one) for one in ids]


def _end(customers: Mapping[str, Customer], customer_id: str) -> str:
    while (one := customers.get(customer_id)) is not None and one.into:
        customer_id = one.into
    return customer_id


class _Lately:
    """What was handed over to these customers, read when it is first asked for."""

    def __init__(self, store: Store, ids: Sequence[str]) -> None:
        self._store = store
        self._ids = ids
        self._known: dict[datetime, dict[str, list[Counted]]] = {}

    def of(self, customer_id: str) -> Lately:
        def lately(since: datetime) -> Sequence[Counted]:
            if since not in self._known:
                self._known[since] = self._store.handed_over(self._ids, since)
            return self._known[since].get(customer_id, ())

        return lately
