"""Dealers' keys, as the gateway asks for them with each request.

What is found is remembered for a while, so that a request costs the database nothing; a key that is revoked opens
nothing any more when that is over. Where the database is away, what was found counts on: with a broker, events are
taken then too. Only ids and hashes are remembered, no secret.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from engine.model.errors import MilepostError, ServiceUnavailable
from engine.model.keys import DealerKey, read_key
from engine.ports import Store

log = logging.getLogger(__name__)

FRESH_S = 30.0
"""For how long the database is not asked again."""
AWAY_S = 5.0
"""The same, where it was away: nobody has to wait for it with each request."""
KEPT_S = 24 * 3600.0
"""For how long one that was found counts where the database is away. Nobody can revoke it meanwhile, as that is done
there."""
NOTED_S = 60.0
"""How often it is written down when keys were seen."""
MOST = 10_000


class _Found(NamedTuple):
    key: DealerKey
    asked_at: float
    """When the database is to be asked again, less `FRESH_S`."""
    told_at: float


class KeyRing:
    """Any thread may use it. `ticks` counts seconds, from whenever."""

    def __init__(self, store: Store, ticks: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._ticks = ticks
        self._lock = threading.Lock()
        self._found: dict[str, _Found] = {}
        self._used: dict[str, datetime] = {}
        self._noted_at = ticks()

    def opened_by(self, text: str) -> DealerKey | None:
        """The open key that `text` is; None where there is none. Raises `ServiceUnavailable` where nobody can tell."""
        read = read_key(text)
        if read is None:
            return None
        key_id, secret = read
        key = self._key_of(key_id)
        now = datetime.now(UTC)
        if key is None or not key.is_opened_by(secret) or not key.is_open(now):
            return None
        self._note(key_id, now)
        return key

    def close(self) -> None:
        """Writes down what was not yet."""
        self._write(self._taken())

    def _key_of(self, key_id: str) -> DealerKey | None:
        found, now = self._found.get(key_id), self._ticks()
        if found is not None and now - found.asked_at < FRESH_S:
            return found.key
        try:
            key = self._store.key_of(key_id)
        except ServiceUnavailable:
            if found is None or now - found.told_at > KEPT_S:
                raise
            self._remember(found._replace(asked_at=now - FRESH_S + AWAY_S))
            return found.key
        if key is None:
            self._found.pop(key_id, None)
        else:
            self._remember(_Found(key, now, now))
        return key

    def _remember(self, found: _Found) -> None:
        with self._lock:
            if len(self._found) >= MOST:
                self._found.clear()
            self._found[found.key.id] = found

    def _note(self, key_id: str, now: datetime) -> None:
        with self._lock:
            self._used[key_id] = now
            due = self._ticks() - self._noted_at >= NOTED_S
            if due:
                self._noted_at = self._ticks()
        if due:
            self._write(self._taken())

    def _taken(self) -> dict[str, datetime]:
        with self._lock:
            used, self._used = self._used, {}
        return used

    def _write(self, used: dict[str, datetime]) -> None:
        try:
            self._store.keys_used(used)
        except MilepostError as error:
            log.warning("when keys were last seen is not written down: %s", error)
