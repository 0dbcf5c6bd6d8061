"""The broker as the settings name it."""

from engine.bus.settings import BusSettings
from engine.bus.topics import TopicSettings
from engine.runtime.stages import Topics
from engine.wiring.settings import Settings


def bus_settings(settings: Settings) -> BusSettings:
    return BusSettings(
        bootstrap=settings.kafka_bootstrap,
        group=settings.kafka_prefix + settings.kafka_group,
        security=settings.kafka_security,
        web_host=settings.http_host,
        web_port=settings.http_port,
        threads=settings.worker_threads,
        session_timeout_s=settings.kafka_session_s,
        request_timeout_s=max(30.0, settings.kafka_session_s),
    )


def topic_settings(settings: Settings) -> TopicSettings:
    return TopicSettings(
        names=Topics.prefixed(settings.kafka_prefix),
        partitions=settings.kafka_partitions,
        replication=settings.kafka_replication,
        inbox_days=settings.kafka_inbox_days,
        events_days=settings.kafka_events_days,
        rejected_days=settings.kafka_rejected_days,
        messages_days=settings.kafka_messages_days,
    )
