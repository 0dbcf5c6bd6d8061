"""What is taken back of the ledger after it was `sent`, as long as it has not left the house: a part of `Store`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from engine.model.messages import Reason

if TYPE_CHECKING:
    from engine.ports.store import MessageRow


class Withdrawals(Protocol):
    def rows_of(self, ids: Collection[str]) -> dict[str, MessageRow]:
        """The rows of these messages, by id, as last committed; those that the ledger does not know are left out."""
        ...

    def withdraw(self, reasons: Mapping[str, Reason], at: datetime, *, shared: bool) -> set[str]:
        """Those of these messages that are `sent` are `skipped`, each for its reason, as if nobody had ever had them:
        with neither `sent_at` nor `place`. Returns them; the others are left as they are. For whoever knows that they
        lie here still. Where the store is `shared`, others are told of it, as of what happened `at`. One
        transaction."""
        ...
