"""Dealers' files that come by HTTP: kept for good at once, read by and by.

1. The file is kept whole; its sender is answered. The same file again is the same upload.
2. A reader claims the oldest that waits, and says every few seconds that it is at work.
3. Its rows go the way of all, a chunk at a time; each is an event of its own id, so what is read twice counts once.
4. It is done with. Where its reader dies before that, another one, or the same when it is there again, begins it anew.
"""

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

import msgspec
from msgspec.structs import replace

from engine.intake.files import open_source
from engine.intake.parse import Parser
from engine.intake.sheets import KINDS, Sheet, annotated, parse_mapping
from engine.model.diagnostics import Rejection, rejection_id
from engine.model.errors import MilepostError, ServiceUnavailable
from engine.model.events import Event
from engine.model.ids import is_id
from engine.model.uploads import MOST_REFUSALS, Upload, UploadStatus, upload_id
from engine.ports import Store
from engine.wiring.assembly import advance_for
from engine.wiring.bringing import faults_of
from engine.wiring.deployed import Projects
from engine.wiring.feeding import Feed
from engine.wiring.settings import Settings
from engine.wiring.sheets import InboxFeed, Intake, parser_of, reading_of

log = logging.getLogger(__name__)

EVENTS = "events"
UPLOAD_KINDS = (*KINDS, EVENTS)

_POLL_S = 5.0
_NOTE_S = 2.0
_LOOK_EVERY = 200


class Lost(MilepostError):  # noqa: N818 - named for what is so
    """Somebody else reads the file by now."""


class RefusedInFile(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was refused; `rejection` is the id under which it is kept. What stood there is not repeated."""

    line: int
    field: str
    reason: str
    rejection: str


class Uploading:
    """Any thread may use it. Its own thread reads, until it is closed."""

    def __init__(self, settings: Settings, store: Store, projects: Projects) -> None:
        self._settings = settings
        self._store = store
        self._projects = projects
        self._stale = timedelta(seconds=settings.upload_stale_s)
        self._there_is_one = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="uploads", daemon=True)
        self._thread.start()

    def bring(self, dealer: str, name: str, kind: str, mapping: str, content: bytes) -> Upload:
        """Keeps a file, and has it read. Raises `MilepostError` for a mapping that is wrong."""
        if mapping and kind in KINDS:
            parse_mapping(mapping, kind)
        upload = Upload(
            id=upload_id(dealer, kind, mapping, sha256(content).hexdigest()),
            dealer=dealer,
            name=name,
            kind=kind,
            at=datetime.now(UTC),
            mapping=mapping,
        )
        kept = self._store.add_upload(upload, content)
        self._there_is_one.set()
        return kept

    def one_of(self, dealer: str, upload: str) -> Upload | None:
        """The dealer's upload of that id."""
        found = self._store.upload(upload) if is_id(upload) else None
        return found if found is not None and found.dealer == dealer else None

    def page(self, dealer: str, limit: int, before: str) -> list[Upload]:
        """The newest first; those after `before`, the id of one."""
        return self._store.uploads(dealer, limit, self.one_of(dealer, before) if before else None)

    def marked_copy(self, upload: Upload) -> bytes | None:
        """The file with the faulty cells marked, as it would be read now; None where it is kept no more."""
        content = self._store.upload_content(upload.id)
        if content is None or upload.kind == EVENTS:
            return None
        with TemporaryDirectory() as folder:
            sheet = self._sheet(upload, _laid(Path(folder), upload, content))
            copy = Path(folder) / "marked.xlsx"
            with annotated(copy, sheet) as rows:
                for row in sheet:
                    rows.row(row)
            return copy.read_bytes()

    def close(self) -> None:
        """What is being read is left to whoever comes next."""
        self._closing.set()
        self._there_is_one.set()
        self._thread.join(_POLL_S * 2)

    # Reading

    def _work(self) -> None:
        while not self._closing.is_set():
            self._there_is_one.clear()
            try:
                self._projects.renew()
                while not self._closing.is_set() and self._read_next():
                    pass
                self._store.forget_contents(datetime.now(UTC) - timedelta(days=self._settings.upload_days))
            except MilepostError as error:
                log.warning("files wait to be read: %s", error)
            except Exception:
                log.exception("reading files went wrong; it is tried again")
            self._there_is_one.wait(_POLL_S)

    def _read_next(self) -> bool:
        now = datetime.now(UTC)
        upload = self._store.claim_upload(token_hex(16), now, now - self._stale)
        if upload is None:
            return False
        content = self._store.upload_content(upload.id) or b""
        try:
            with TemporaryDirectory() as folder:
                self._read(_Reading(self._store, upload), _laid(Path(folder), upload, content))
        except ServiceUnavailable:
            raise
        except Lost:
            log.info("a file is read by another, or later")
        except MilepostError as error:
            done = replace(upload, status=UploadStatus.FAILED, done_at=datetime.now(UTC), error=str(error))
            self._store.note_upload(done)
        return True

    def _read(self, reading: "_Reading", path: Path) -> None:
        into = self._into()
        try:
            for told in self._rows(reading.upload, path):
                if self._closing.is_set():
                    raise Lost("It is read later.")
                if isinstance(told, Rejection):
                    into.rejection(told)
                    reading.refused(told)
                else:
                    event, mends = told
                    into.event(event, mends=mends)
                reading.row(into)
            into.flush()
            reading.done(into)
        finally:
            if isinstance(into, InboxFeed):
                into.close()

    def _into(self) -> Intake:
        if self._settings.kafka_bootstrap:
            return InboxFeed(self._settings, self._store)
        advance = advance_for(
            self._projects.present.program, self._store, self._settings, self._projects.renew
        )
        return Feed(advance)

    def _rows(self, upload: Upload, path: Path) -> Iterator[Rejection | tuple[Event, str]]:
        if upload.kind == EVENTS:
            yield from self._events(upload, path)
            return
        sheet = self._sheet(upload, path)
        for row in sheet:
            if row.event is not None:
                yield row.event, row.mends
            else:
                yield row.rejection(upload.name)  # which says whose it is

    def _sheet(self, upload: Upload, path: Path) -> Sheet:
        project = self._projects.present
        return Sheet(
            path,
            reading_of(project, upload.kind, upload.dealer, datetime.now(UTC)),
            parser_of(project),
            mapping=parse_mapping(upload.mapping, upload.kind) if upload.mapping else {},
            name=upload.name,
        )

    def _events(self, upload: Upload, path: Path) -> Iterator[Rejection | tuple[Event, str]]:
        parser: Parser = parser_of(self._projects.present)
        with open_source(str(path)) as source:
            for line in source:
                faults = faults_of(parser, upload.dealer, line.raw)
                parsed = parser.parse(line.raw, upload.name, line.number)
                if not faults and isinstance(parsed, Event):
                    yield parsed, ""
                    continue
                reason = "; ".join(f"{one.field or 'the line'} {one.reason}" for one in faults)
                yield Rejection(
                    file=upload.name,
                    line=line.number,
                    field=faults[0].field,
                    reason=reason,
                    raw=line.raw,
                    dealer=upload.dealer,
                )


def _laid(folder: Path, upload: Upload, content: bytes) -> Path:
    """The file, under a name that is ours, with the end that it came with."""
    path = folder / f"upload{Path(upload.name).suffix.lower()[:6]}"
    path.write_bytes(content)
    return path


class _Reading:
    """How far it is, told to the store now and then."""

    def __init__(self, store: Store, upload: Upload) -> None:
        self._store = store
        self.upload = upload
        self._read = self._rejected = 0
        self._refusals: list[RefusedInFile] = []
        self._told_at = datetime.now(UTC)

    def refused(self, one: Rejection) -> None:
        self._rejected += 1
        if len(self._refusals) < MOST_REFUSALS:
            kept_as = rejection_id(one.raw, one.dealer)
            self._refusals.append(
                RefusedInFile(line=one.line, field=one.field, reason=one.reason, rejection=kept_as)
            )

    def row(self, into: Intake) -> None:
        """Raises `Lost` where somebody else reads the file by now."""
        self._read += 1
        if self._read % _LOOK_EVERY == 0 and (datetime.now(UTC) - self._told_at).total_seconds() > _NOTE_S:
            self._tell(into, UploadStatus.READING)

    def done(self, into: Intake) -> None:
        self._tell(into, UploadStatus.DONE)

    def _tell(self, into: Intake, status: UploadStatus) -> None:
        now = datetime.now(UTC)
        told = replace(
            self.upload,
            status=status,
            seen_at=now,
            done_at=now if status is UploadStatus.DONE else None,
            read=self._read,
            rejected=self._rejected,
            accepted=into.taken.accepted if isinstance(into, Feed) else _sent(into),
            duplicates=into.taken.duplicates if isinstance(into, Feed) else 0,
            refusals=msgspec.json.encode(self._refusals),
        )
        if not self._store.note_upload(told):
            raise Lost("Somebody else reads the file by now.")
        self._told_at = now


def _sent(into: Intake) -> int:
    return into.sent if isinstance(into, InboxFeed) else 0
