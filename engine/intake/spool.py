"""Files of events that are read more than once, though some can be read only once."""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import BinaryIO, Self

from engine.intake.files import STDIN, Progress, Source, open_source


class Spool:
    """Opens files as often as they are asked for. What standard input and pipes give is kept in temporary files without
    a name, which are gone with this, however it ends."""

    def __init__(self) -> None:
        self._kept: dict[str, BinaryIO] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._kept.values():
            file.close()

    def open(self, path: str, progress: Progress | None = None) -> Source:
        """On the terms of `open_source`."""
        if path != STDIN and not _is_read_once(path):
            return open_source(path, progress)
        kept = self._kept.get(path)
        if kept is None:
            kept = self._kept[path] = _kept(path)
        size = kept.seek(0, 2)
        kept.seek(0)
        return Source(path, kept, size, progress, lent=True)


def _is_read_once(path: str) -> bool:
    file = Path(path)
    return file.exists() and not file.is_file() and not file.is_dir()


def _kept(path: str) -> BinaryIO:
    kept: BinaryIO = TemporaryFile()  # noqa: SIM115 - the spool closes it
    if path == STDIN:
        shutil.copyfileobj(sys.stdin.buffer, kept)
    else:
        with Path(path).open("rb") as stream:
            shutil.copyfileobj(stream, kept)
    return kept
