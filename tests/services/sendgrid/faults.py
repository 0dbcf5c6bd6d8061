"""What befalls requests to send: the first that fits, until it has done so `times` times."""

from typing import Any

import msgspec


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """In this order: waits `before_s`; where `cut` is `before`, breaks the connection; refuses with `status` (and
    `body`; the rate's headers with 429, and `retry_after`, `reset_s`); else takes the messages, waits `after_s`; where
    `cut` is `after`, breaks the connection, or answers with `status` although it `took` them.

    `times` is how often, None for ever. With `address` it befalls only requests to it, and names it by its place in
    the request in a 400, except where `vague`."""

    status: int = 0
    retry_after: float | None = None
    reset_s: float | None = None
    body: Any = None
    cut: str = ""
    before_s: float = 0.0
    after_s: float = 0.0
    took: bool = False
    times: int | None = 1
    address: str = ""
    vague: bool = False


class Faults:
    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, raw: bytes) -> None:
        self.waiting += msgspec.json.decode(raw, type=list[Fault])

    def next(self, body: Any) -> Fault | None:
        for fault in self.waiting:
            if fault.address and place_of(fault.address, body) is None:
                continue
            if fault.times is not None:
                fault.times -= 1
                if not fault.times:
                    self.waiting.remove(fault)
            return fault
        return None


def place_of(address: str, body: Any) -> str | None:
    """`personalizations.3.to.0.email`: where a request is to that address."""
    try:
        for n, one in enumerate(body["personalizations"]):
            for m, box in enumerate(one["to"]):
                if box["email"] == address:
                    return f"personalizations.{n}.to.{m}.email"
    except (TypeError, KeyError):
        pass
    return None
