"""Paths that verbs are given, and the project in which they lie."""

from collections.abc import Sequence
from pathlib import Path

from engine.model.errors import UsageError
from engine.wiring.projects import is_project


def folder_and_paths(
    named: Path | None, paths: Sequence[Path], checked: Sequence[str]
) -> tuple[Path, list[Path]]:
    """The project, and those of its files and folders that are meant; none for all. They lie in its folders
    `checked`; others are wrong usage."""
    if not paths:
        return named or Path(), []
    places = [_place(one, named) for one in paths]
    roots = {named or _root(one) for one in places}
    if len(roots) > 1:
        raise UsageError("The paths lie in several projects.", "Check one project at a time.")
    root = roots.pop()
    for path, place in zip(paths, places, strict=True):
        inside = [place.resolve().is_relative_to((root / one).resolve()) for one in checked]
        if place.resolve() != root.resolve() and not any(inside):
            raise UsageError(
                f"{path} is none of the files that are checked.",
                f"They lie in {' and '.join(str(root / one) for one in checked)}.",
            )
    whole = any(place.resolve() == root.resolve() for place in places)
    return root, [] if whole else places


def _place(path: Path, project: Path | None) -> Path:
    """Where `path` is: it may be meant from the current folder or from the project."""
    for place in (path, project / path if project else path):
        if place.exists():
            return place
    raise UsageError(f"There is no file or folder {path}.", "Paths are meant from here, or from the project.")


def _root(place: Path) -> Path:
    """The project in which `place` lies."""
    whole = place.resolve()
    for folder in (whole, *whole.parents):
        if is_project(folder):
            return Path() if folder == Path.cwd() else folder
    raise UsageError(
        f"{place} lies in no project.",
        "A project is a folder with journeys/ and templates/; name it by --project DIR.",
    )
