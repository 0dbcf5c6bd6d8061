"""What a dealer's software shows to be let in: a key, `mp_<id>_<secret>`.

The id is public: it finds the row, and stands in lists and logs. Of the secret only the SHA-256 is kept. A slow hash,
as passwords need one, would protect nothing here: a secret is 32 random bytes, which nobody guesses from its hash
however quick that is; and each request would pay for it.
"""

import hmac
import re
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import msgspec

SECRET_BYTES = 32
"""How many random bytes a secret has."""

_KEY = re.compile(r"mp_([0-9a-f]{16})_([A-Za-z0-9_-]{43,86})")


class Scope(StrEnum):
    """What a key opens."""

    EVENTS_WRITE = "events:write"
    FILES_WRITE = "files:write"
    REJECTIONS_READ = "rejections:read"
    REJECTIONS_WRITE = "rejections:write"
    CUSTOMERS_READ = "customers:read"
    QUALITY_READ = "quality:read"


class DealerKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is kept. `digest` is the SHA-256 of its secret. `expires` is the first moment at which it opens
    nothing any more; so is `revoked`, where a person has ended it. `used` is when it was last seen, within a minute or
    so. `signing` is what requests must be signed with (empty: they need not be); unlike the secret it is kept as it is,
    as a signature can be checked in no other way."""

    id: str
    dealer: str
    digest: bytes
    scopes: frozenset[Scope]
    created: datetime
    expires: datetime
    revoked: datetime | None = None
    used: datetime | None = None
    signing: bytes = b""

    def is_open(self, now: datetime) -> bool:
        return now < self.expires and self.revoked is None

    def is_opened_by(self, secret: str) -> bool:
        """Compares in a time that tells nothing of the secret."""
        return hmac.compare_digest(self.digest, digest_of(secret))


def written_key(key_id: str, secret: str) -> str:
    """The key as the dealer gets it."""
    return f"mp_{key_id}_{secret}"


def read_key(text: str) -> tuple[str, str] | None:
    """The id and the secret; None for anything that is no key."""
    found = _KEY.fullmatch(text)
    return None if found is None else (found[1], found[2])


def digest_of(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "replace")).digest()


def source_of(dealer: str) -> str:
    """The `source` of the events that a dealer brings."""
    return f"/dealers/{dealer}"
