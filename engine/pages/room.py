"""Room for pages: a folder that is new, empty, or was made by the same command before.

What is removed of an earlier one are files of the names and kinds that the command writes; whatever else somebody has
put beside them stays.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.model.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a command leaves in a folder, in which the file `marker` says `told`: `files` by their names, and below each
    of `folders` files with one of those endings. `what` it makes and the `option` that names the folder stand in
    errors."""

    what: str
    option: str
    marker: str
    told: str
    files: tuple[str, ...]
    folders: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def check(self, out: Path) -> None:
        """Raises `UsageError` where nothing may be made in `out`."""
        if out.exists() and not out.is_dir():
            raise UsageError(f"{out} is not a folder.", f"{self.option} names a folder for the {self.what}.")
        if out.is_dir() and any(out.iterdir()) and not (out / self.marker).is_file():
            raise UsageError(
                f"{out} is not empty and holds no earlier {self.what}.",
                f"Name a new or an empty folder by {self.option}.",
            )
        there = next(one for one in (out, *out.absolute().parents) if one.exists())
        if not os.access(there, os.W_OK):
            raise UsageError(f"{there} cannot be written.", f"Name another folder by {self.option}.")

    def mark(self, out: Path) -> None:
        """Makes `out` and marks it. `check` comes before."""
        with self.written_to(out):
            out.mkdir(parents=True, exist_ok=True)
            (out / self.marker).write_text(self.told, encoding="utf-8")

    def clear(self, out: Path) -> None:
        """Removes what was made before in `out`, which is marked. Whoever calls it works alone there."""
        with self.written_to(out):
            for name in self.files:
                (out / name).unlink(missing_ok=True)
            for name, kinds in self.folders.items():
                _clear(out / name, kinds)

    @contextmanager
    def written_to(self, out: Path) -> Iterator[None]:
        """What cannot be written is told in plain words."""
        try:
            yield
        except OSError as error:
            raise UsageError(
                f"{error.filename or out} cannot be written: {error.strerror}.",
                f"Name another folder by {self.option}.",
            ) from error


def _clear(folder: Path, kinds: frozenset[str]) -> None:
    """Removes files of these kinds below `folder`, and folders that are empty then; follows no link."""
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in list(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            _clear(path, kinds)
        elif path.suffix in kinds or path.suffix == ".part":
            path.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()
