"""The topics' names, and how a refused record tells why."""

from typing import NamedTuple

from engine.ports.bus import Headers, Produced, Record


class Topics(NamedTuple):
    inbox: str = "care.inbox"
    events: str = "care.events"
    rejected: str = "care.rejected"
    messages: str = "care.messages"

    @classmethod
    def prefixed(cls, prefix: str) -> "Topics":
        """With something before each name, where several engines share a broker."""
        return cls(*(prefix + name for name in cls()))


def refusal(topics: Topics, record: Record, field: str, reason: str, trace: str = "") -> Produced:
    """The record as it came, for the topic of what was refused, with the reason in its headers."""
    told: dict[str, str] = {
        "milepost-field": field,
        "milepost-reason": reason,
        "milepost-origin": f"{record.topic}/{record.partition}/{record.offset}",
        "milepost-trace": trace,
    }
    headers: Headers = [
        *record.headers,
        *((name, value.encode()) for name, value in told.items() if value),
    ]
    return Produced(topics.rejected, record.key, record.value, headers)
