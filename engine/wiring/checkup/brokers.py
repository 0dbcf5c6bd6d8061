"""Whether the broker can be worked with."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.bus.topics import Found, TopicReport, look
from engine.model.errors import MilepostError, ServiceUnavailable, UsageError
from engine.wiring.checkup.findings import Finding, error, ok, warning
from engine.wiring.settings import Settings
from engine.wiring.streams import bus_settings, topic_settings

ANSWER_S = 4.0


def broker(settings: Settings) -> Sequence[Finding]:
    if not settings.kafka_bootstrap:
        return [ok("none; one process works on all (embedded)")]
    quick = replace(bus_settings(settings), request_timeout_s=ANSWER_S, session_timeout_s=ANSWER_S)
    return list(_told(settings, look(quick, topic_settings(settings))))


def _told(settings: Settings, reports: Sequence[TopicReport]) -> Iterator[Finding]:
    yield ok(f"{settings.kafka_bootstrap} answers")
    fine = [one for one in reports if one.found is Found.FINE]
    if fine:
        names = ", ".join(one.topic for one in fine)
        yield ok(f"{names}: {settings.kafka_partitions} partitions each, kept as long as the settings say")
    for one in reports:
        if one.found is Found.MISSING:
            yield error(ServiceUnavailable(f"{one.topic} is missing.", "Make it: milepost topics"))
        for difference in one.differences:
            said = f"{one.topic}: {difference.what} is {difference.found}, not {difference.wanted}"
            if difference.what == "partitions":
                yield error(_other_number(said, difference.found))
            else:
                by = (
                    "milepost topics --mend sets it."
                    if difference.mendable
                    else "That takes Kafka's own tools."
                )
                yield warning(f"{said}, as the settings say.", by)


def _other_number(said: str, found: str) -> MilepostError:
    return UsageError(
        f"{said}.",
        f"Set MILEPOST_KAFKA_PARTITIONS to {found}, or use another MILEPOST_KAFKA_PREFIX for new topics and a new "
        "database.",
    )
