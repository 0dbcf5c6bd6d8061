"""What to try after the demo: commands that work in its folder, on what it made."""

import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec

from engine.demo.scene import Scene
from engine.demo.story import Story
from engine.pages.calendar import local_day

_MOST_STEPS_UP = 3


class NextStep(msgspec.Struct, frozen=True, kw_only=True):
    command: str
    why: str


def next_steps(scene: Scene, story: Story | None) -> Iterator[NextStep]:
    project = path_from(scene.project, scene.out)
    last = local_day(scene.now - timedelta(seconds=1), scene.program.policy.zone)
    milepost = f"milepost --project {project}"
    activate = Path(sys.prefix) / "bin" / "activate"
    if activate.is_file() and "VIRTUAL_ENV" not in os.environ:
        yield NextStep(
            command=f". {path_from(activate, scene.out)}",
            why="makes the command milepost known to this terminal",
        )
    yield NextStep(
        command="export MILEPOST_CLOCK=events", why="time stands where the data ends, as on this page"
    )
    if story is not None and story.reference:
        yield NextStep(
            command=f"{milepost} lookup {story.reference}",
            why="the customer above, as the reception sees them when the car drives in",
        )
    yield NextStep(
        command=f"{milepost} messages --status skipped --limit 20",
        why="the ledger: what was not sent, and why",
    )
    yield NextStep(command="milepost rejected list", why="what was refused; show prints a line for mending")
    yield NextStep(
        command=f"{milepost} validate",
        why="checks journeys and templates; break one on purpose and see what it says",
    )
    yield NextStep(
        command=f"{milepost} simulate {path_from(scene.sample, scene.out)} --until {last}",
        why="the same year in memory in a second, after you have changed a journey; nothing is sent",
    )


def path_from(path: Path, folder: Path) -> str:
    """`path` as one writes it in `folder`; from the root where that would lead far up."""
    absolute = path.resolve()
    relative = os.path.relpath(absolute, folder.resolve())
    far = Path(relative).parts[: _MOST_STEPS_UP + 1] == ("..",) * (_MOST_STEPS_UP + 1)
    return str(absolute) if far else relative
