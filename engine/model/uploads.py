"""A dealer's file on its way in: kept whole until it is read."""

from datetime import datetime
from enum import StrEnum

import msgspec

from engine.model.ids import derive


class UploadStatus(StrEnum):
    WAITING = "waiting"
    READING = "reading"
    DONE = "done"
    FAILED = "failed"


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is what the file holds (`registration`, `prospects`, `events`), `mapping` what the dealer's own columns
    mean (YAML). `claim` is whose reading it is at present, and `seen_at` when that one last was at work. The counts are
    those of the rows read so far; `refusals` the first `MOST_REFUSALS` that were refused, as JSON; `error` is why the
    file as a whole cannot be read."""

    id: str
    dealer: str
    name: str
    kind: str
    at: datetime
    mapping: str = ""
    status: UploadStatus = UploadStatus.WAITING
    claim: str = ""
    seen_at: datetime | None = None
    done_at: datetime | None = None
    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    refusals: bytes = b"[]"
    error: str = ""


MOST_REFUSALS = 1000


def upload_id(dealer: str, kind: str, mapping: str, content_hash: str) -> str:
    """The same file of the same dealer, to be read in the same way, is the same upload."""
    return derive("upload", dealer, kind, mapping, content_hash)
