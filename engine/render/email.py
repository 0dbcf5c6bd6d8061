"""The HTML of emails: which template is run, with its CSS inlined once if that can be done."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from jinja2 import Template
from jinja2.exceptions import TemplateError as JinjaError

from engine.language.template_files import Brand, TemplateFile, TemplateIndex
from engine.render.brands import BrandView
from engine.render.sandbox import Sandbox
from engine.render.styles import compose, inline, inline_template, layout_of

_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_TITLE = re.compile(r"<title>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_STYLED = re.compile(r"<style\b|<link\b", re.IGNORECASE)
_OF_BRAND = re.compile(r"\{\{-?\s*brand((?:\.\w+)+)\s*-?\}\}")
_MOST_LAYOUTS = 5  # around one another; more are hardly meant
PREHEADER = (
    '<div style="display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;'
    'font-size:1px;line-height:1px;color:transparent">{}</div>'
)


class EmailBodies:
    """The emails of a project, each made ready when it is first sent for a brand."""

    def __init__(self, environment: Sandbox) -> None:
        self._environment = environment
        self._ready: dict[tuple[str, str], Template | None] = {}

    def html(self, file: TemplateFile, brand: Brand, names: Mapping[str, Any]) -> str:
        """The email's HTML. What Jinja2 raises is the caller's to tell."""
        key = file.path, brand.id
        if key not in self._ready:
            self._ready[key] = self._inlined(file, brand, names["brand"])
        ready = self._ready[key]
        if ready is not None:
            try:
                return ready.render(names)
            except (
                Exception
            ):  # rendered anew below, from the files as they are, so that the place can be told
                self._environment.get_template(file.path).render(names)
                raise
        html = self._environment.get_template(file.path).render(names)
        return inline(html) if is_styled(html) else html

    def _inlined(self, file: TemplateFile, brand: Brand, view: BrandView) -> Template | None:
        source = self.source(file, brand, view)
        try:
            return None if source is None else self._environment.made(source, file.path)
        except JinjaError:
            return None  # it will fail as it stands, too, and can then be told with its place

    def source(self, file: TemplateFile, brand: Brand, view: BrandView) -> str | None:
        """The template with its layouts around it and its styles inlined; None where that cannot be done once."""
        source = self.composed(file, brand, view)
        return inline_template(source) if source is not None else None

    def composed(self, file: TemplateFile, brand: Brand, view: BrandView) -> str | None:
        """The template with its layouts around it; None where that cannot be told from the sources."""
        try:
            source = self._whole(file, brand)
        except JinjaError:
            return None
        return None if source is None else _settled(source, view)

    def _whole(self, file: TemplateFile, brand: Brand) -> str | None:
        """The template with its layouts around it; None where that cannot be told from the sources."""
        loader = self._environment.loader
        assert loader is not None
        sources = [file.body]
        while (layout := layout_of(sources[-1])) is not None:
            kind, name = layout
            path = brand.layouts.get(name) if kind == "brand" else name
            if path is None or len(sources) > _MOST_LAYOUTS:
                return None
            sources.append(loader.get_source(self._environment, path)[0])
        return compose(*sources)


def _settled(source: str, brand: BrandView) -> str:
    """`source` with what the brand has to say written out: it is the same for every message."""

    def said(match: re.Match[str]) -> str:
        value: Any = brand
        for name in match[1].split(".")[1:]:
            try:
                value = value[name]
            except (KeyError, TypeError):
                return match[0]
        return escape(value) if isinstance(value, str) and "{" not in value else match[0]

    return _OF_BRAND.sub(said, source)


def text_beside(index: TemplateIndex, file: TemplateFile, brand: Brand) -> TemplateFile | None:
    """The text template that goes with an email: the same brand's, in the same language."""
    found = index.find(file.template, "email", brand.id, file.locale, "txt", file.locale)
    return found if found and (found.brand, found.locale) == (file.brand, file.locale) else None


def is_styled(html: str) -> bool:
    """Whether it has style sheets."""
    return _STYLED.search(html) is not None


def with_preheader(html: str, preheader: str) -> str:
    """`html` with the line that mail programs show beside the subject, at the head of the body, unseen."""
    end = body_begin(html) if preheader else None
    return html if end is None else html[:end] + PREHEADER.format(escape(preheader)) + html[end:]


def body_begin(html: str) -> int | None:
    """Where the inside of the body begins; None without one."""
    body = _BODY.search(html)
    return body.end() if body else None


def one_line(text: str, also: str = "") -> str:
    """`text` in one line, whatever it holds, because it becomes the header of an email; the unseen characters `also`
    stay."""
    return " ".join("".join(char if char.isprintable() or char in also else " " for char in text).split())


def title_of(html: str) -> str:
    """The text of `<title>`, empty without one."""
    found = _TITLE.search(html)
    return " ".join(found[1].split()) if found else ""
