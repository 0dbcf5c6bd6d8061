"""Tiny projects for tests: the sound one of the registry's examples, changed in a file or two."""

from collections.abc import Mapping
from pathlib import Path

import engine.language.registry
from engine.intake.parse import Parser
from engine.language import Loaded, load_project
from engine.language.registry.examples import complete, sound_project
from engine.odometer import FleetOdometer

SOUND = Path(engine.language.registry.__file__).parent / "project"


def load(project: Path, only: list[Path] | None = None) -> Loaded:
    return load_project(
        project, FleetOdometer, only=only, parser=lambda types, country: Parser(types, country).parse
    )


def made(folder: Path, files: Mapping[str, str | bytes | None], *, alone: bool = False) -> Path:
    """A copy of the sound project in `folder`, with `files` in it (None: taken out). `alone`: without its
    journeys."""
    return sound_project(folder / "project", files, alone=alone)


__all__ = ["SOUND", "complete", "load", "made"]
