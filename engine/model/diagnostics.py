"""Faults as values: what is wrong, where, and what to do (law 7)."""

from enum import StrEnum

import msgspec

from engine.model.ids import derive


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True, order=False):
    """One fault in a project. `line` and `column` count from 1; `end_column` is the column after the last
    character; all three are 0 where the fault has no place in the file. `file` is relative to the project."""

    code: str
    severity: Severity
    message: str
    file: str
    line: int = 0
    column: int = 0
    end_column: int = 0
    hint: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """An input that was refused whole: `field` names the member (`data.customer.mobile`), `raw` is the input
    as it came, to be seen, mended and sent again. `line` counts from 1, 0 where there are no lines.
    `dealer` is whose it is, where that is known by something else than what it says."""

    file: str
    line: int
    field: str
    reason: str
    raw: bytes = b""
    dealer: str = ""


def rejection_id(raw: bytes, dealer: str = "") -> str:
    """The id under which a refused input is kept: derived from its bytes, so the same input is kept once; once for each
    dealer who has brought it by a key."""
    return derive("rejection", *([dealer] if dealer else []), raw.hex())
