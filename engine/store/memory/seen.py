"""Which events there were, in about 18 bytes each.

A set of integers would take 60 to 140 bytes an event, and while its table grows half as much again. So the
keys' tails lie side by side in buckets, byte strings that are searched; a bucket is split in two whenever
there are more than 16 keys a bucket, always the next one in turn, so nothing ever grows at a stroke (linear
hashing: W. Litwin, VLDB 1980).

Of an event's 16-byte key (a hash) the last 12 bytes are kept. Two different events are taken for the same
with a probability of n²/2⁹⁷ among n events (birthday bound): for a billion events, 1 in 100 thousand
million."""

from collections.abc import Iterable
from struct import Struct

_KEPT_BYTES = 12
_number = Struct("<I").unpack_from
_tails = Struct(f"{_KEPT_BYTES}s").iter_unpack
_KEYS_A_BUCKET = 16


class SeenKeys:
    """A set of 16-byte keys. With `level` a power of two, there are `level` buckets at least and less than
    twice as many; those before the first one that has not been split yet, and their other halves, go by one
    bit more."""

    __slots__ = ("_buckets", "_count", "_level")

    def __init__(self) -> None:
        self._buckets = [bytearray()]
        self._count = 0
        self._level = 1

    def add(self, key: bytes) -> bool:
        """Remembers `key`. False if it was there."""
        tail = key[-_KEPT_BYTES:]
        bucket = self._bucket(tail)
        if _find(bucket, tail) >= 0:
            return False
        bucket += tail
        self._count += 1
        if self._count > _KEYS_A_BUCKET * len(self._buckets):
            self._split()
        return True

    def discard(self, keys: Iterable[bytes]) -> None:
        """Forgets `keys`."""
        for key in keys:
            tail = key[-_KEPT_BYTES:]
            bucket = self._bucket(tail)
            place = _find(bucket, tail)
            if place >= 0:
                del bucket[place : place + _KEPT_BYTES]
                self._count -= 1

    def __contains__(self, key: bytes) -> bool:
        tail = key[-_KEPT_BYTES:]
        bucket = self._bucket(tail)
        return _find(bucket, tail) >= 0

    def __len__(self) -> int:
        return self._count

    def _bucket(self, tail: bytes) -> bytearray:
        place: int = _number(tail)[0] & (2 * self._level - 1)
        return self._buckets[place if place < len(self._buckets) else place - self._level]

    def _split(self) -> None:
        """Shares the next bucket's keys with a new one, by the next bit of theirs."""
        old, stay, go = self._buckets[len(self._buckets) - self._level], bytearray(), bytearray()
        for (tail,) in _tails(old):
            if _number(tail)[0] & self._level:
                go += tail
            else:
                stay += tail
        self._buckets[len(self._buckets) - self._level] = stay
        self._buckets.append(go)
        if len(self._buckets) == 2 * self._level:
            self._level *= 2


def _find(bucket: bytearray, tail: bytes) -> int:
    """Where `tail` is in `bucket`, -1 if nowhere."""
    place = bucket.find(tail)
    while place % _KEPT_BYTES and place >= 0:  # across two keys
        place = bucket.find(tail, place + 1)
    return place
