"""kafka-python's admin client, speaking as the settings say."""

from collections.abc import Iterator
from contextlib import contextmanager

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from engine.bus.settings import BusSettings
from engine.client.addresses import reach
from engine.model.errors import ServiceUnavailable


@contextmanager
def admin(settings: BusSettings) -> Iterator[KafkaAdminClient]:
    """Raises `ServiceUnavailable` where the broker cannot be reached, or refuses."""
    reach(settings.bootstrap, settings.security)
    timeout_ms = round(1000 * settings.request_timeout_s)
    try:
        client = KafkaAdminClient(
            bootstrap_servers=settings.servers,
            client_id=settings.group,
            request_timeout_ms=timeout_ms,
            bootstrap_timeout_ms=timeout_ms,
            **settings.security.kafka_python(),
        )
        try:
            yield client
        finally:
            client.close()
    except KafkaError as error:
        raise ServiceUnavailable(
            f"The broker at {settings.bootstrap} cannot be used: {type(error).__name__}.",
            "It can be reached: see whether protocol, certificate, username and password are right.",
        ) from error
