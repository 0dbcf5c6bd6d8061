"""What providers tell by HTTP: receipts, and what customers answered.

A webhook is a pure function from a `Call` to what it says (`Heard`: events as CloudEvents, of types `message.*` and
`consent.withdrawn`), or to a refusal. It looks at nothing else, so that whoever has taken the call may do so wherever
it runs. An event's id is made of the provider's own, so that one that is told twice is one.

Nothing of what a customer wrote is in what is ignored: it is counted by kind. What becomes of test copies is ignored,
whoever tells it.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from engine.model.ids import is_copy


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A POST as it came. `url` is the whole address as the provider called it, from outside; names of `headers` are in
    lower case."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """`events` are CloudEvents as JSON objects; `ignored` says of what else there was, how often. `answer` is what the
    provider wants to read."""

    events: tuple[dict[str, Any], ...] = ()
    ignored: Mapping[str, int] = {}
    answer: bytes = b""
    media_type: str = "text/plain"


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is the HTTP status to answer by; `reason` is for the log and names no person."""

    status: int
    reason: str


Webhook = Callable[[Call, datetime], Heard | Refused]
"""Asked with the present moment."""


def without_copies(heard: Heard) -> Heard:
    """The same, without what is told of test copies, which no ledger has."""
    of_copies = [one for one in heard.events if is_copy(str(one["data"].get("message_id", "")))]
    if not of_copies:
        return heard
    events = tuple(one for one in heard.events if one not in of_copies)
    ignored = Counter(heard.ignored) + Counter({"test copy": len(of_copies)})
    return replace(heard, events=events, ignored=ignored)


def same(given: str, expected: str) -> bool:
    """Whether a secret is the right one, in a time that does not tell how much of it is."""
    return hmac.compare_digest(
        hashlib.sha256(given.encode()).digest(), hashlib.sha256(expected.encode()).digest()
    )
