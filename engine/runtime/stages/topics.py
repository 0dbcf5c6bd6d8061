"""The topics' names, how a refused record tells why, and one that was sent in again which refused input it is."""

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


_SENT_AGAIN = "milepost-rejection"


def sent_again(rejection: str) -> tuple[str, bytes]:
    """The header of a record that is a refused input, sent in again: the id that it is kept under."""
    return _SENT_AGAIN, rejection.encode()


def again_headers(record: Record) -> Headers:
    """That header of a record, to be handed on with it."""
    return [(name, value) for name, value in record.headers if name == _SENT_AGAIN] if record.headers else ()


def rejections_of(record: Record) -> list[str]:
    """The refused inputs that a record is: one, or mostly none."""
    return [value.decode("utf-8", "replace") for _, value in again_headers(record) if value]
