"""Refused inputs as they are kept; and events that the decision could not bear."""

import traceback
from datetime import UTC, datetime
from pathlib import Path

from engine.model.diagnostics import Rejection
from engine.model.events import Event, to_cloud_event
from engine.model.ids import derive
from engine.ports import RejectionRow


def rejection_row(one: Rejection, now: datetime | None) -> RejectionRow:
    """A refused input as it is kept: its id is derived from its bytes, so the same input is kept once."""
    return RejectionRow(
        id=derive("rejection", one.raw.hex()),
        file=Path(one.file).name,
        line=one.line,
        field=one.field,
        reason=one.reason,
        raw=one.raw,
        at=now or datetime.now(UTC),
    )


def where_of(error: Exception) -> str:
    """`ZeroDivisionError at tables.py:12`: what may be logged of an exception."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


class SetAside:
    """An event that the decision raised at: our fault or a journey's, not the dealer's. It is kept with the refused
    inputs, to be sent in again once the cause is mended.

    `where` says the exception's type and place, and nothing of its text, which may tell of a person; `trace` is the
    whole, for those who may see the event itself.
    """

    def __init__(self, event: Event, error: Exception) -> None:
        self.event = event
        self.where = where_of(error)
        self.trace = "".join(traceback.format_exception(error))
        self.rejection = Rejection(
            file="decision",
            line=0,
            field="",
            reason=f"the decision failed: {self.where}",
            raw=to_cloud_event(event),
        )
