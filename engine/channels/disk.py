"""Files that are there whole or not at all, and one process at a time."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.model.errors import ServiceUnavailable


def beside_of(path: Path) -> Path:
    """Where a file is while it is being written; the next attempt writes over it."""
    return path.with_name(f".{path.name}.part")


def write_whole(path: Path, content: bytes) -> None:
    """Written beside its place, synced, and renamed. `sync` of its folder makes the name last too."""
    beside = beside_of(path)
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def sync(path: Path) -> None:
    """Makes last what was written to a file, or what names stand in a folder."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def sha256_of(path: Path) -> str:
    """In hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Waits until no other process holds `path`, and holds it: the system lets go of it when the process ends,
    however it ends."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def unwritable_told(folder: Path) -> Iterator[None]:
    """What the system says of a folder that cannot be written to, as the operator's trouble: `ServiceUnavailable`."""
    try:
        yield
    except OSError as error:
        raise ServiceUnavailable(
            f"{folder} cannot be written to: {error.strerror}.",
            "Make it a folder that this user can write to, on a disk with room.",
        ) from error
