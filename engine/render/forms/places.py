"""Where marks stand in HTML: only where no escaped value can change what is read as what."""

import re
from collections.abc import Iterator

from engine.render.forms.marking import CLOSE, OPEN, NotAFormError

_MARK = re.compile(f"{OPEN}(\\d+){CLOSE}")
_ATTRIBUTE = r"\s+(?P<name>[\w:@.-]+)(?:\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'=<>`\x02]+))?"
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_STEP = re.compile(
    r"<!--(?P<comment>.*?)-->"
    r"|<(?P<raw>style|script)\b[^>]*>(?P<inside>.*?)</(?P=raw)\s*>"
    rf"|<[a-z][\w:-]*(?P<attributes>(?:{re.sub('[?]P<[a-z]+>', '', _ATTRIBUTE)})*)\s*/?>"
    r"|</[a-z][\w:-]*\s*>|<![a-z][^<>]*>|<!\[(?:if|endif)[^<>\]]*\]>"
    r"|(?P<text>[^<]+)",
    re.DOTALL | re.IGNORECASE,
)
_OPEN_ENTITY = re.compile(rf"&#?\w*{OPEN}")
_ENDS_COMMENT = re.compile(rf"{CLOSE}(?:[-!{OPEN}]|\s*>|\s*$)|[-<!]{OPEN}|^{OPEN}")
_MEANING = frozenset({"style", "class", "id"})
"""Attributes that decide what an element looks like, and whether it is read aloud."""


def misplaced(html: str) -> Iterator[tuple[int, str]]:
    """Where in `html` a mark stands for something that is more than words, and what; up to where `html` is
    understood."""
    at = 0
    while at < len(html):
        step = _STEP.match(html, at)
        if step is None:
            if OPEN in html:
                yield at, "what begins with '<' here is no tag"
            return
        if OPEN in step[0] and (said := _wrong(step)):
            yield at + step[0].index(OPEN), said
        at = step.end()


def check_places(html: str) -> None:
    """Raises `NotAFormError` where `misplaced` finds one."""
    for _ in misplaced(html):
        raise NotAFormError


def _wrong(step: re.Match[str]) -> str:
    if _OPEN_ENTITY.search(step[0]):
        return "a value continues what '&' begins"
    if step["comment"] is not None:
        return "a value might end a comment" if _ENDS_COMMENT.search(step["comment"]) else ""
    if step["attributes"] is not None:
        given = _ATTRIBUTES.finditer(step["attributes"])
        named = [one["name"].lower() for one in given if OPEN in (one["value"] or "")]
        return next((f"a value stands in the attribute {one}" for one in named if one in _MEANING), "")
    return "" if step["text"] else f"a value stands in <{step['raw'] or '!'}>"


def pieces(text: str) -> tuple[str | int, ...]:
    """`text` cut at its marks."""
    cut = _MARK.split(text)
    return tuple(int(one) if place % 2 else one for place, one in enumerate(cut) if place % 2 or one)


def filled(text: tuple[str | int, ...], values: list[str]) -> str:
    """`text` with its values."""
    return "".join([one if isinstance(one, str) else values[one] for one in text])
