"""Dealers' keys, as stores keep them: part of `Store`. All partitions share them. Each call is a transaction of its
own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from engine.model.keys import DealerKey


class Keys(Protocol):
    def add_key(self, key: DealerKey) -> None:
        """Keeps a new one."""
        ...

    def key_of(self, key_id: str) -> DealerKey | None:
        """The one of that id, open or not."""
        ...

    def dealer_keys(self, dealer: str = "") -> list[DealerKey]:
        """Those of a dealer, or all, by dealer, then the oldest first, then by id."""
        ...

    def replace_key(self, key_id: str, by: DealerKey, until: datetime) -> bool:
        """Keeps the new one, and lets the old one go on until then at most. False, and nothing is done, where there is
        no old one or it was revoked."""
        ...

    def revoke_key(self, key_id: str, at: datetime) -> bool:
        """Ends it. False where there is none, or it was ended before."""
        ...

    def keys_used(self, moments: Mapping[str, datetime]) -> None:
        """Notes when keys were last seen; an earlier moment than the one that is there changes nothing."""
        ...
