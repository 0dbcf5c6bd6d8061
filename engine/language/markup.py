"""Values of attributes in HTML, found where they stand, without taking the HTML apart."""

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from html.entities import html5
from typing import NamedTuple

_SKIPPED = r"<!--(?!\[if).*?-->"  # what no program shows; Outlook reads the conditional ones
_ATTRIBUTES = r"(?P<attributes>(?:\"[^\"]*\"|'[^']*'|[^>\"'])*)"
_ATTRIBUTE = re.compile(r"(?P<name>[^\s=>\"'/]+)\s*(?:=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'>][^\s>]*))?")

_REFERENCE = re.compile(
    r"&(?:#(?:\d+|[xX][0-9a-fA-F]+);?|(?P<name>[a-zA-Z][a-zA-Z0-9]*(?:;|(?![a-zA-Z0-9=]))))"
)


class Value(NamedTuple):
    """An attribute's value: its `text` without quotes and entities, and where it stands, quotes and all."""

    text: str
    start: int
    end: int


def values_of(html: str, tags: str, attribute: str) -> Iterator[Value]:
    """Each value of `attribute` in elements called one of `tags` (a regular expression), in order."""
    for tag in _tag(tags).finditer(html):
        given = tag["attributes"]
        if given is None:
            continue
        for one in _ATTRIBUTE.finditer(given):
            if one["name"].lower() == attribute and one["value"] is not None:
                start, end = one.span("value")
                at = tag.start("attributes")
                yield Value(_read(one["value"].strip("\"'")), at + start, at + end)
                break  # of two of a name the first counts


def _read(value: str) -> str:
    """A value without its entities: `?a=1&region=2` has none, though a text would (HTML, 13.2.5.73)."""
    return _REFERENCE.sub(
        lambda found: html5.get(found["name"], found[0]) if found["name"] else unescape(found[0]), value
    )


@cache
def _tag(tags: str) -> re.Pattern[str]:
    return re.compile(rf"{_SKIPPED}|<(?:{tags})(?=[\s/]){_ATTRIBUTES}>", re.DOTALL | re.IGNORECASE)
