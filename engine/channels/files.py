"""Messages as files: `<root>/<kind>/<brand>/<yyyy-mm>/<message id>.<suffix>`.

A file is written beside its place under a name of its own, synced to the disk, and renamed: it is there whole
or not at all, even where the machine loses power. Its name is the message's id, so there is one however often
it is written. The month is that of the message's own moment, so it never moves.
"""

import errno
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.channels.disk import beside_of, sync
from engine.model.errors import DeliveryError, MilepostError, ServiceUnavailable
from engine.model.messages import Message
from engine.runtime.crashpoints import reach

_PLAIN_NAME = re.compile(r"\w[\w.-]*")
_OF_ONE_FILE = frozenset({errno.EISDIR, errno.ENAMETOOLONG})
"""What says something of that file only; all else is of the folder or the disk."""


class MessageFiles:
    """The files of one kind of message (`letters`). `zone` is that of the months' calendar; where `durable`
    is false, a power loss may cost the files of the last moments."""

    def __init__(self, root: Path, kind: str, zone: ZoneInfo, *, durable: bool = True) -> None:
        self._root = root
        self._kind = kind
        self._zone = zone
        self._durable = durable

    def write(self, message: Message, contents: Mapping[str, bytes]) -> str:
        """Writes the message's files, by suffix; the last one last. Returns that one's place, relative to the
        root, with `/`. Where it cannot, none is left, and it raises `ServiceUnavailable`, or `DeliveryError`
        if that lies with this message."""
        folder = self._folder(message)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for suffix, content in contents.items():
                self._write(folder / f"{message.id}.{suffix}", content)
            if self._durable:
                sync(folder)
        except OSError as error:
            self._remove(message, contents)
            raise self._trouble(folder, error) from error
        return self._place(folder, message, list(contents)[-1])

    def check(self) -> str:
        """The folder, into which files could be written. Raises as `write` does; makes no folder."""
        folder = self._root / self._kind
        there = next(one for one in (folder, *folder.absolute().parents) if os.path.lexists(one))
        try:
            with tempfile.TemporaryFile(dir=there):  # it has no name, even while it is there
                pass
        except OSError as error:
            raise self._trouble(folder, error) from error
        return f"files in {folder}"

    def find(self, message: Message, suffixes: tuple[str, ...]) -> str | None:
        """The place of the message's last file, if it was written; else None, and what was begun is
        removed. Raises as `write` does."""
        folder = self._folder(message)
        try:
            if (folder / f"{message.id}.{suffixes[-1]}").is_file():
                return self._place(folder, message, suffixes[-1])
        except OSError as error:
            raise self._trouble(folder, error) from error
        self.clear(message, suffixes)
        return None

    def clear(self, message: Message, suffixes: tuple[str, ...]) -> None:
        """Removes the message's files, and what was begun of them. Raises as `write` does."""
        folder = self._folder(message)
        try:
            for suffix in suffixes:
                path = folder / f"{message.id}.{suffix}"
                path.unlink(missing_ok=True)
                beside_of(path).unlink(missing_ok=True)
        except OSError as error:
            raise self._trouble(folder, error) from error

    def _remove(self, message: Message, suffixes: Iterable[str]) -> None:
        for suffix in suffixes:
            with suppress(OSError):
                (self._folder(message) / f"{message.id}.{suffix}").unlink(missing_ok=True)

    def _trouble(self, folder: Path, error: OSError) -> MilepostError:
        """Whose trouble it is."""
        if error.errno in _OF_ONE_FILE:
            return DeliveryError(f"{error.filename} cannot be written: {error.strerror}.", permanent=True)
        kind = self._root / self._kind
        way = (self._root, kind, folder.parent, folder)
        in_the_way = next((one for one in way if os.path.lexists(one) and not _is_folder(one)), None)
        place, why = (in_the_way, "it is no folder") if in_the_way else (kind, error.strerror)
        return ServiceUnavailable(
            f"{place} cannot be written to: {why}.",
            f"Make {place} a folder that this user can write to, on a disk with room.",
        )

    def _folder(self, message: Message) -> Path:
        for name in (message.brand, message.id):
            if not _PLAIN_NAME.fullmatch(name):
                raise DeliveryError("The brand or the id of a message is no name for a file.", permanent=True)
        return self._root / self._kind / message.brand / f"{message.at.astimezone(self._zone):%Y-%m}"

    def _place(self, folder: Path, message: Message, suffix: str) -> str:
        return (folder / f"{message.id}.{suffix}").relative_to(self._root).as_posix()

    def _write(self, path: Path, content: bytes) -> None:
        beside = beside_of(path)
        try:
            with beside.open("wb") as file:
                file.write(content)
                if self._durable:
                    file.flush()
                    os.fsync(file.fileno())
            reach("channel.written")
            beside.replace(path)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise
        reach("channel.renamed")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False
