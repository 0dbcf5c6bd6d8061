"""Tiny projects for tests: the sound one in `project/`, changed in a file or two."""

import re
import shutil
from pathlib import Path

from engine.intake.parse import Parser
from engine.language import Loaded, load_project
from engine.language.registry import Example
from engine.odometer import FleetOdometer

SOUND = Path(__file__).parent / "project"

_DEFAULTS = {
    "journey": "journey: {name}\n",
    "purpose": "purpose: care\n",
    "start": "start: {on: purchase.recorded, per: vehicle}\n",
    "steps": "steps: [end]\n",
}


def load(project: Path, only: list[Path] | None = None) -> Loaded:
    return load_project(
        project, FleetOdometer, only=only, parser=lambda types, country: Parser(types, country).parse
    )


def made(folder: Path, files: dict[str, str | bytes | None], *, alone: bool = False) -> Path:
    """A copy of the sound project in `folder`, with `files` in it (None: taken out). `alone`: without its
    journeys."""
    project = folder / "project"
    shutil.copytree(SOUND, project)
    if alone:
        for journey in (project / "journeys").glob("*.yaml"):
            if journey.name not in ("policy.yaml", "dealers.yaml"):
                journey.unlink()
    for name, content in files.items():
        path = project / name
        if content is None:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return project


def complete(text: str, name: str = "example") -> str:
    """A journey of which `text` says what matters; the keys it needs are added behind."""
    given = set(re.findall(r"^(\w+):", text, re.MULTILINE))
    return text + "".join(line.replace("{name}", name) for key, line in _DEFAULTS.items() if key not in given)


def example_project(folder: Path, example: Example) -> Path:
    """The sound project with a registry's example in it."""
    if example.text is None:
        return made(folder, {example.file: None}, alone=example.alone)
    text = complete(example.text) if example.file == "journeys/example.yaml" else example.text
    return made(folder, {example.file: text.encode(example.encoding)}, alone=example.alone)
