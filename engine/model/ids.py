"""Ids: each is a hash of what it names, so the same history always makes the same ids.

`blake2b` (RFC 7693), keyed by nothing, personalised by the kind of id so that ids of different kinds never
meet. Parts are joined by the unit separator, which no part contains.
"""

from hashlib import blake2b

_SEPARATOR = "\x1f"


def derive(kind: str, *parts: str) -> str:
    """32 hexadecimal digits (128 bits) for `parts`; `kind` has at most 16 ASCII characters."""
    text = _SEPARATOR.join(parts)
    return blake2b(text.encode(), digest_size=16, person=kind.encode()).hexdigest()


def event_key(source: str, event_id: str) -> bytes:
    """16 bytes that stand for an event's `(source, id)` for ever."""
    return blake2b(f"{source}{_SEPARATOR}{event_id}".encode(), digest_size=16, person=b"event").digest()


def lot(*parts: str) -> float:
    """A number in [0, 1), always the same for the same parts: how `split` and `holdout` are drawn."""
    digest = blake2b(_SEPARATOR.join(parts).encode(), digest_size=8, person=b"lot").digest()
    return int.from_bytes(digest, "big") / 2.0**64
