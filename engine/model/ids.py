"""Ids: each is a hash of what it names, so the same history always makes the same ids.

`blake2b` (RFC 7693), keyed by nothing, personalised by the kind of id so that ids of different kinds never
meet. Parts are joined by the unit separator, which no part contains.
"""

from functools import cache
from hashlib import blake2b

_SEPARATOR = "\x1f"
_COPY = "0" * 16
_LENGTH = 32


def derive(kind: str, *parts: str) -> str:
    """32 hexadecimal digits (128 bits) for `parts`; `kind` has at most 16 ASCII characters."""
    hasher = _hasher(kind).copy()
    hasher.update(_SEPARATOR.join(parts).encode())
    return hasher.hexdigest()


def is_id(text: str) -> bool:
    """Whether it could be one: whatever somebody has typed into an address is not asked of a database."""
    return len(text) == _LENGTH and all(one in "0123456789abcdef" for one in text)


def derive_copy(*parts: str) -> str:
    """The id of a message that is a test copy: like any other's, yet whoever sees it knows that no ledger has it. Of
    other messages none begins so: one in 2^64 would."""
    return _COPY + derive("test copy", *parts)[len(_COPY) :]


def is_copy(message_id: str) -> bool:
    """Whether a message of that id is a test copy."""
    return message_id.startswith(_COPY)


def event_key(source: str, event_id: str) -> bytes:
    """16 bytes that stand for an event's `(source, id)` for ever."""
    hasher = _hasher("event").copy()
    hasher.update(f"{source}{_SEPARATOR}{event_id}".encode())
    return hasher.digest()


@cache
def _hasher(kind: str) -> blake2b:
    """A hasher that has seen nothing yet, to be copied, which is quicker than to make one."""
    return blake2b(digest_size=16, person=kind.encode())


def lot(*parts: str) -> float:
    """A number in [0, 1), always the same for the same parts: how `split` and `holdout` are drawn."""
    digest = blake2b(_SEPARATOR.join(parts).encode(), digest_size=8, person=b"lot").digest()
    return int.from_bytes(digest, "big") / 2.0**64
