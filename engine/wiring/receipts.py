"""Files in which providers tell what became of messages: read, checked, and taken in as events.

`FORMATS` are those that `milepost ingest --as` reads beside events; each gives for a row an event (CloudEvents, as
JSON), a rejection, or None where the row has nothing to say. Without a broker they go into the store, refused rows
among the rejected inputs; with one, events go into its inbox, and refused rows are told and no more: their file is
there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from engine.intake.parse import Parser, joined
from engine.model.diagnostics import Rejection
from engine.model.errors import MilepostError, ServiceUnavailable, UsageError
from engine.model.events import Event
from engine.model.policy import Policy
from engine.model.program import Program
from engine.ports import Store
from engine.wiring import printing
from engine.wiring.assembly import advance_for, stored
from engine.wiring.deployed import Projects
from engine.wiring.feeding import Feed
from engine.wiring.returned import returned
from engine.wiring.settings import Settings

Told = dict[str, Any] | Rejection | None
FORMATS: Mapping[str, Callable[[Path, bytes, Settings, Policy], Iterator[Told]]] = {
    "print-confirmation": printing.confirmed,
    "bounces": returned,
}
OF_FOLDERS = frozenset({"bounces"})
"""Those that read a whole folder too, by themselves."""

MOST_BYTES = 256 * 1024 * 1024
ACKNOWLEDGED_S = 10.0


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file's rows. `accepted` counts what the store took in, or what was `sent` to the broker;
    `passed_by` those that have nothing to say."""

    read: int
    accepted: int
    duplicates: int
    rejections: tuple[Rejection, ...]
    passed_by: int = 0
    sent: bool = False

    def __str__(self) -> str:
        more = "" if self.sent else f", {self.duplicates} duplicate"
        verb = "sent" if self.sent else "accepted"
        return f"{self.read} read, {self.accepted} {verb}{more}, {len(self.rejections)} rejected"


def take(path: Path, kind: str, settings: Settings, folder: Path) -> Taken:
    """Reads a file of that format. Raises `UsageError` where there is none, `ServiceUnavailable` where what was read
    cannot be put anywhere: done again, what is there already counts once."""
    if settings.kafka_bootstrap:
        from engine.wiring.assembly import shared  # noqa: PLC0415

        store: Store = shared(settings)
        try:
            program = Projects(store, settings, folder).present.program
        finally:
            store.close()
        read, events, refused = _read(path, kind, settings, program)
        _into_inbox(events, settings)
        return Taken(
            read=read,
            accepted=len(events),
            duplicates=0,
            rejections=tuple(refused),
            passed_by=read - len(events) - len(refused),
            sent=True,
        )
    with stored(settings) as store:
        projects = Projects(store, settings, folder)
        read, events, refused = _read(path, kind, settings, projects.present.program)
        advance = advance_for(projects.present.program, store, settings, projects.renew)
        advance.adopt()
        feed = Feed(advance)
        for event in events:
            feed.event(event)
        for one in refused:
            feed.rejection(one)
        feed.flush()
    return Taken(
        read=read,
        accepted=feed.taken.accepted,
        duplicates=feed.taken.duplicates,
        rejections=tuple(refused),
        passed_by=read - len(events) - len(refused),
    )


def _read(
    path: Path, kind: str, settings: Settings, program: Program
) -> tuple[int, list[Event], list[Rejection]]:
    parser = Parser(program.event_types, program.policy.country)
    read = 0
    events: list[Event] = []
    refused: list[Rejection] = []
    content = b"" if kind in OF_FOLDERS and path.is_dir() else _content(path)
    for told in FORMATS[kind](path, content, settings, program.policy):
        read += 1
        if isinstance(told, Rejection):
            refused.append(told)
        elif told is not None:
            parsed = parser.parse(msgspec.json.encode(told), path.name, read + 1)
            if isinstance(parsed, Event):
                events.append(parsed)
            else:
                refused.append(joined(parsed))
    return read, events, refused


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path}: is larger than {MOST_BYTES:,} bytes", "Divide it into several.")
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except OSError as error:
        raise MilepostError(f"{path}: cannot be read: {error.strerror}") from error


def _into_inbox(events: Iterable[Event], settings: Settings) -> None:
    """Returns when the broker has them all."""
    from kafka.errors import KafkaError  # noqa: PLC0415 - only with a broker

    from engine.client.addresses import reach  # noqa: PLC0415
    from engine.client.broker import CONTENT_TYPE, Line  # noqa: PLC0415
    from engine.client.spool import Row  # noqa: PLC0415
    from engine.intake.keys import inbox_key  # noqa: PLC0415
    from engine.model.events import to_cloud_event  # noqa: PLC0415
    from engine.runtime.stages import Topics  # noqa: PLC0415

    inbox = Topics.prefixed(settings.kafka_prefix).inbox
    reach(settings.kafka_bootstrap, settings.kafka_security)
    line = Line(settings.kafka_bootstrap, settings.kafka_security, lambda: None)
    try:
        under_way = [
            line.send(Row(0, 0, inbox, inbox_key(one), to_cloud_event(one)), [*CONTENT_TYPE])
            for one in events
        ]
        for future in under_way:
            future.get(timeout=ACKNOWLEDGED_S)
    except KafkaError as error:
        raise ServiceUnavailable(
            f"Not all were sent. {line.trouble or line.why(error)}",
            "Do the same again; what was sent counts once.",
        ) from error
    finally:
        line.close(timeout_s=2.0)
