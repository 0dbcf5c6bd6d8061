"""What dealers type, taken in: into the store, or with a broker into its inbox; refused rows are kept in the store
either way."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec
from kafka.errors import KafkaError

from engine.client.addresses import reach
from engine.client.broker import CONTENT_TYPE, Line
from engine.client.spool import Row
from engine.intake.keys import inbox_key
from engine.intake.parse import Parser
from engine.intake.phone import mobile_cleaner
from engine.intake.sheets import Mapped, Reading, RowFault, Sheet, SheetRow, annotated
from engine.intake.sheets.annotate import Annotated
from engine.intake.sheets.tables import Progress
from engine.model.diagnostics import Rejection
from engine.model.errors import ServiceUnavailable
from engine.model.events import Event, to_cloud_event
from engine.ports import Store
from engine.runtime.fan_outs import CHUNK
from engine.runtime.rejections import rejection_row
from engine.runtime.stages import Topics, sent_again
from engine.wiring.assembly import advance_for, shared, stored
from engine.wiring.deployed import Project, Projects
from engine.wiring.feeding import Feed
from engine.wiring.settings import Settings

ACKNOWLEDGED_S = 10.0


class Intake(Protocol):
    """Where rows go. What was given is there for good after `flush`, which raises `ServiceUnavailable` where it may
    not be: then it is to be given again."""

    def event(self, event: Event, *, mends: str = "") -> None: ...

    def rejection(self, rejection: Rejection) -> None: ...

    def flush(self) -> None: ...


class InboxFeed:
    """Events into the broker's inbox, refused rows into the store, a chunk at a time."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._topic = Topics.prefixed(settings.kafka_prefix).inbox
        self._store = store
        reach(settings.kafka_bootstrap, settings.kafka_security)
        self._line = Line(settings.kafka_bootstrap, settings.kafka_security, lambda: None)
        self._events: list[tuple[Event, str]] = []
        self._refused: list[Rejection] = []
        self.sent = 0

    def event(self, event: Event, *, mends: str = "") -> None:
        self._events.append((event, mends))
        self._flush_if_full()

    def rejection(self, rejection: Rejection) -> None:
        self._refused.append(rejection)
        self._flush_if_full()

    def _flush_if_full(self) -> None:
        if len(self._events) + len(self._refused) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        if self._refused:
            now = datetime.now(UTC)
            with self._store.unit() as unit:
                unit.add_rejections([rejection_row(one, now) for one in self._refused])
            self._refused = []
        try:
            under_way = [
                self._line.send(
                    Row(0, 0, self._topic, inbox_key(event), to_cloud_event(event)),
                    [*CONTENT_TYPE, *([sent_again(mends)] if mends else [])],
                )
                for event, mends in self._events
            ]
            for future in under_way:
                future.get(timeout=ACKNOWLEDGED_S)
        except KafkaError as error:
            raise ServiceUnavailable(
                f"Not all were sent. {self._line.trouble or self._line.why(error)}",
                "Nothing is lost: read the file again; what was sent counts once.",
            ) from error
        self.sent += len(self._events)
        self._events = []

    def close(self) -> None:
        self._line.close(timeout_s=2.0)


class RefusedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A refused row, as outputs tell it. `field` is the dealer's name of the first faulty column, `value` what stands
    there; `fields` what those columns mean."""

    file: str
    line: int
    field: str
    reason: str
    value: str
    fields: tuple[str, ...]


class Counts(msgspec.Struct):
    """What became of the rows so far."""

    read: int = 0
    rejected: int = 0


def reading_of(project: Project, kind: str, dealer: str, now: datetime) -> Reading:
    """How a dealer's rows are read in that project. `now` tells which days lie in the future."""
    policy = project.program.policy
    brands = project.loaded.templates.brands
    return Reading(
        kind=kind,
        dealer=dealer,
        zone=policy.zone,
        mobile=mobile_cleaner(policy.country),
        brands={one: tuple(brand.names.values()) for one, brand in brands.items()},
        today=now.astimezone(policy.zone).date(),
    )


def parser_of(project: Project) -> Parser:
    return Parser(project.program.event_types, project.program.policy.country)


def take_rows(
    sheet: Sheet,
    into: Intake,
    counts: Counts,
    *,
    refused: Callable[[RefusedRow], None],
    copy: Annotated | None = None,
) -> None:
    """All rows of a sheet. `refused` is told of each that is."""
    for row in sheet:
        counts.read += 1
        if copy is not None:
            copy.row(row)
        if row.event is not None:
            into.event(row.event, mends=row.mends)
        else:
            counts.rejected += 1
            into.rejection(row.rejection(sheet.name))
            refused(refused_row(row, sheet.name))
    into.flush()


def refused_row(row: SheetRow, file: str) -> RefusedRow:
    first: RowFault = row.faults[0]
    return RefusedRow(
        file=file,
        line=row.line,
        field=first.column,
        reason=row.rejection(file).reason,
        value=first.value,
        fields=tuple(dict.fromkeys(one.member for one in row.faults)),
    )


class SheetsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of files of rows. `accepted` are events that the store took in or, `sent`, that the broker has."""

    read: int
    accepted: int
    duplicates: int
    rejected: int
    notes: dict[str, int]
    sent: bool


def take_sheets(  # noqa: PLR0913 - what the command says
    paths: Sequence[Path],
    kind: str,
    dealer: str,
    settings: Settings,
    folder: Path,
    *,
    mapping: Mapped,
    refused: Callable[[RefusedRow], None],
    annotate: Path | None = None,
    progress: Progress | None = None,
) -> SheetsTaken:
    """Takes files of rows. Every file's header is read before anything is taken. Raises `MilepostError` for a file that
    cannot be read, `ServiceUnavailable` where rows can be put nowhere: the same again then changes nothing twice."""
    counts = Counts()
    with _opened(settings, folder) as (projects, store):
        project = projects.present
        how = reading_of(project, kind, dealer, datetime.now(UTC))
        parser = parser_of(project)
        sheets = [Sheet(path, how, parser, mapping=mapping, progress=progress) for path in paths]
        with ExitStack() as held:
            copy = held.enter_context(annotated(annotate, sheets[0])) if annotate is not None else None
            if settings.kafka_bootstrap:
                inbox = InboxFeed(settings, store)
                held.callback(inbox.close)
                into: Intake = inbox
            else:
                advance = advance_for(project.program, store, settings, projects.renew)
                advance.adopt()
                into = Feed(advance)
            for sheet in sheets:
                take_rows(sheet, into, counts, refused=refused, copy=copy)
    if isinstance(into, Feed):
        taken = into.taken
        accepted, duplicates, notes = taken.accepted, taken.duplicates, taken.notes
    else:
        accepted, duplicates, notes = inbox.sent, 0, {}
    return SheetsTaken(
        read=counts.read,
        accepted=accepted,
        duplicates=duplicates,
        rejected=counts.rejected,
        notes=notes,
        sent=bool(settings.kafka_bootstrap),
    )


@contextmanager
def _opened(settings: Settings, folder: Path) -> Iterator[tuple[Projects, Store]]:
    if not settings.kafka_bootstrap:
        with stored(settings) as store:
            yield Projects(store, settings, folder), store
        return
    whole: Store = shared(settings)
    try:
        yield Projects(whole, settings, folder), whole
    finally:
        whole.close()
