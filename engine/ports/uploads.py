"""Dealers' files on their way in, as stores keep them: part of `Store`. Each call is a transaction of its own."""

from datetime import datetime
from typing import Protocol

from engine.model.uploads import Upload


class Uploads(Protocol):
    def add_upload(self, upload: Upload, content: bytes) -> Upload:
        """Keeps a file, for good when it returns. Where one of its id is there already, that one is returned as it
        stands, and nothing is changed; but one that has failed is put there anew."""
        ...

    def upload(self, upload_id: str) -> Upload | None: ...

    def uploads(self, dealer: str, limit: int, before: Upload | None = None) -> list[Upload]:
        """A dealer's, the newest first, then by id; those that come after `before` in that order."""
        ...

    def upload_content(self, upload_id: str) -> bytes | None:
        """The file as it came; None where it is kept no more."""
        ...

    def claim_upload(self, claim: str, now: datetime, stale: datetime) -> Upload | None:
        """The oldest that waits, or whose reader was not at work since `stale`: it is `reading` and the claim's from
        now on. No two claims have the same one."""
        ...

    def note_upload(self, upload: Upload) -> bool:
        """Writes how far the reading is: status, counts, error, times. False, and nothing is written, where the upload
        is another claim's by now."""
        ...

    def forget_contents(self, before: datetime) -> int:
        """Files that were done with before that moment are kept no more; what became of them is. Returns how many."""
        ...
