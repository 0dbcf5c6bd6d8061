"""Ordinary HTML taken apart into tags and texts, many times as fast as `html.parser` does.

Law: what comes out is what `html.parser` gives. Ordinary is what every version of it reads in the same way, and what
people write: tags that are closed, attributes in quotes, references that end, no other `<` or `>` in a tag. Of anything
else nothing is said.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from html import unescape
from typing import NamedTuple


class Tag(NamedTuple):
    """The name of a tag that `begins`, its attributes, and whether they hide it; or the name of one that `ends`; one
    that is closed in itself does both, and a declaration neither."""

    begins: str
    given: Mapping[str, str | None]
    is_hidden: bool
    ends: str = ""

    @classmethod
    def of(cls, begins: str, given: Mapping[str, str | None], ends: str = "") -> "Tag":
        return cls(begins, given, _HIDING.search(given.get("style") or "") is not None, ends)


Step = str | Tag
"""A text or a tag."""

_HIDING = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BLANK = r"[ \t\n]"
_ATTRIBUTE = rf"{_BLANK}+(?P<name>[a-zA-Z_:@][\w:.@-]*)(?P<value>=(?:\"[^\"]*\"|'[^']*'))?"
_ATTRIBUTES = re.compile(_ATTRIBUTE, re.ASCII)
_TAG = re.compile(
    rf"(?P<begins>[a-zA-Z][a-zA-Z0-9]*)(?P<given>(?:{re.sub('[?]P<[a-z]+>', '?:', _ATTRIBUTE)})*)"
    rf"{_BLANK}*(?P<closed>/?)"
    rf"|/(?P<ends>[a-zA-Z][a-zA-Z0-9]*){_BLANK}*"
    r"|![dD][oO][cC][tT][yY][pP][eE] .*",
    re.ASCII | re.DOTALL,
)
_COMMENT = re.compile(r"<!--(?!-?>)(?:[^-]|-(?!-))*-->")
_RAW = frozenset({"script", "style", "title"})
"""Not read aloud, and read in the same way where no tag is inside."""
_DISPUTED = frozenset({"textarea", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"})
_OPEN_REFERENCE = re.compile(r"&(?![a-zA-Z]+;|#[0-9]+;)")
_REMEMBERED = 1024  # most tags of an email stand in all others of its kind, too


def ordinary_steps(html: str) -> list[Step] | None:
    """The steps of `html`; None where it is not ordinary."""
    steps: list[Step] = []
    for piece in _COMMENT.split(html) if "<!--" in html else (html,):
        if not _add_steps(steps, piece):
            return None
    return steps


def _add_steps(steps: list[Step], piece: str) -> bool:
    text, *rest = piece.split("<")
    if text:
        steps.append(unescape(text) if "&" in text else text)
    raw = ""
    for one in rest:
        source, closed, text = one.partition(">")
        tag = _tag(source) if closed else None
        if tag is None or (raw and tag.ends != raw):
            return False
        steps.append(tag)
        raw = tag.begins if tag.begins in _RAW else ""
        if text:
            steps.append(unescape(text) if "&" in text else text)
    return not raw


@lru_cache(_REMEMBERED)
def _tag(source: str) -> Tag | None:
    """What stands between `<` and `>`; None where that is not ordinary."""
    found = _TAG.fullmatch(source)
    if found is None or _OPEN_REFERENCE.search(source):
        return None
    begins, ends = (found["begins"] or "").lower(), (found["ends"] or "").lower()
    if begins in _DISPUTED or (begins in _RAW and found["closed"]):
        return None
    return Tag.of(begins, _attributes(found["given"] or ""), begins if found["closed"] else ends)


def _attributes(source: str) -> dict[str, str | None]:
    given: dict[str, str | None] = {}
    for one in _ATTRIBUTES.finditer(source):
        value = one["value"]
        given[one["name"].lower()] = None if value is None else unescape(value[2:-1])
    return given
