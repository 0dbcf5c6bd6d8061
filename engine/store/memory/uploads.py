"""Dealers' files in memory."""

from datetime import datetime

from msgspec.structs import replace

from engine.model.uploads import Upload, UploadStatus


class Uploads:
    """The store's part; `_uploads` is the store's, by id."""

    _uploads: dict[str, tuple[Upload, bytes | None]]

    def add_upload(self, upload: Upload, content: bytes) -> Upload:
        kept = self._uploads.get(upload.id)
        if kept is None or kept[0].status is UploadStatus.FAILED:
            self._uploads[upload.id] = (upload, content)
        return self._uploads[upload.id][0]

    def upload(self, upload_id: str) -> Upload | None:
        kept = self._uploads.get(upload_id)
        return None if kept is None else kept[0]

    def uploads(self, dealer: str, limit: int, before: Upload | None = None) -> list[Upload]:
        those = sorted((one for one, _ in self._uploads.values() if one.dealer == dealer), key=_newest_first)
        return [one for one in those if before is None or _newest_first(one) > _newest_first(before)][:limit]

    def upload_content(self, upload_id: str) -> bytes | None:
        kept = self._uploads.get(upload_id)
        return None if kept is None else kept[1]

    def claim_upload(self, claim: str, now: datetime, stale: datetime) -> Upload | None:
        those = sorted((one for one, _ in self._uploads.values()), key=lambda one: (one.at, one.id))
        for one in those:
            abandoned = one.seen_at is not None and one.seen_at < stale
            if one.status is UploadStatus.WAITING or (one.status is UploadStatus.READING and abandoned):
                mine = replace(one, status=UploadStatus.READING, claim=claim, seen_at=now)
                self._uploads[one.id] = (mine, self._uploads[one.id][1])
                return mine
        return None

    def note_upload(self, upload: Upload) -> bool:
        kept = self.upload(upload.id)
        if kept is None or kept.claim != upload.claim or kept.status is not UploadStatus.READING:
            return False
        self._uploads[upload.id] = (upload, self._uploads[upload.id][1])
        return True

    def forget_contents(self, before: datetime) -> int:
        those = [
            one for one, content in self._uploads.values() if content and one.done_at and one.done_at < before
        ]
        for one in those:
            self._uploads[one.id] = (one, None)
        return len(those)


def _newest_first(upload: Upload) -> tuple[float, str]:
    return -upload.at.timestamp(), upload.id
