"""What comes with Milepost: a project and a sample."""

from pathlib import Path

import engine
from engine.model.errors import MilepostError
from engine.sample import events_path

_PACKAGE = Path(engine.__file__).parent


def shipped_project() -> Path:
    """The care plan: in an installed package its copy there, in a checkout the one that is worked on."""
    for folder in (_PACKAGE / "project", _PACKAGE.parent):
        if (folder / "journeys").is_dir() and (folder / "templates").is_dir():
            return folder
    raise MilepostError("The shipped project is missing.", "Install Milepost again, or use --project.")


def shipped_sample() -> Path:
    """A small dealer network's year, as events in order of arrival."""
    return events_path()
