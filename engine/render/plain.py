"""The plain part of an email that has no text template: its HTML, read aloud.

Blocks become paragraphs, a link its text with the address behind it, a cell of a table is set apart by a
blank; what is hidden, and the head, is left out. Names of tags are those of HTML 5.
"""

import re
from collections.abc import Callable
from html.parser import HTMLParser

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
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
OPENABLE = ("http", "mailto:")
_BLANKS = re.compile(r"[ \t\r\f\v\u00a0\u200c]+")


def one_blank(text: str) -> str:
    """`text` with one blank where there are several, or one of another kind."""
    return _BLANKS.sub(" ", text)


def shows_address(href: str, text: str) -> bool:
    """Whether a link's address is read aloud: one that can be opened or written to, if its text does not say it."""
    return href.startswith(OPENABLE) and href not in text


def plain_text(html: str, shows: Callable[[str, str], bool] = shows_address) -> str:
    """The text of `html`, lines ended by `\\n`, at most one empty line between two paragraphs. `shows` is asked of
    each link's address and text, in their order."""
    reader = _Reader(shows)
    reader.feed(html)
    reader.close()
    lines = (one_blank(line).strip() for line in "".join(reader.pieces).split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
    return re.sub(r"(?m)(^- .*)\n\n(?=- )", r"\1\n", text)


class _Reader(HTMLParser):
    def __init__(self, shows: Callable[[str, str], bool]) -> None:
        super().__init__(convert_charrefs=True)
        self._shows = shows
        self.pieces: list[str] = []
        self._silent = 0  # how many open tags deep we are in what is not read aloud
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._silent or tag in _SILENT or _HIDDEN.search(given.get("style") or ""):
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

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            self._silent -= 1
            return
        if tag == "a" and self._links:
            href, begin = self._links.pop()
            text = "".join(self.pieces[begin:]).strip()
            if self._shows(href, text):
                self.pieces.append(f" ({href})" if text else href)
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if self._silent or (data.isspace() and self.pieces and self.pieces[-1].endswith("\n")):
            return
        self.pieces.append(data.replace("\n", " "))

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self.pieces.append("\n\n")
        elif tag in _BLOCKS and not (self.pieces and self.pieces[-1].endswith("\n")):
            self.pieces.append("\n")
