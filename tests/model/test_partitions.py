"""A customer's partition is the one that every Kafka client sends the customer's events to."""

from hypothesis import given
from hypothesis import strategies as st
from kafka.cluster import ClusterMetadata
from kafka.partitioner import DefaultPartitioner
from kafka.partitioner import murmur2 as kafkas_murmur2

from engine.model.ids import derive
from engine.model.partitions import murmur2, partition_of


class Cluster(ClusterMetadata):
    """One topic with so many partitions, all of them up."""

    def __init__(self, partitions: int) -> None:
        super().__init__()
        self._all = set(range(partitions))

    def topics(self) -> set[str]:
        return {"care.events"}

    def partitions_for_topic(self, _topic: str) -> set[int]:
        return self._all

    available_partitions_for_topic = partitions_for_topic


@given(st.binary(max_size=70))
def test_the_hash_is_kafkas(data: bytes) -> None:
    assert murmur2(data) == kafkas_murmur2(data)


@given(st.text(max_size=40), st.integers(1, 300))
def test_a_key_goes_where_kafka_sends_it(key: str, partitions: int) -> None:
    sent = key.encode()
    expected = DefaultPartitioner().partition("care.events", sent, sent, b"", b"", Cluster(partitions))
    assert partition_of(key, partitions) == expected


def test_known_values_of_the_java_client() -> None:
    """Those of its own tests (`UtilsTest.testMurmur2`)."""
    signed = {
        b"21": -973932308,
        b"foobar": -790332482,
        b"a-little-bit-long-string": -985981536,
        b"a-little-bit-longer-string": -1486304829,
        b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
        b"abc": 479470107,
    }
    assert {key: murmur2(key) for key in signed} == {key: n % (1 << 32) for key, n in signed.items()}


def test_customers_are_spread_evenly() -> None:
    counts = [0] * 12
    for n in range(12_000):
        counts[partition_of(derive("customer", str(n)), 12)] += 1
    assert min(counts) > 900
    assert max(counts) < 1100
