"""What is kept of a simulation's messages: a few fields each, in columns, so that a history of a million events can be
reported on, and compared, in the memory of a laptop: 60 bytes a line, and what is new in it once.
"""

from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

from engine.model.messages import Message, Status

T = TypeVar("T")

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ID_BYTES = 16


class Kind(NamedTuple):
    """What many messages have in common. `outcome` is `sent`, `skipped` or `held`."""

    journey: str
    step: str
    template: str
    channel: str | None
    brand: str
    locale: str | None
    outcome: str
    reason: str | None


class Person(NamedTuple):
    """Whom a message is for: the id of the document, and the contact that outputs show."""

    id: str
    contact: str | None


class Outcome(NamedTuple):
    """One line: what was decided `at`, for `person` and their `vehicle`."""

    message_id: str
    at: datetime
    kind: Kind
    person: Person
    vehicle: str | None
    run: str

    @property
    def is_sent(self) -> bool:
        return self.kind.outcome == "sent"


class Outcomes:
    """The lines of a simulation in their order; `held` ones stand before the last of the same message."""

    def __init__(self) -> None:
        self._ids = bytearray()
        self._runs = bytearray()
        self._moments = array("q")
        self._kinds = _Numbered[Kind]()
        self._people = _Numbered[Person]()
        self._vehicles = _Numbered[str | None]()

    def __len__(self) -> int:
        return len(self._moments)

    def add(self, message: Message) -> None:
        sent = message.status is Status.QUEUED
        kind = Kind(
            message.journey,
            message.step,
            message.template,
            message.channel,
            message.brand,
            message.locale,
            "sent" if sent else str(message.status),
            None if message.reason is None else str(message.reason),
        )
        self._ids += bytes.fromhex(message.id)
        self._runs += bytes.fromhex(message.run)
        self._moments.append((message.at - _START) // _MICROSECOND)
        self._kinds.append(kind)
        self._people.append(Person(message.customer_id, message.customer))
        self._vehicles.append(message.vehicle)

    def __getitem__(self, place: int) -> Outcome:
        start, end = place * _ID_BYTES, (place + 1) * _ID_BYTES
        return Outcome(
            self._ids[start:end].hex(),
            _START + self._moments[place] * _MICROSECOND,
            self._kinds[place],
            self._people[place],
            self._vehicles[place],
            self._runs[start:end].hex(),
        )

    def __iter__(self) -> Iterator[Outcome]:
        return (self[place] for place in range(len(self)))

    @property
    def people(self) -> list[Person]:
        """Whom the messages are for; one whose contact has changed is there once for each."""
        return self._people.values

    def key(self, place: int) -> bytes:
        """The message's id, as bytes."""
        return bytes(self._ids[place * _ID_BYTES : (place + 1) * _ID_BYTES])

    def microsecond(self, place: int) -> int:
        """The moment, counted from 1970 in UTC."""
        return self._moments[place]

    def finals(self) -> list[int]:
        """Where the last line of each message stands, in the order of the messages' ids."""
        places = sorted(range(len(self)), key=self.key)
        kept = [one for one, after in pairwise(places) if self.key(one) != self.key(after)]
        return kept + places[-1:]


class _Numbered(Generic[T]):
    """A column of values of which many are equal: each is kept once, and then called by its number."""

    def __init__(self) -> None:
        self._numbers: dict[T, int] = {}
        self.values: list[T] = []
        self._column = array("l")

    def append(self, value: T) -> None:
        number = self._numbers.get(value)
        if number is None:
            number = self._numbers[value] = len(self.values)
            self.values.append(value)
        self._column.append(number)

    def __getitem__(self, place: int) -> T:
        return self.values[self._column[place]]
