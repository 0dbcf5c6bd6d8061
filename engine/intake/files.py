"""The lines of an event file, one at a time: memory does not grow with the file.

A line is what ends with LF or CRLF; lines count from 1, blank ones too, but those are not given out. Of a
line that is longer than an event may be only the beginning is kept, enough to be refused for its length.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

from engine.intake.parse import MOST_BYTES
from engine.model.errors import MilepostError, UsageError

STDIN = "-"
EVENTS = "events"

_SUFFIXES = {".jsonl": EVENTS, ".ndjson": EVENTS}
_ROWS = frozenset({".csv", ".tsv", ".xlsx"})
_BYTES_BETWEEN_REPORTS = 256 * 1024

Progress = Callable[[int, int | None], None]
"""Is told the bytes read so far and the file's size (None where nobody knows it)."""


class Line(NamedTuple):
    number: int
    raw: bytes


def file_format(path: str, asked: str | None = None) -> str:
    """What `path` holds, by what was `asked` for, else by its suffix. Raises `UsageError` for a format that
    is not read."""
    suffix = Path(path).suffix.lower()
    if asked is not None:
        if asked not in {EVENTS, *(one[1:] for one in _SUFFIXES)}:
            raise UsageError(f"--as {asked}: no such format", f"formats: {EVENTS}")
        return EVENTS
    if path == STDIN:
        return EVENTS
    if suffix in _ROWS:
        raise UsageError(
            f"{path}: what do its rows hold?", "Say --as registration, or --as prospects, and --dealer ID."
        )
    if suffix not in _SUFFIXES:
        raise UsageError(
            f"{path}: cannot tell from its name what this file holds",
            f"name it .jsonl, or say --as {EVENTS}",
        )
    return _SUFFIXES[suffix]


class Source:
    """An open file of events: a context manager, and an iterator of its lines. A `lent` stream is left open."""

    def __init__(
        self,
        name: str,
        stream: BinaryIO,
        size: int | None,
        progress: Progress | None,
        *,
        lent: bool = False,
    ) -> None:
        self.name = name
        self.size = size
        self.bytes_read = 0
        self._stream = stream
        self._lent = lent
        self._progress = progress
        self._told = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._lent:
            self._stream.close()

    def __iter__(self) -> Iterator[Line]:
        number = 0
        while raw := self._next_line():
            number += 1
            if not raw.isspace():
                yield Line(number, raw.rstrip(b"\r\n"))
            if self.bytes_read - self._told >= _BYTES_BETWEEN_REPORTS:
                self._report()
        self._report()

    def _next_line(self) -> bytes:
        """The next line with its end, cut short if it is too long; nothing at the end of the file."""
        most = MOST_BYTES + 2  # room for a line's end
        try:
            raw = rest = self._stream.readline(most)
            self.bytes_read += len(raw)
            while len(rest) == most and not rest.endswith(b"\n"):
                rest = self._stream.readline(most)
                self.bytes_read += len(rest)
        except OSError as error:
            raise MilepostError(f"{self.name}: cannot be read: {error.strerror}") from error
        return raw

    def _report(self) -> None:
        self._told = self.bytes_read
        if self._progress is not None:
            self._progress(self.bytes_read, self.size)


def open_source(path: str, progress: Progress | None = None) -> Source:
    """Opens `path`, or standard input for `-`. Raises `UsageError` where there is no such file,
    `MilepostError` where it cannot be read."""
    if path == STDIN:
        return Source(STDIN, sys.stdin.buffer, None, progress, lent=True)
    try:
        file = Path(path)
        if file.is_dir():
            raise UsageError(f"{path}: is a folder", "name the files in it")
        stream = file.open("rb")
        size = file.stat().st_size if file.is_file() else None
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name is none"
        raise MilepostError(f"{path}: cannot be read: {reason}") from error
    return Source(path, stream, size, progress)
