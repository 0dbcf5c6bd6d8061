"""Files of templates as parsed pieces that know their places."""

from collections.abc import Callable
from pathlib import Path

import msgspec
from jinja2 import nodes

from engine.language.expressions.parse import parse_text
from engine.language.report import Fault, Report, Span
from engine.language.template_files import TEMPLATES, TemplateFile, read_text


class Piece(msgspec.Struct, frozen=True):
    """A parsed text. `span` gives the place in the file of `length` characters from an offset of `text`."""

    path: str
    text: str
    tree: nodes.Template
    span: Callable[[int, int], Span]


class Pieces:
    """Parses each file of a project once. Syntax errors are reported when a file is first asked for."""

    def __init__(self, project: Path, report: Report) -> None:
        self._project = project
        self._report = report
        self._of_files: dict[str, tuple[Piece, ...]] = {}
        self._of_paths: dict[str, Piece | None] = {}

    def of_file(self, file: TemplateFile) -> tuple[Piece, ...]:
        """The texts of a message's file: its body, and those of its front matter."""
        if file.path not in self._of_files:
            lines = _Lines(self._project / file.path)
            made = [self._piece(file.path, file.body, _in_body(file.path, file.body, file.body_line))]
            for key, text in file.front.items():
                if "{" in text:
                    span = _in_front(file.path, text, file.front_lines.get(key, 1), lines)
                    made.append(self._piece(file.path, text, span))
            self._of_files[file.path] = tuple(piece for piece in made if piece is not None)
        return self._of_files[file.path]

    def of_path(self, name: str) -> Piece | None:
        """The file that a template includes or extends, by its path in the project or under `templates/`;
        None where there is none, or where it is not a template."""
        path = name if name.startswith(f"{TEMPLATES}/") else f"{TEMPLATES}/{name}"
        if path not in self._of_paths:
            text = self._read(path)
            self._of_paths[path] = None if text is None else self._piece(path, text, _in_body(path, text, 1))
        return self._of_paths[path]

    def exists(self, name: str) -> bool:
        """Whether there is such a file, readable, under `templates/`."""
        path = name if name.startswith(f"{TEMPLATES}/") else f"{TEMPLATES}/{name}"
        return self._inside(path) is not None

    def size_bytes(self, name: str) -> int:
        """How large such a file is; 0 where there is none."""
        found = self._inside(name if name.startswith(f"{TEMPLATES}/") else f"{TEMPLATES}/{name}")
        return found.stat().st_size if found is not None else 0

    def _inside(self, path: str) -> Path | None:
        root = (self._project / TEMPLATES).resolve()
        try:
            found = (self._project / path).resolve()
            return found if found.is_relative_to(root) and found.is_file() else None
        except (OSError, ValueError, RuntimeError):
            return None

    def _read(self, path: str) -> str | None:
        found = self._inside(path)
        if found is None:
            return None
        text = read_text(found, self._project / TEMPLATES)
        if isinstance(text, Fault):
            self._report.fault(text, Span(path))
            return None
        return text

    def _piece(self, path: str, text: str, span: Callable[[int, int], Span]) -> Piece | None:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        tree = parse_text(text)
        if isinstance(tree, Fault):
            self._report.fault(tree, span(tree.offset, tree.length))
            return None
        return Piece(path, text, tree, span)


def _in_body(path: str, text: str, first_line: int) -> Callable[[int, int], Span]:
    """Places in a text that begins with a line of the file."""

    def span(offset: int, length: int) -> Span:
        start = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset)
        line = first_line + text.count("\n", 0, offset)
        column = offset - start + 1
        stop = min(offset + max(length, 1), len(text) if end < 0 else end)
        return Span(path, line, column, max(stop - start + 1, column + 1))

    return span


class _Lines:
    """The lines of a file, read when first asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def line(self, number: int) -> str:
        lines = self._path.read_text(encoding="utf-8-sig", errors="replace").split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""


def _in_front(path: str, text: str, line: int, lines: _Lines) -> Callable[[int, int], Span]:
    """Places in a value of the front matter, which begins somewhere in `line`."""

    def span(offset: int, length: int) -> Span:
        start = max(lines.line(line).find(text[:20]), 0)
        column = start + offset + 1
        return Span(path, line, column, column + max(length, 1))

    return span
