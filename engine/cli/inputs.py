"""Event files as a verb's input: a progress bar while they are read, and what was refused."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

import msgspec
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

from engine.cli.context import progress
from engine.intake.files import Progress, Source, open_source
from engine.model.diagnostics import Rejection


class Refused(msgspec.Struct, frozen=True):
    """A refused input, as outputs tell it."""

    file: str
    line: int
    field: str
    reason: str

    @classmethod
    def of(cls, one: Rejection) -> Self:
        return cls(one.file, one.line, one.field, one.reason)


MOST_TOLD = 20
"""To people; programs are told of all."""


@contextmanager
def opened(
    paths: list[str],
    what: str,
    *,
    printing: bool = False,
    open_one: Callable[[str, Progress | None], Source] = open_source,
) -> Iterator[list[Source]]:
    """The files, open; on a terminal, a bar shows how much of them is read. While the verb is `printing` on
    that terminal, its lines show it."""
    bar = progress(
        TextColumn(what),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        hidden=printing and sys.stdout.isatty(),
    )
    sources: list[Source] = []

    def read(_bytes: int, _size: int | None) -> None:
        bar.update(task, completed=sum(source.bytes_read for source in sources))

    with bar:
        task = bar.add_task(what, total=None)
        try:
            sources.extend(open_one(path, read) for path in paths)
            sizes = [source.size for source in sources]
            bar.update(task, total=sum(size for size in sizes if size) if all(sizes) else None)
            yield sources
        finally:
            for source in sources:
                source.__exit__(None, None, None)


@contextmanager
def waiting(what: str, count: int) -> Iterator[Callable[[int], None]]:
    """On a terminal, a bar of how many of `count` are done; is told how many are left."""
    bar = progress(TextColumn(what), BarColumn(), TaskProgressColumn())
    with bar:
        task = bar.add_task(what, total=count)
        yield lambda left: bar.update(task, completed=count - left)
