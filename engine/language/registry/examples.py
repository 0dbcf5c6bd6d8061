"""The project that the registry's examples are tried in: a sound one, `project/`, with the example laid over it."""

import re
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path

from engine.language.registry.entries import JOURNEY, Example

_SETTINGS = ("policy.yaml", "dealers.yaml")
_DEFAULTS = {
    "journey": "journey: {name}\n",
    "purpose": "purpose: care\n",
    "start": "start: {on: purchase.recorded, per: vehicle}\n",
    "steps": "steps: [end]\n",
}


def sound_project(folder: Path, files_: Mapping[str, str | bytes | None], *, alone: bool = False) -> Path:
    """A copy of the sound project as `folder`, which is not there yet, with `files_` in it (None: taken out). `alone`:
    without its journeys."""
    with as_file(files(__package__).joinpath("project")) as sound:
        for path in sorted(sound.rglob("*")):
            name = path.relative_to(sound)
            is_journey = name.parent.name == "journeys" and name.name not in _SETTINGS
            if path.is_file() and not (alone and is_journey):
                _write(folder / name, path.read_bytes())
    for given, content in files_.items():
        if content is None:
            (folder / given).unlink(missing_ok=True)
        else:
            _write(folder / given, content.encode() if isinstance(content, str) else content)
    return folder


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def complete(text: str, name: str = "example") -> str:
    """A journey of which `text` says what matters; the keys it needs are added behind, so that lines keep their
    numbers."""
    given = set(re.findall(r"^(\w+):", text, re.MULTILINE))
    return text + "".join(line.replace("{name}", name) for key, line in _DEFAULTS.items() if key not in given)


def example_project(folder: Path, example: Example) -> Path:
    """The sound project as `folder`, with `example` in it."""
    if example.size_bytes:
        return sound_project(folder, {example.file: bytes(example.size_bytes)}, alone=example.alone)
    if example.text is None:
        return sound_project(folder, {example.file: None}, alone=example.alone)
    text = complete(example.text) if example.file == JOURNEY else example.text
    return sound_project(folder, {example.file: text.encode(example.encoding)}, alone=example.alone)
