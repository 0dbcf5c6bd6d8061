"""Where marks stand in HTML: only where no escaped value can change what is read as what."""

import re

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
_ENDS_COMMENT = re.compile(rf"{CLOSE}[-!>\s{OPEN}]|{CLOSE}$|[-<!]{OPEN}|^{OPEN}")
_MEANING = frozenset({"style", "class", "id"})
"""Attributes that decide what an element looks like, and whether it is read aloud."""


def check_places(html: str) -> None:
    """Raises `NotAFormError` where a mark in `html` stands for something that is more than words."""
    at = 0
    while at < len(html):
        step = _STEP.match(html, at)
        if step is None:
            if OPEN in html:
                raise NotAFormError
            return
        if OPEN in step[0]:
            _check_step(step)
        at = step.end()


def _check_step(step: re.Match[str]) -> None:
    if _OPEN_ENTITY.search(step[0]):
        raise NotAFormError
    if step["comment"] is not None:
        wrong = _ENDS_COMMENT.search(step["comment"]) is not None
    elif step["attributes"] is not None:
        given = _ATTRIBUTES.finditer(step["attributes"])
        wrong = any(OPEN in (one["value"] or "") and one["name"].lower() in _MEANING for one in given)
    else:
        wrong = step["text"] is None
    if wrong:
        raise NotAFormError


def pieces(text: str) -> tuple[str | int, ...]:
    """`text` cut at its marks."""
    cut = _MARK.split(text)
    return tuple(int(one) if place % 2 else one for place, one in enumerate(cut) if place % 2 or one)
