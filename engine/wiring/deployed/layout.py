"""A deployment's files, laid out in a folder of this machine, where templates and pictures are read from."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath

from engine.model.deployments import hash_of, hash_of_manifest
from engine.model.errors import MilepostError, ServiceUnavailable
from engine.wiring.settings import Settings

_FOLDERS = frozenset({"journeys", "templates"})


Kept = Callable[[Collection[str]], Mapping[str, bytes]]
"""Contents by their hashes."""


def laid_out(manifest: Mapping[str, str], kept: Kept, settings: Settings) -> Path:
    """The folder with these files, and no others. It is made where it is not there, or not as it should be; several
    processes may do so at once. Raises `MilepostError` where not all is kept that the manifest names."""
    base = _base(settings)
    folder = base / hash_of_manifest(manifest)
    if _is_as_told(folder, manifest):
        return folder
    contents = kept(set(manifest.values()))
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=base))
    try:
        _write(fresh, manifest, contents)
        _put_in_place(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _base(settings: Settings) -> Path:
    """A folder that only this user writes to."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    base = settings.cache_dir or Path(cache, "milepost")
    try:
        base.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=base):
            return base
    except OSError as error:
        if settings.cache_dir is not None:
            raise ServiceUnavailable(
                f"Nothing can be written to {base}: {error.strerror}.",
                "Deployed projects are laid out there to be read: set MILEPOST_CACHE_DIR to another folder.",
            ) from error
    return _of_this_process()


@lru_cache(maxsize=1)
def _of_this_process() -> Path:
    """Where the user has no folder that can be written to; it goes when the process ends."""
    base = Path(tempfile.mkdtemp(prefix="milepost-"))
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    return base


def _is_as_told(folder: Path, manifest: Mapping[str, str]) -> bool:
    if not folder.is_dir():
        return False
    found = {one.relative_to(folder).as_posix(): one for one in folder.rglob("*") if not one.is_dir()}
    return found.keys() == manifest.keys() and all(
        hash_of(path.read_bytes()) == manifest[name] for name, path in found.items()
    )


def _write(folder: Path, manifest: Mapping[str, str], contents: Mapping[str, bytes]) -> None:
    for name, known_by in manifest.items():
        content = contents.get(known_by)
        if content is None or hash_of(content) != known_by or not _is_in_a_project(name):
            raise MilepostError(
                f"What is deployed is not whole in the database: {name}.",
                "Deploy again from the project's folder: milepost deploy.",
            )
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _is_in_a_project(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and path.parts[0] in _FOLDERS


def _put_in_place(fresh: Path, folder: Path) -> None:
    """Under its name; where another process was quicker, its is as good."""
    try:
        fresh.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        aside = Path(tempfile.mkdtemp(prefix="old-", dir=folder.parent))
        folder.rename(aside / "project")
        fresh.rename(folder)
        shutil.rmtree(aside, ignore_errors=True)
