"""The broker of the tests is a real one: what was written is read, by a group too, and outlives stops and crashes."""

from uuid import uuid4

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic
from kafka.errors import KafkaTimeoutError

from tests.services.broker import Kafka

pytestmark = pytest.mark.xdist_group("kafka")  # one broker is enough for these


@pytest.fixture
def topic(kafka: Kafka) -> str:
    name = f"test-{uuid4()}"
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    admin.create_topics([NewTopic(name, num_partitions=3, replication_factor=1)])
    admin.close()
    return name


def write(kafka: Kafka, topic: str, *values: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
    written = [producer.send(topic, value, key=value) for value in values]
    assert all(one.get(timeout=30) for one in written)
    producer.close()


def read(kafka: Kafka, topic: str, count: int, group: str | None = None) -> set[bytes]:
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=kafka.bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        consumer_timeout_ms=30_000,
    )
    found = {record.value for _, record in zip(range(count), consumer, strict=False)}
    consumer.close()
    return found


def test_what_is_written_is_read(kafka: Kafka, topic: str) -> None:
    write(kafka, topic, b"a", b"b", b"c")
    assert read(kafka, topic, 3) == {b"a", b"b", b"c"}


def test_a_group_reads_on_where_it_was(kafka: Kafka, topic: str) -> None:
    write(kafka, topic, b"a")
    assert read(kafka, topic, 1, group="readers") == {b"a"}
    write(kafka, topic, b"b")
    assert read(kafka, topic, 1, group="readers") == {b"b"}


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_data_outlive_the_broker(kafka: Kafka, topic: str, way: str) -> None:
    write(kafka, topic, b"before")
    before = kafka.bootstrap
    getattr(kafka, way)()
    kafka.start()
    assert kafka.bootstrap == before
    write(kafka, topic, b"after")
    assert read(kafka, topic, 2) == {b"before", b"after"}


def test_a_paused_broker_answers_nothing_until_it_is_resumed(kafka: Kafka, topic: str) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
    assert producer.send(topic, b"a").get(timeout=30)
    kafka.pause()
    waiting = producer.send(topic, b"b")
    with pytest.raises(KafkaTimeoutError):
        waiting.get(timeout=0.5)
    kafka.resume()
    assert waiting.get(timeout=30)
    producer.close()


@pytest.mark.parametrize("way", ["kill", "pause", "no way"])
def test_what_one_test_breaks_is_whole_for_the_next(kafka: Kafka, way: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    assert admin.describe_cluster()["brokers"]
    admin.close()
    if way != "no way":
        getattr(kafka, way)()
