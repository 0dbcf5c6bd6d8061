"""What is around `data`: CloudEvents 1.0, described in the words of the table."""

from functools import lru_cache
from unicodedata import category

from engine.model.event_types import Member, moment, record, text

SPECVERSION = "1.0"

ENVELOPE: Member = record(
    {
        "specversion": text("the version of CloudEvents", required=True, choices=(SPECVERSION,)),
        "id": text("names the event, together with `source`, for ever", required=True),
        "source": text("who sends it, such as /dealers/d001", required=True),
        "type": text("one of the types below", required=True),
        "time": moment("when it happened; a zone is required", required=True),
        "recordedtime": moment("when it was sent"),
        "datacontenttype": text("application/json, if given"),
        "data": record({}, "what happened", required=True),
    },
    "an event",
)


@lru_cache(maxsize=64)
def is_json(media_type: str) -> bool:
    """Whether `datacontenttype` says JSON: `application/json`, `text/json`, anything `+json`."""
    subtype = media_type.partition(";")[0].strip().lower().partition("/")[2]
    return subtype == "json" or subtype.endswith("+json")


def has_controls(value: str) -> bool:
    """Whether there are control characters in it, which CloudEvents allows in no text of the envelope."""
    return not value.isprintable() and any(category(one) == "Cc" for one in value)
