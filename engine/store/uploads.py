"""Dealers' files in SQL stores, by statements of the same names."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from engine.model.times import from_us, to_us
from engine.model.uploads import Upload, UploadStatus
from engine.store.rows import Row, moment, us

_LATEST_US = (1 << 63) - 1


class SqlUploads:
    """Part of a store that has `_read` (all rows of the statement of that name) and `_changing` (a transaction, which
    gives a function that runs a statement and returns how many rows it changed)."""

    _read: Callable[..., list[tuple[Any, ...]]]

    def _changing(self) -> AbstractContextManager[Callable[..., int]]:
        raise NotImplementedError

    def add_upload(self, upload: Upload, content: bytes) -> Upload:
        with self._changing() as change:
            if change("add_upload", **_row(upload)):
                change("add_upload_content", id=upload.id, content=content)
        kept = self.upload(upload.id)
        assert kept is not None
        return kept

    def upload(self, upload_id: str) -> Upload | None:
        found = self._read("upload", id=upload_id)
        return _upload(found[0]) if found else None

    def uploads(self, dealer: str, limit: int, before: Upload | None = None) -> list[Upload]:
        before_us, before_id = (_LATEST_US, "") if before is None else (to_us(before.at), before.id)
        found = self._read("uploads", dealer=dealer, limit=limit, before_us=before_us, before_id=before_id)
        return [_upload(row) for row in found]

    def upload_content(self, upload_id: str) -> bytes | None:
        found = self._read("upload_content", id=upload_id)
        return bytes(found[0][0]) if found else None

    def claim_upload(self, claim: str, now: datetime, stale: datetime) -> Upload | None:
        with self._changing() as change:
            if not change("claim_upload", claim=claim, now_us=to_us(now), stale_us=to_us(stale)):
                return None
        found = self._read("claimed_upload", claim=claim)
        return _upload(found[0]) if found else None

    def note_upload(self, upload: Upload) -> bool:
        with self._changing() as change:
            return change("note_upload", **_row(upload)) > 0

    def forget_contents(self, before: datetime) -> int:
        with self._changing() as change:
            return change("forget_upload_contents", before_us=to_us(before))


def _row(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.id,
        "dealer": upload.dealer,
        "file_name": upload.name,
        "kind": upload.kind,
        "at_us": to_us(upload.at),
        "mapping": upload.mapping,
        "status": upload.status,
        "claim": upload.claim,
        "seen_us": us(upload.seen_at),
        "done_us": us(upload.done_at),
        "rows_read": upload.read,
        "accepted": upload.accepted,
        "duplicates": upload.duplicates,
        "rejected": upload.rejected,
        "refusals": upload.refusals,
        "error": upload.error,
    }


def _upload(row: Row) -> Upload:
    upload_id, dealer, name, kind, at_us, mapping, status, claim, seen_us, done_us, *rest = row
    read, accepted, duplicates, rejected, refusals, error = rest
    return Upload(
        id=upload_id,
        dealer=dealer,
        name=name,
        kind=kind,
        at=from_us(at_us),
        mapping=mapping,
        status=UploadStatus(status),
        claim=claim,
        seen_at=moment(seen_us),
        done_at=moment(done_us),
        read=read,
        accepted=accepted,
        duplicates=duplicates,
        rejected=rejected,
        refusals=bytes(refusals),
        error=error,
    )
