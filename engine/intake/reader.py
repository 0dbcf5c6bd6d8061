"""Event files, line by line: what can be believed is given on as events, what cannot as rejections."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from heapq import merge

from engine.intake.files import Source
from engine.intake.parse import Parser, joined
from engine.model.diagnostics import Rejection
from engine.model.events import Event


class Reader:
    """Reads and counts. `on_rejected` gets each refused line when it is come to; `read` are the lines so far,
    blank ones left out, `rejected` those of them that were refused."""

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

    def merged(self, sources: Sequence[Source]) -> Iterator[Event]:
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
