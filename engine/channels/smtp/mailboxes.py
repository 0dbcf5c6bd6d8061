"""The mails of a file or folder, one after the other: one mail (`.eml`), a mailbox (mbox, RFC 4155), a Maildir, or a
folder of `.eml` files."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from engine.channels.smtp.bounces import MOST_BYTES

_FROM = b"From "


def mails_of(path: Path) -> Iterator[tuple[str, bytes]]:
    """Each with the name of its file; of a very long one only the beginning. Raises `OSError`."""
    for file in _files(path) if path.is_dir() else [path]:
        with file.open("rb") as stream:
            for raw in _in(stream):
                yield file.name, raw


def _files(folder: Path) -> list[Path]:
    """In the order of their names, which in a Maildir begin with the time; those in `tmp` are not whole yet."""
    if (folder / "new").is_dir() or (folder / "cur").is_dir():
        found = [*folder.glob("new/*"), *folder.glob("cur/*")]
    else:
        found = list(folder.glob("*.eml"))
    return sorted((one for one in found if one.is_file()), key=lambda one: one.name)


def _in(stream: BinaryIO) -> Iterator[bytes]:
    """A mailbox begins with a line `From …`, and so does each mail of it, after an empty line."""
    first = stream.readline(MOST_BYTES)
    if not first.startswith(_FROM):
        yield first + stream.read(MOST_BYTES)
        return
    lines: list[bytes] = []
    size, blank = 0, False
    while line := stream.readline(MOST_BYTES):
        if blank and line.startswith(_FROM):
            yield b"".join(lines)
            lines, size, blank = [], 0, False
            continue
        blank = line in (b"\n", b"\r\n")
        size += len(line)
        if size <= MOST_BYTES:
            lines.append(line)
    yield b"".join(lines)
