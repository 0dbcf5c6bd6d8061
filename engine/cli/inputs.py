"""Reading event files for a verb: what was read, what was refused, a progress bar while it goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from heapq import merge

import msgspec
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from engine.cli.context import on_terminal, stderr
from engine.intake.files import Source, open_source
from engine.intake.parse import Parser, joined
from engine.model.diagnostics import Rejection
from engine.model.events import Event


class Refused(msgspec.Struct, frozen=True):
    """A refused input, as outputs tell it."""

    file: str
    line: int
    field: str
    reason: str


class Reader:
    """Reads event files line by line and counts."""

    def __init__(self, parser: Parser, on_rejected: Callable[[Rejection], None]) -> None:
        self._parser = parser
        self._on_rejected = on_rejected
        self.read = 0
        self.rejected = 0

    def events(self, source: Source) -> Iterator[Event]:
        """The events of one file, in its order."""
        for line in source:
            self.read += 1
            parsed = self._parser.parse(line.raw, source.name, line.number)
            if isinstance(parsed, Event):
                yield parsed
            else:
                self.rejected += 1
                self._on_rejected(joined(parsed))

    def merged(self, sources: list[Source]) -> Iterator[Event]:
        """The events of several files, by their arrival; each file keeps its own order."""
        if len(sources) == 1:
            yield from self.events(sources[0])
            return
        for _at, _place, event in merge(*(self._keyed(place, one) for place, one in enumerate(sources))):
            yield event

    def _keyed(self, place: int, source: Source) -> Iterator[tuple[datetime, tuple[int, int], Event]]:
        latest: datetime | None = None
        for number, event in enumerate(self.events(source)):
            latest = event.arrived if latest is None else max(latest, event.arrived)
            yield latest, (place, number), event


@contextmanager
def opened(paths: list[str], what: str) -> Iterator[list[Source]]:
    """The files, open; on a terminal, a bar shows how much of them is read."""
    bar = Progress(
        TextColumn(what),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=stderr,
        transient=True,
        disable=not on_terminal(),
    )
    sources: list[Source] = []

    def read(_bytes: int, _size: int | None) -> None:
        bar.update(task, completed=sum(source.bytes_read for source in sources))

    with bar:
        task = bar.add_task(what, total=None)
        try:
            sources.extend(open_source(path, read) for path in paths)
            sizes = [source.size for source in sources]
            bar.update(task, total=sum(size for size in sizes if size) if all(sizes) else None)
            yield sources
        finally:
            for source in sources:
                source.__exit__(None, None, None)


@contextmanager
def waiting(what: str, count: int) -> Iterator[Callable[[int], None]]:
    """On a terminal, a bar of how many of `count` are done; is told how many are left."""
    bar = Progress(
        TextColumn(what),
        BarColumn(),
        TaskProgressColumn(),
        console=stderr,
        transient=True,
        disable=not on_terminal(),
    )
    with bar:
        task = bar.add_task(what, total=count)
        yield lambda left: bar.update(task, completed=count - left)
