"""Dealers' keys in memory."""

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from engine.model.keys import DealerKey


class Keys:
    """The store's part; `_keys` is the store's, by id."""

    _keys: dict[str, DealerKey]

    def add_key(self, key: DealerKey) -> None:
        self._keys[key.id] = key

    def key_of(self, key_id: str) -> DealerKey | None:
        return self._keys.get(key_id)

    def dealer_keys(self, dealer: str = "") -> list[DealerKey]:
        those = (one for one in self._keys.values() if dealer in ("", one.dealer))
        return sorted(those, key=lambda one: (one.dealer, one.created, one.id))

    def replace_key(self, key_id: str, by: DealerKey, until: datetime) -> bool:
        old = self._keys.get(key_id)
        if old is None or old.revoked is not None:
            return False
        self._keys[key_id] = replace(old, expires=min(old.expires, until))
        self.add_key(by)
        return True

    def revoke_key(self, key_id: str, at: datetime) -> bool:
        old = self._keys.get(key_id)
        if old is None or old.revoked is not None:
            return False
        self._keys[key_id] = replace(old, revoked=at)
        return True

    def keys_used(self, moments: Mapping[str, datetime]) -> None:
        for key_id, at in moments.items():
            old = self._keys.get(key_id)
            if old is not None and (old.used is None or old.used < at):
                self._keys[key_id] = replace(old, used=at)
