"""Making dealers' keys."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from secrets import token_bytes, token_hex, token_urlsafe
from typing import NamedTuple

from engine.model.errors import UsageError
from engine.model.keys import SECRET_BYTES, DealerKey, Scope, digest_of, written_key
from engine.ports import Store

DAYS = 400
"""How long a key opens, unless something else is said: a year, and time to remember."""
OVERLAP_DAYS = 7
"""How long the old one goes on beside the one that takes its place."""

_DEALER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,63}")


class Made(NamedTuple):
    """A key, and what is told once: `text` is the key as it is shown, `signing` what to sign with (empty: nothing)."""

    key: DealerKey
    text: str
    signing: str


def create(
    store: Store, dealer: str, scopes: Collection[Scope], now: datetime, *, days: float = DAYS, signed: bool
) -> Made:
    """Raises `UsageError` where no dealer has such an id."""
    if not _DEALER.fullmatch(dealer):
        raise UsageError(
            f"{dealer!r} is no dealer's id.", "It stands in the events' source, /dealers/ID, such as d001."
        )
    made = _made(dealer, frozenset(scopes), now, now + timedelta(days=days), signed=signed)
    store.add_key(made.key)
    return made


def rotate(store: Store, key_id: str, now: datetime, *, days: float = DAYS, overlap_days: float) -> Made:
    """A new key that opens the same; the old one goes on for a while, so that there is no gap. Raises `UsageError`
    where there is none to take the place of."""
    old = known(store, key_id)
    if old.is_open(now):
        made = _made(old.dealer, old.scopes, now, now + timedelta(days=days), signed=bool(old.signing))
        if store.replace_key(key_id, made.key, now + timedelta(days=overlap_days)):
            return made
    raise UsageError(
        f"The key {key_id} opens nothing any more, so nothing takes its place.",
        f"Make a new one: milepost keys create --dealer {old.dealer}",
    )


def known(store: Store, key_id: str) -> DealerKey:
    found = store.key_of(key_id)
    if found is None:
        raise UsageError(f"There is no key {key_id}.", "milepost keys list shows those that there are.")
    return found


def _made(dealer: str, scopes: frozenset[Scope], now: datetime, expires: datetime, *, signed: bool) -> Made:
    key_id, secret = token_hex(8), token_urlsafe(SECRET_BYTES)
    signing = token_bytes(SECRET_BYTES).hex() if signed else ""
    key = DealerKey(
        id=key_id,
        dealer=dealer,
        digest=digest_of(secret),
        scopes=scopes,
        created=now,
        expires=expires,
        signing=signing.encode(),
    )
    return Made(key, written_key(key_id, secret), signing)
