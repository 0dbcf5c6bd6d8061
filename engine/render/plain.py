"""The plain part of an email that has no text template: its HTML, read aloud.

Blocks become paragraphs, a link its text with the address behind it, a cell of a table is set apart by a
blank; what is hidden, and the head, is left out. Names of tags are those of HTML 5.
"""

import re
from collections.abc import Callable, Iterable
from html.parser import HTMLParser

from engine.render.steps import Step, Tag, ordinary_steps

_SILENT = frozenset({"head", "style", "script", "title", "template"})
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "div",
        "dl",
        "dt",
        "dd",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "thead",
        "tfoot",
        "tr",
        "ul",
    ]
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_PARAGRAPHS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "hr"])
OPENABLE = ("http", "mailto:")
_LISTED = re.compile(r"^(- .*)\n\n(?=- )", re.MULTILINE)
_OTHER_BLANKS = "\t\r\f\v\u00a0\u200c"


def one_blank(text: str) -> str:
    """`text` with one blank where there are several, or one of another kind."""
    for one in _OTHER_BLANKS:
        if one in text:
            text = text.replace(one, " ")
    return _fewer("  ", " ", text)


def _fewer(several: str, less: str, text: str) -> str:
    """`text` with `less` for `several`, until there are several nowhere."""
    while several in text:
        text = text.replace(several, less)
    return text


def shows_address(href: str, text: str) -> bool:
    """Whether a link's address is read aloud: one that can be opened or written to, if its text does not say it."""
    return href.startswith(OPENABLE) and href not in text


def plain_text(html: str, shows: Callable[[str, str], bool] = shows_address) -> str:
    """The text of `html`, lines ended by `\\n`, at most one empty line between two paragraphs. `shows` is asked of
    each link's address and text, in their order."""
    lines = one_blank("".join(_pieces(html, shows))).split("\n")
    text = _fewer("\n\n\n", "\n\n", "\n".join([line.strip() for line in lines])).strip() + "\n"
    return _LISTED.sub(r"\1\n", text) if "\n\n- " in text else text


def _pieces(html: str, shows: Callable[[str, str], bool]) -> list[str]:
    steps = ordinary_steps(html)
    reader = _Reader(shows)
    if steps is None:
        parser = _Parser(reader)
        parser.feed(html)
        parser.close()
    else:
        reader.follow(steps)
    return reader.pieces


class _Reader:
    """Told of tags and texts in their order, it gathers what is read aloud in `pieces`."""

    def __init__(self, shows: Callable[[str, str], bool]) -> None:
        self._shows = shows
        self.pieces: list[str] = []
        self._silent = 0  # how many open tags deep we are in what is not read aloud
        self._links: list[tuple[str, int]] = []

    def follow(self, steps: Iterable[Step]) -> None:
        for step in steps:
            if isinstance(step, str):
                self.say(step)
                continue
            if step.begins:
                self.begin(step)
            if step.ends:
                self.end(step.ends)

    def begin(self, begun: Tag) -> None:
        tag, given, is_hidden, _ = begun
        if self._silent or is_hidden or tag in _SILENT:
            if tag not in _VOID:
                self._silent += 1
            return
        if tag == "br":
            self.pieces.append("\n")
        elif tag in ("td", "th"):  # cells of a row stand side by side
            self.pieces.append(" ")
        elif tag == "img" and given.get("alt"):
            self.pieces.append(str(given["alt"]))
        elif tag == "a":
            self._links.append((given.get("href") or "", len(self.pieces)))
        self._break(tag)
        if tag == "li":
            self.pieces.append("- ")

    def end(self, tag: str) -> None:
        if self._silent:
            self._silent -= 1
            return
        if tag == "a" and self._links:
            href, begin = self._links.pop()
            text = "".join(self.pieces[begin:]).strip()
            if self._shows(href, text):
                self.pieces.append(f" ({href})" if text else href)
        self._break(tag)

    def say(self, text: str) -> None:
        if self._silent or (text.isspace() and self.pieces and self.pieces[-1].endswith("\n")):
            return
        self.pieces.append(text.replace("\n", " "))

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self.pieces.append("\n\n")
        elif tag in _BLOCKS and not (self.pieces and self.pieces[-1].endswith("\n")):
            self.pieces.append("\n")


class _Parser(HTMLParser):
    """Takes any HTML apart."""

    def __init__(self, reader: _Reader) -> None:
        super().__init__(convert_charrefs=True)
        self._reader = reader

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._reader.begin(Tag.of(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self._reader.end(tag)

    def handle_data(self, data: str) -> None:
        self._reader.say(data)
