"""Refused inputs as they are kept; and events that the decision could not bear."""

import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from engine.model.diagnostics import Rejection, rejection_id
from engine.model.events import Event, to_cloud_event
from engine.model.origins import dealer_in
from engine.ports import RejectionRow


def rejection_row(one: Rejection, now: datetime | None) -> RejectionRow:
    """A refused input as it is kept: of the dealer that it is known to be of, else of the one that it names."""
    return RejectionRow(
        id=rejection_id(one.raw, one.dealer),
        file=Path(one.file).name,
        line=one.line,
        field=one.field,
        reason=one.reason,
        raw=one.raw,
        at=now or datetime.now(UTC),
        dealer=one.dealer or dealer_in(one.raw),
    )


def where_of(error: Exception) -> str:
    """`ZeroDivisionError at tables.py:12`: what may be logged of an exception."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


class SetAside(NamedTuple):
    """An event that was checked and could not be taken in. It is kept with the refused inputs, to be sent in again once
    the cause is mended. `trace` is for those who may see the event itself."""

    event: Event
    rejection: Rejection
    trace: str = ""


def failed(event: Event, error: Exception) -> SetAside:
    """The decision raised at it: our fault or a journey's, not the dealer's. The reason says the exception's type and
    place, and nothing of its text, which may tell of a person."""
    rejection = Rejection(
        file="decision",
        line=0,
        field="",
        reason=f"the decision failed: {where_of(error)}",
        raw=to_cloud_event(event),
    )
    return SetAside(event, rejection, "".join(traceback.format_exception(error)))


def unplaced(event: Event) -> SetAside:
    """A receipt for a message that is not in the ledger."""
    return SetAside(event, no_message("receipts", 0, to_cloud_event(event)))


def no_message(file: str, line: int, raw: bytes) -> Rejection:
    return Rejection(
        file=file,
        line=line,
        field="data.message_id",
        reason="there is no message of this id; was it sent from another database?",
        raw=raw,
    )
