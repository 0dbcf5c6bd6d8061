"""What events tell of messages, and where nothing may go any more because of it.

A receipt (`message.*`) is its message's customer's, and so is a statement of consent that names the message by which it
was made, whomever else the event names. What follows, in the unit's own transaction:

1. The ledger's row becomes what the receipt says, where that can follow.
2. A bounce for good, and a complaint, put the address on the list (`engine.model.suppression`), and the customer's
   consent for that channel is withdrawn: by an event of its own, whose id is derived from the receipt's.
3. Whoever wants nothing more of a channel, told by a message's link or by an answer to a provider, has the address put
   on the list; a later 'yes' for that channel takes it off again, unless it is there for another cause.

Of two statements the later one by `time` counts, whichever came first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from engine.decide.consent import address
from engine.model.customer import Customer
from engine.model.events import Event
from engine.model.identity import Identified
from engine.model.ids import derive
from engine.model.messages import Message
from engine.model.receipts import RECEIPTS, Addressee, Told, forbids, message_of, told_by
from engine.model.suppression import Address, Cause, Lifting, Suppression, address_of
from engine.ports import Unit

SOURCE = "/receipts"
"""Of the events by which consent is withdrawn because of a receipt."""

PROVIDERS = "/providers/"
"""How the sources of what providers tell begin."""

_CONSENT = frozenset({"consent.granted", "consent.withdrawn"})
_TELLS = RECEIPTS | _CONSENT
_IDENTIFIERS = ("mobile", "email", "member")


def told_of(event: Event) -> str | None:
    """The message whose customer the event is about, if it is about a message's."""
    return message_of(event) if event.type in _TELLS else None


def is_lost(event: Event, known: Mapping[str, Addressee]) -> bool:
    """Whether it is a receipt for a message that nobody knows."""
    return event.type in RECEIPTS and told_of(event) not in known


class Receiving:
    """What one unit's events tell of messages. `messages` are those that are known: read from the ledger, or decided
    by this very unit."""

    def __init__(self) -> None:
        self.messages: dict[str, Addressee] = {}
        self._told: list[Told] = []
        self._suppressed: list[Suppression] = []
        self._lifted: list[Lifting] = []

    def decided(self, messages: Iterable[Message]) -> None:
        for one in messages:
            self.messages[one.id] = addressee(one)

    def unread(self, events: Sequence[Event]) -> list[str]:
        """The ids of the messages that the events are about, and of which nothing is known yet."""
        named = {message_id for event in events if (message_id := told_of(event)) is not None}
        return sorted(named - self.messages.keys())

    def whose(self, who: Identified) -> Identified | None:
        """As it was identified, or the message's customer's; None where nobody knows the message."""
        event = who.event
        if event.type not in _TELLS:
            return who
        if is_lost(event, self.messages):
            return None
        found = self.messages.get(told_of(event) or "")
        if found is None:
            return who
        if "customer" in event.data:  # who was written to is known; an address of then is no news
            event = replace(event, data={**event.data, "customer": {}})
        return Identified(event=event, customer_id=found.customer_id)

    def heed(self, event: Event, customer: Customer, channels: Sequence[str], now: datetime) -> Event | None:
        """What follows from an event that `customer` has had; `channels` are all there are. Returns the event by which
        consent is withdrawn, if it is."""
        if event.type in RECEIPTS:
            return self._receive(event, customer, now)
        if event.type in _CONSENT or event.data.get("consent"):
            self._obey(event, customer, channels)
        return None

    def _receive(self, event: Event, customer: Customer, now: datetime) -> Event | None:
        told = told_by(event, now)
        self._told.append(told)
        channel, to = self.messages[told.message_id][1:]
        cause = forbids(event)
        if cause is None or channel is None:
            return None
        if to is not None:
            self._suppress(to, cause, event)
        named = {kind: customer.fact(kind) for kind in _IDENTIFIERS}
        data = {
            "customer": {kind: value for kind, value in named.items() if value},
            "channel": channel,
            "purpose": "all",
            "proof": f"message {told.message_id} {cause}",
        }
        return Event(
            source=SOURCE,
            id=derive("withdrawn", event.source, event.id),
            type="consent.withdrawn",
            time=event.time,
            recorded=now,
            data=data,
        )

    def _obey(self, event: Event, customer: Customer, channels: Sequence[str]) -> None:
        granted = {channel for channel, purpose, yes in statements(event) if yes}
        for channel in _each(granted, channels):
            to = address_of(channel, address(customer, channel) or {})
            if to is not None:
                self._lifted.append(Lifting(to=to, causes=(Cause.UNSUBSCRIBED,), until=event.time))
        if not _is_farewell(event):
            return
        message = self.messages.get(told_of(event) or "")
        for channel in _each({event.data["channel"]}, channels):
            sent_to = message.to if message is not None and message.channel == channel else None
            to = sent_to or address_of(channel, address(customer, channel) or {})
            if to is not None and not _came_back(customer, channel, event.time):
                self._suppress(to, Cause.UNSUBSCRIBED, event)

    def _suppress(self, to: Address, cause: Cause, event: Event) -> None:
        self._suppressed.append(Suppression(to=to, cause=cause, at=event.time, event=event.key.hex()))

    def clear(self) -> None:
        """For one who keeps no ledger: of what was told nothing is to be written."""
        self.messages.clear()
        self._told.clear()
        self._suppressed.clear()
        self._lifted.clear()

    def write(self, unit: Unit) -> None:
        if self._told:
            unit.receive(self._told)
        if self._suppressed:
            unit.suppress(self._suppressed)
        if self._lifted:
            unit.unsuppress(self._lifted)


def addressee(message: Message) -> Addressee:
    return Addressee(message.customer_id, message.channel, address_of(message.channel, message.address))


def statements(event: Event) -> Iterator[tuple[str, str, bool]]:
    """Channel, purpose, and whether it is granted, of each statement of consent in an event."""
    if event.type in _CONSENT:
        yield event.data["channel"], event.data["purpose"], event.type == "consent.granted"
    for one in event.data.get("consent") or ():
        yield one["channel"], one["purpose"], one["granted"]


def _each(named: Iterable[str], channels: Sequence[str]) -> list[str]:
    wanted = set(named)
    return sorted(set(channels) if "all" in wanted else wanted)


def _is_farewell(event: Event) -> bool:
    """Whether somebody wants nothing more of a channel, and has said so where the address itself was written to."""
    if event.type != "consent.withdrawn" or event.data["purpose"] != "all":
        return False
    return told_of(event) is not None or event.source.startswith(PROVIDERS)


def _came_back(customer: Customer, channel: str, since: datetime) -> bool:
    """Whether the customer has said a 'yes' for the channel after that moment."""
    return any(
        one.granted and one.at > since and key.partition("/")[0] in (channel, "all")
        for key, one in customer.consents.items()
    )
