"""A source that knows nobody: a simulation's state lives in its `Work`. It knows only which messages there were, as a
history may tell what became of them."""

from collections.abc import Sequence

from engine.model.customer import Customer
from engine.model.identity import Identifier
from engine.model.messages import Message
from engine.model.receipts import Addressee


class Nowhere:
    def __init__(self) -> None:
        self._messages: dict[str | None, dict[bytes, str]] = {}  # by channel, of each message the customer

    def remember(self, message: Message) -> None:
        """As it was decided last: one that was held may have become something else."""
        key = bytes.fromhex(message.id)
        for of_another in self._messages.values():
            of_another.pop(key, None)
        self._messages.setdefault(message.channel, {})[key] = message.customer_id

    def addressees(self, ids: Sequence[str]) -> dict[str, Addressee]:
        """Whose messages these are; where each went concerns nobody here."""
        return {
            one: Addressee(customers[key], channel, None)
            for one in ids
            if (key := _key(one)) is not None
            for channel, customers in self._messages.items()
            if key in customers
        }

    def seen(self, keys: Sequence[bytes]) -> set[bytes]:
        """None of them."""
        del keys
        return set()

    def owners(self, identifiers: Sequence[Identifier]) -> dict[Identifier, str]:
        """Nobody's."""
        del identifiers
        return {}

    def customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        """No documents."""
        del ids
        return {}

    def task_owners(self, ids: Sequence[str]) -> dict[str, str]:
        """Nobody's: the work knows the tasks that it has made."""
        del ids
        return {}


def _key(message_id: str) -> bytes | None:
    try:
        return bytes.fromhex(message_id)
    except ValueError:
        return None
