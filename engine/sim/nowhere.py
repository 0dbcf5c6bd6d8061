"""A source that knows nobody: a simulation's state lives in its `Work`."""

from collections.abc import Sequence

from engine.model.customer import Customer
from engine.model.identity import Identifier


class Nowhere:
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
