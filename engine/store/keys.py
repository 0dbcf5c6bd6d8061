"""Dealers' keys in SQL stores, by statements of the same names."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from engine.model.keys import DealerKey, Scope
from engine.model.times import from_us, to_us
from engine.store.rows import Row, moment, us


class SqlKeys:
    """Part of a store that has `_read` (all rows of the statement of that name) and `_changing` (a transaction, which
    gives a function that runs a statement and returns how many rows it changed)."""

    _read: Callable[..., list[tuple[Any, ...]]]

    def _changing(self) -> AbstractContextManager[Callable[..., int]]:
        raise NotImplementedError

    def add_key(self, key: DealerKey) -> None:
        with self._changing() as change:
            change("add_key", **_row(key))

    def key_of(self, key_id: str) -> DealerKey | None:
        found = self._read("key_of", id=key_id)
        return _key(found[0]) if found else None

    def dealer_keys(self, dealer: str = "") -> list[DealerKey]:
        return [_key(row) for row in self._read("dealer_keys", dealer=dealer)]

    def replace_key(self, key_id: str, by: DealerKey, until: datetime) -> bool:
        with self._changing() as change:
            if not change("shorten_key", id=key_id, until_us=to_us(until)):
                return False
            change("add_key", **_row(by))
        return True

    def revoke_key(self, key_id: str, at: datetime) -> bool:
        with self._changing() as change:
            return change("revoke_key", id=key_id, at_us=to_us(at)) > 0

    def keys_used(self, moments: Mapping[str, datetime]) -> None:
        if moments:
            with self._changing() as change:
                for key_id in sorted(
                    moments
                ):  # in one order, so that two do not wait for one another crosswise
                    change("key_used", id=key_id, at_us=to_us(moments[key_id]))


def _row(key: DealerKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "dealer": key.dealer,
        "digest": key.digest,
        "scopes": " ".join(sorted(key.scopes)),
        "created_us": to_us(key.created),
        "expires_us": to_us(key.expires),
        "revoked_us": us(key.revoked),
        "used_us": us(key.used),
        "signing": key.signing,
    }


def _key(row: Row) -> DealerKey:
    key_id, dealer, digest, scopes, created_us, expires_us, revoked_us, used_us, signing = row
    return DealerKey(
        id=key_id,
        dealer=dealer,
        digest=bytes(digest),
        scopes=frozenset(map(Scope, scopes.split())),
        created=from_us(created_us),
        expires=from_us(expires_us),
        revoked=moment(revoked_us),
        used=moment(used_us),
        signing=bytes(signing),
    )
