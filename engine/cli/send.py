"""`milepost send`: event files to the broker, as a dealer's software sends them."""

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from heapq import merge
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import Format, FormatOption, ProjectOption, emit, project_of, tell, verb_app
from engine.cli.inputs import Refused, opened, waiting
from engine.client import Backlog, Client, EventRefused, SpoolFull
from engine.client.client import Batch
from engine.client.events import Draft
from engine.intake.files import Source, file_format
from engine.intake.parse import joined
from engine.model.errors import ServiceUnavailable, UsageError
from engine.model.event_types import EVENT_TYPES
from engine.wiring.projects import load
from engine.wiring.settings import Settings, load_settings

app = verb_app()

_SHORTEST_PAUSE_S = 0.05
_LOOK_S = 0.5
_MOST_SHOWN = 20


@app.command(cls=VerbCommand)
def send(  # noqa: PLR0913, PLR0917 - a command's options
    context: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE…",
            help="event files (.jsonl), - for stdin; left out: sends what the spool still holds",
        ),
    ] = None,
    as_format: Annotated[
        str | None, typer.Option("--as", metavar="FORMAT", help="what the files hold: events")
    ] = None,
    spool: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="folder where events wait for the broker [MILEPOST_SPOOL]"),
    ] = None,
    rate: Annotated[
        float | None, typer.Option(metavar="N", min=0.001, help="at most so many a second")
    ] = None,
    wait: Annotated[
        float,
        typer.Option(metavar="SECONDS", min=0, help="gives up after so long without an acknowledgement"),
    ] = 10.0,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="sends lines as they are, right or not")
    ] = False,
    country: Annotated[
        str | None,
        typer.Option(
            metavar="CC", help="how mobile numbers without a country are read [the project's, else CN]"
        ),
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Sends events to the broker that MILEPOST_KAFKA_BOOTSTRAP names. Lines that the engine would refuse are told, and
    not sent.

    What the broker does not acknowledge waits in the spool, and goes first the next time. The same file again changes
    nothing: an event counts once.
    """
    for path in files or []:
        file_format(path, as_format)
    settings = load_settings()
    for name in ("kafka", "milepost.client"):  # what there is to tell is told at the end
        logging.getLogger(name).addHandler(logging.NullHandler())
    with Client(
        _broker(settings),
        spool=spool or settings.spool,
        spool_limit_bytes=settings.spool_limit_bytes,
        prefix=settings.kafka_prefix,
        security=settings.kafka_security,
        **_reading(project_of(context, project), country),
    ) as client:
        sending = _Sending(client, rate, wait, check=not unchecked)
        with opened(files or [], "sending") as sources:
            sending.send(sources)
        sending.finish()
    sending.tell(output, spool or settings.spool)


def _broker(settings: Settings) -> str:
    if not settings.kafka_bootstrap:
        raise UsageError(
            "No broker is named.", "Set MILEPOST_KAFKA_BOOTSTRAP to host:port; several with commas."
        )
    return settings.kafka_bootstrap


def _reading(folder: Path, country: str | None) -> dict[str, Any]:
    """How events are read: as the project has it, where there is one."""
    found: dict[str, Any] = {"source": "/milepost/send"}  # of events that are made here: there are none
    if (folder / "journeys" / "policy.yaml").is_file():
        loaded = load(folder)
        found["event_types"] = EVENT_TYPES if loaded.program is None else loaded.program.event_types
        found["country"] = loaded.policy.country
    if country is not None:
        found["country"] = country
    return found


class _Sending:
    """Brings lines into the spool and watches them go."""

    def __init__(self, client: Client, rate: float | None, wait_s: float, *, check: bool) -> None:
        self._client = client
        self._rate = rate
        self._wait_s = wait_s
        self._check = check
        self._before = self._left = client.backlog
        self._read = 0
        self._taken = 0
        self._not_taken = 0
        self._rejected: list[Refused] = []

    def send(self, sources: list[Source]) -> None:
        """All lines, several files by their arrival (unchecked: one after another), as long as there is room."""
        batch = self._client.batch()
        began = time.monotonic()
        for number, draft in enumerate(self._drafts(sources)):
            ahead_s = 0.0 if self._rate is None else began + number / self._rate - time.monotonic()
            if ahead_s > _SHORTEST_PAUSE_S:
                batch.keep()
                time.sleep(ahead_s)
            self._taken += 1
            try:
                batch.add(draft)
            except SpoolFull:
                if not self._keep_when_there_is_room(batch):
                    break
        else:
            self._keep_when_there_is_room(batch)
        self._not_taken = batch.collected
        self._taken -= batch.collected

    def _keep_when_there_is_room(self, batch: Batch) -> bool:
        """False where the broker did not make room for as long as we wait."""
        while True:
            try:
                batch.keep()
            except SpoolFull:
                if not self._moves():
                    return False
            else:
                return True

    def _drafts(self, sources: list[Source]) -> Iterator[Draft]:
        if len(sources) == 1 or not self._check:
            for source in sources:
                yield from self._drafts_of(source)
            return
        keyed = (self._keyed(place, one) for place, one in enumerate(sources))
        for _arrived, _place, draft in merge(*keyed, key=lambda one: one[:2]):
            yield draft

    def _keyed(self, place: int, source: Source) -> Iterator[tuple[datetime, int, Draft]]:
        """By arrival, each file in its own order."""
        latest = datetime.min.replace(tzinfo=UTC)
        for draft in self._drafts_of(source):
            latest = max(latest, draft.arrived or latest)
            yield latest, place, draft

    def _drafts_of(self, source: Source) -> Iterator[Draft]:
        for line in source:
            self._read += 1
            try:
                yield self._client.draft(line.raw, check=self._check)
            except EventRefused as error:
                one = joined(error.rejections)
                self._rejected.append(Refused(Path(source.name).name, line.number, one.field, one.reason))

    def _moves(self) -> bool:
        """Waits until the broker has acknowledged something; False where it has not for as long as we wait."""
        before = self._client.backlog.events
        give_up = time.monotonic() + self._wait_s
        while self._client.flush(_LOOK_S).events >= before:
            if time.monotonic() > give_up:
                return False
        return True

    def finish(self) -> None:
        """Waits until all is acknowledged, or nothing has been for as long as we wait."""
        with waiting("acknowledged", self._client.backlog.events) as left:
            while self._client.backlog and self._moves():
                left(self._client.backlog.events)
        self._left = self._client.close(0.0)

    def tell(self, output: Format, spool: Path) -> None:
        left, before = self._left, self._before
        refused = left.refused - before.refused
        spooled = left.events - left.earlier
        result = {
            "read": self._read,
            "sent": self._taken - spooled - refused,
            "spooled": spooled,
            "rejected": len(self._rejected),
            "rejections": self._rejected,
            "refused": refused,
            "not_taken": self._not_taken,
            "earlier_sent": before.earlier - left.earlier,
            "earlier_spooled": left.earlier,
        }
        if output is not Format.TEXT:
            emit(result)
        else:
            typer.echo(_told(result))
            for one in self._rejected[:_MOST_SHOWN]:
                tell(f"  {one.file}:{one.line}: {one.reason}")
            if len(self._rejected) > _MOST_SHOWN:
                tell(f"  and {len(self._rejected) - _MOST_SHOWN} more; --format json tells all")
        if refused:
            tell(f"{refused} are set aside in {spool}: the broker does not take them")
        if left or self._not_taken:
            raise _not_all(left, self._not_taken, spool)
        if refused or self._rejected:  # unlike those that `ingest` refuses, they are kept nowhere
            raise typer.Exit(1)


def _told(result: dict[str, Any]) -> str:
    """`4 read, 3 sent, 1 rejected`: always what was read and sent, of the rest what there was."""
    named = {
        "earlier_sent": "sent that had been left before",
        "earlier_spooled": "left before, still waiting",
    }
    parts = [f"{result['read']} read", f"{result['sent']} sent"]
    parts += [
        f"{n} {named.get(name, name.replace('_', ' '))}"
        for name, n in result.items()
        if name not in ("read", "sent", "rejections") and n
    ]
    return ", ".join(parts)


def _not_all(left: Backlog, not_taken: int, spool: Path) -> ServiceUnavailable:
    why = left.trouble or "The broker has not acknowledged them in time."
    full = f" {not_taken} lines found no room in it, and what follows them was not read." if not_taken else ""
    return ServiceUnavailable(
        f"{left.events} events wait in {spool}. {why}{full}",
        "Nothing is lost: `milepost send` with the same spool sends them first."
        + (" Then send the file again; what has been sent already counts once." if not_taken else ""),
    )
