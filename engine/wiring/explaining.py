"""What a diagnostic means, with its examples and what is really said of them."""

from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import fill

import msgspec

from engine.language import frame
from engine.language.registry import REGISTRY, Example
from engine.language.registry.examples import example_project
from engine.wiring.projects import load

PAGES = "docs/reference/diagnostics"
_WIDTH = 88


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """`told` is what `milepost validate` says of the wrong example; `page` is the page of the documentation that shows
    the same."""

    code: str
    title: str
    explanation: str
    wrong: Example
    told: str
    right: Example
    page: str

    @property
    def text(self) -> str:
        """All of it, for a terminal."""
        parts = [
            f"{self.code}: {self.title}",
            fill(self.explanation, _WIDTH),
            _shown("Wrong", self.wrong),
            _indented(self.told),
            _shown("Right", self.right),
            f"The same as a page: {self.page}",
        ]
        return "\n\n".join(parts)


def explanation(code: str) -> Explanation | None:
    """Of the diagnostic `code`; None for an unknown one."""
    entry = REGISTRY.get(code)
    if entry is None:
        return None
    return Explanation(
        code=entry.name,
        title=entry.title,
        explanation=entry.explanation,
        wrong=entry.wrong,
        told=told_of(entry.wrong),
        right=entry.right,
        page=f"{PAGES}/{entry.name}.md",
    )


def told_of(example: Example) -> str:
    """What `milepost validate` says of a project with `example` in it, as a terminal shows it; empty if it is right."""
    with TemporaryDirectory() as folder:
        project = example_project(Path(folder) / "project", example)
        frames = []
        for one in load(project, tests=True).diagnostics:
            path = project / one.file
            frames.append(frame(one, path.read_text("utf-8", "replace") if path.is_file() else None))
        return "\n\n".join(frames)


def _shown(heading: str, example: Example) -> str:
    saved = f", saved as {example.encoding.upper()}" if example.encoding != "utf-8" else ""
    return f"{heading} ({example.file}{saved}):\n\n{_indented(example.shown)}"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())
