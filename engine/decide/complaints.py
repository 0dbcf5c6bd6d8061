"""Which complaints are open. `complaint.opened` opens one, `complaint.resolved` settles it, and what happened last
counts; `complaint.updated` tells of one that is open, unless it was settled."""

from datetime import datetime

from msgspec.structs import replace

from engine.decide.draft import Draft
from engine.model.events import Event
from engine.model.standing import Complaint

COMPLAINTS = frozenset({"complaint.opened", "complaint.updated", "complaint.resolved"})

_NEWS = Complaint()


def take_in_complaint(draft: Draft, event: Event) -> None:
    """Writes into the document what an event of `COMPLAINTS` says."""
    standing = draft.standing
    named = str(event.data["complaint_id"])
    known = standing.complaints.get(named, _NEWS)
    if event.type == "complaint.opened":
        known = replace(known, opened_at=_later(known.opened_at, event.time))
    elif event.type == "complaint.resolved":
        known = replace(known, resolved_at=_later(known.resolved_at, event.time))
    draft.standing = replace(standing, complaints={**standing.complaints, named: known})


def _later(known: datetime | None, told: datetime) -> datetime:
    return told if known is None or told > known else known
