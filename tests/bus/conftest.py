"""A real broker, workers as real processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer

from tests.bus.world import World
from tests.services.broker import Kafka


@pytest.fixture(scope="session")
def producer(kafka: Kafka) -> Iterator[KafkaProducer]:
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, linger_ms=5)
    yield producer
    producer.close()


@pytest.fixture(scope="session")
def admin(kafka: Kafka) -> Iterator[KafkaAdminClient]:
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    yield admin
    admin.close()


@pytest.fixture
def world(kafka: Kafka, producer: KafkaProducer, admin: KafkaAdminClient, tmp_path: Path) -> Iterator[World]:
    world = World(kafka.bootstrap, producer, admin, tmp_path)
    yield world
    world.end()
