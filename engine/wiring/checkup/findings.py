"""Checks, made side by side, and what they find."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from engine.model.errors import MilepostError, ServiceUnavailable
from engine.wiring.settings import NotRight

LIMIT_S = 10.0
"""How long all checks together may take."""


class Outcome(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is so; where that is not well, `hint` says what to do. `exit_code` is that of a command that meets such an
    error; 0 of what is none."""

    check: str = ""
    outcome: Outcome
    message: str
    hint: str = ""
    exit_code: int = 0


Check = Callable[[], Sequence[Finding]]
"""May raise `MilepostError`, which is a finding too."""


def ok(message: str) -> Finding:
    return Finding(outcome=Outcome.OK, message=message)


def warning(message: str, hint: str) -> Finding:
    return Finding(outcome=Outcome.WARNING, message=message, hint=hint)


def error(trouble: MilepostError) -> Finding:
    """Of a setting that is not right, whatever asks for it cannot be looked at; it is an error itself, once."""
    if isinstance(trouble, NotRight):
        return warning(f"Not looked at: {trouble.message}", "Mend it, and call this again.")
    return Finding(
        outcome=Outcome.ERROR, message=trouble.message, hint=trouble.hint, exit_code=trouble.exit_code
    )


def examine(checks: Mapping[str, Check], limit_s: float = LIMIT_S) -> list[Finding]:
    """What all checks find, in their order. One that takes too long is left alone, and told as an error."""
    under_way = {name: _UnderWay(check) for name, check in checks.items()}
    give_up_at = time.monotonic() + limit_s
    found = []
    for name, one in under_way.items():
        found += [replace(finding, check=name) for finding in one.findings(give_up_at, limit_s)]
    return found


class _UnderWay(threading.Thread):
    """A daemon: a check that hangs keeps nobody from ending."""

    def __init__(self, check: Check) -> None:
        super().__init__(daemon=True)
        self._check = check
        self._found: Sequence[Finding] | None = None
        self.start()

    def run(self) -> None:
        try:
            self._found = self._check()
        except MilepostError as trouble:
            self._found = [error(trouble)]
        except Exception as unforeseen:
            kind = type(unforeseen).__name__
            self._found = [
                error(MilepostError(f"The check itself failed: {kind}.", "This is a fault of Milepost's."))
            ]

    def findings(self, give_up_at: float, limit_s: float) -> Sequence[Finding]:
        self.join(max(give_up_at - time.monotonic(), 0.0))
        if self._found is None:
            return [
                error(
                    ServiceUnavailable(
                        f"There is no answer within {limit_s:g} s.",
                        "It can be reached, but hangs or is far too busy.",
                    )
                )
            ]
        return self._found
