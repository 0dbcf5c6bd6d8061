"""To which partition of a topic a key belongs, as Kafka's own clients reckon it.

Murmur2 (A. Appleby's MurmurHash2, 32 bits) with the seed of Kafka's Java client, whose sign bit is dropped before the
remainder is taken. Python clients (kafka-python, aiokafka) do the same; librdkafka does with
`partitioner=murmur2_random`.
"""

from functools import lru_cache
from struct import iter_unpack

_SEED = 0x9747B28C
_M = 0x5BD1E995
_MASK = 0xFFFFFFFF
_POSITIVE = 0x7FFFFFFF
_REMEMBERED = 8192  # a hash costs half as much as reading a document


@lru_cache(_REMEMBERED)
def partition_of(key: str, partitions: int) -> int:
    """The partition, from 0 to `partitions` - 1, of records with this key (in UTF-8)."""
    return partition_of_key(key.encode(), partitions)


def partition_of_key(key: bytes, partitions: int) -> int:
    """The same, of a key as records have it."""
    return (murmur2(key) & _POSITIVE) % partitions


def murmur2(data: bytes) -> int:
    """32 bits, as a number without sign."""
    whole = len(data) & ~3
    hashed = _SEED ^ len(data)
    for (word,) in iter_unpack("<I", data[:whole]):
        mixed = word * _M & _MASK
        mixed = (mixed ^ mixed >> 24) * _M & _MASK
        hashed = hashed * _M & _MASK ^ mixed
    if rest := data[whole:]:
        hashed = (hashed ^ int.from_bytes(rest, "little")) * _M & _MASK
    hashed = (hashed ^ hashed >> 13) * _M & _MASK
    return hashed ^ hashed >> 15
