"""Whether the pictures of emails are there, and such that they are shown and soon loaded."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from jinja2 import nodes

from engine.language.journeys import Context
from engine.language.pictures import MOST_BYTES, MOST_TOGETHER_BYTES, SHOWN, folders_of, pictures_in
from engine.language.report import Report, Span
from engine.language.template_files import TemplateFile, TemplateIndex
from engine.language.texts.pieces import Piece, Pieces

_NOT_SHOWN = re.compile(r"\{#.*?#\}", re.DOTALL)
_SAID = re.compile(r"\{[{%]")


def check_pictures(context: Context, pieces: Pieces) -> None:
    """Reports each picture that a brand's email would lack, and warns of those that are not shown or too large. What a
    template only says when it is rendered is not looked at."""
    check = _Check(context.templates, pieces, context.report)
    for file in context.templates.files:
        if file.channel == "email" and file.kind == "html":
            check.email(file)


class _Check:
    def __init__(self, index: TemplateIndex, pieces: Pieces, report: Report) -> None:
        self._index = index
        self._pieces = pieces
        self._report = report
        self._told: set[tuple[str, Span]] = set()

    def email(self, file: TemplateFile) -> None:
        together = max((self._of_brand(file, brand) for brand in self._brands(file)), default=0)
        if together > MOST_TOGETHER_BYTES:
            message = f"the pictures of this email have {_size(together)} together"
            hint = f"up to {_size(MOST_TOGETHER_BYTES)} are soon loaded: leave some out, or save them smaller"
            self._report.warning("large-picture", Span(file.path, file.body_line, 1, 2), message, hint)

    def _brands(self, file: TemplateFile) -> list[str]:
        """Those that send this text."""
        if file.brand is not None:
            return [file.brand]
        own = {
            one.brand
            for one in self._index.files_of(file.template)
            if (one.channel, one.locale, one.kind) == (file.channel, file.locale, file.kind)
        }
        return [one for one in self._index.brands if one not in own] or [""]

    def _of_brand(self, file: TemplateFile, brand: str) -> int:
        """How large all its pictures are, in bytes."""
        folders = folders_of(file.template, brand)
        sizes: dict[str, int] = {}
        for piece in self._pieces_of(file, brand):
            text = _NOT_SHOWN.sub(lambda match: " " * len(match[0]), piece.text)
            for name, value in pictures_in(text):
                if not _SAID.search(value.text):
                    span = piece.span(value.start, value.end - value.start)
                    sizes |= self._picture(name, folders, span, brand)
        return sum(sizes.values())

    def _pieces_of(self, file: TemplateFile, brand: str) -> Iterator[Piece]:
        """The text and all that it brings in."""
        left: list[Piece] = list(self._pieces.of_file(file)[:1])
        seen: set[str] = set()
        while left:
            piece = left.pop()
            if piece.path in seen:
                continue
            seen.add(piece.path)
            yield piece
            for node in piece.tree.find_all((nodes.Extends, nodes.Include)):
                path = self._path(node.template, brand)  # type: ignore[attr-defined]
                further = self._pieces.of_path(path) if path else None
                left += [further] if further is not None else []

    def _path(self, template: nodes.Expr, brand: str) -> str | None:
        if isinstance(template, nodes.Const) and isinstance(template.value, str):
            return template.value
        if isinstance(template, nodes.Getattr) and brand in self._index.brands:
            return self._index.brands[brand].layouts.get(template.attr)
        return None

    def _picture(self, name: str, folders: tuple[str, ...], span: Span, brand: str) -> dict[str, int]:
        """Its size, by its path in `templates/`."""
        suffix = PurePosixPath(name).suffix.lower()
        if suffix not in SHOWN:
            hint = f"save it as one of {', '.join(SHOWN)}"
            self._tell("unshown-picture", f"not all mail programs show '{name}'", hint, span)
        paths = (f"{folder}/{name}" if folder else name for folder in folders)
        path = next((one for one in paths if self._pieces.exists(one)), None)
        if path is None:
            whose = f", which {brand} needs" if brand else ""
            hint = "it lies beside the text, in the brand's folder, or is named from templates/ on"
            self._tell("missing-file", f"there is no picture '{name}' in templates/{whose}", hint, span)
            return {}
        size = self._pieces.size_bytes(path)
        if size > MOST_BYTES:
            hint = f"save it smaller, or with fewer colours: up to {_size(MOST_BYTES)} are soon loaded"
            self._tell("large-picture", f"the picture '{name}' has {_size(size)}", hint, span)
        return {path: size}

    def _tell(self, code: str, message: str, hint: str, span: Span) -> None:
        """Once for each place."""
        if (code, span) in self._told:
            return
        self._told.add((code, span))
        if code == "missing-file":
            self._report.error(code, span, message, hint)
        else:
            self._report.warning(code, span, message, hint)


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e6 else f"{size_bytes // 1000} kB"
