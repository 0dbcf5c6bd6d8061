"""What providers tell of messages, as stores take it in: part of `Unit`."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from engine.model.receipts import Addressee, Told


class ReceivingUnit(Protocol):
    def addressees(self, ids: Sequence[str]) -> dict[str, Addressee]:
        """Whose messages these are, and where each went; of those that are in the ledger."""
        ...

    def receive(self, those: Iterable[Told]) -> None:
        """Writes what receipts say of messages, one after the other: the status, as far as it can follow (see
        `engine.model.receipts`), and what else they tell. A message that is not there does not matter."""
        ...
