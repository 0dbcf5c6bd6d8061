"""An inbox of a test's own on the real broker, and what is in it."""

import json
from collections.abc import Iterator
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import NewTopic
from kafka.consumer.fetcher import ConsumerRecord

from engine.client.client import INBOX

PARTITIONS = 3
PATIENCE_S = 30.0
"""How long a test waits for what should take a moment, before it fails."""


def make_inbox(bootstrap: str, prefix: str, **settings: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    topic = NewTopic(f"{prefix}{INBOX}", PARTITIONS, 1, topic_configs=settings)
    admin.create_topics([topic])
    admin.close()


def records_of(bootstrap: str, prefix: str) -> list[ConsumerRecord]:
    """All that is in the inbox at this moment, each partition in its order."""
    return list(_read(bootstrap, prefix))


def _read(bootstrap: str, prefix: str) -> Iterator[ConsumerRecord]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, consumer_timeout_ms=1000 * PATIENCE_S)
    partitions = [TopicPartition(f"{prefix}{INBOX}", number) for number in range(PARTITIONS)]
    ends = consumer.end_offsets(partitions)
    consumer.assign(partitions)
    consumer.seek_to_beginning()
    left = sum(ends.values())
    while left and (record := next(consumer)):
        if record.offset < ends[TopicPartition(record.topic, record.partition)]:
            left -= 1
            yield record
    consumer.close()


def events_of(bootstrap: str, prefix: str) -> list[dict[str, Any]]:
    return [json.loads(record.value) for record in records_of(bootstrap, prefix)]


def first_times(records: list[ConsumerRecord]) -> dict[bytes | None, list[int]]:
    """By key: the `data.number`s of its events, in the order in which each came for the first time."""
    came: dict[bytes | None, dict[int, None]] = {}
    for record in records:
        came.setdefault(record.key, {}).setdefault(json.loads(record.value)["data"]["number"])
    return {key: list(numbers) for key, numbers in came.items()}


def numbered(number: int, *, customers: int = 7) -> dict[str, Any]:
    """The data of a purchase by one of some customers, with its number."""
    return {
        "customer": {"name": "王芳", "mobile": f"1380000000{number % customers}"},
        "tyres": [{"brand": "michelin", "quantity": 2}],
        "number": number,
    }
