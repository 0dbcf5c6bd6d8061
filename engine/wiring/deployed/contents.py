"""The files that a project is made of: `journeys/*.yaml` and all of `templates/`. Journey tests are no part of what
runs, and neither is what editors and systems leave lying about."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from engine.model.deployments import hash_of, hash_of_manifest
from engine.model.errors import MilepostError

MOST_BYTES = 32 * 1024 * 1024
"""How large a file may be: pictures for print are smaller, and every worker reads them."""


class Content(msgspec.Struct, frozen=True):
    """Files by their path in the project, with `/`."""

    files: Mapping[str, bytes]

    @property
    def manifest(self) -> dict[str, str]:
        return {path: hash_of(content) for path, content in self.files.items()}

    @property
    def hash(self) -> str:
        return hash_of_manifest(self.manifest)

    @property
    def by_hash(self) -> dict[str, bytes]:
        return {hash_of(content): content for content in self.files.values()}


def content_of(project: Path) -> Content:
    """What there is in the folder `project` now. Raises `MilepostError` for a file that is too large."""
    found = {path.relative_to(project).as_posix(): path for path in _files(project)}
    return Content({name: _read(name, path) for name, path in sorted(found.items())})


def _files(project: Path) -> Iterator[Path]:
    journeys = project / "journeys"
    if journeys.is_dir():
        yield from (one for one in journeys.iterdir() if one.suffix == ".yaml" and _counts(one))
    seen: set[str] = set()
    for place, folders, names in os.walk(project / "templates", followlinks=True):
        real = os.path.realpath(place)
        folders[:] = [] if real in seen else [one for one in folders if not _is_left_lying(one)]
        seen.add(real)
        yield from (one for name in names if _counts(one := Path(place, name)))


def _counts(path: Path) -> bool:
    return path.is_file() and not _is_left_lying(path.name)


def _is_left_lying(name: str) -> bool:
    return name.startswith((".", "~$")) or name.endswith("~") or name in ("__pycache__", "Thumbs.db")


def _read(name: str, path: Path) -> bytes:
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise MilepostError(
            f"{name} has {size // 1024**2} MB; a file of a project has {MOST_BYTES // 1024**2} MB at most.",
            "Make the picture smaller, or keep it outside of templates/.",
        )
    return path.read_bytes()
