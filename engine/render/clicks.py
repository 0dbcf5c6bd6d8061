"""Links by which clicks are counted: they lead through the gateway to where they are meant to."""

from collections.abc import Iterator
from html import escape

from engine.language.markup import Value, values_of
from engine.model.links import Links


def links_in(html: str) -> Iterator[Value]:
    """Where the links of an email lead, and where that is written."""
    return values_of(html, "a|area", "href")


def counted(html: str, links: Links, message_id: str) -> str:
    """`html` with the links that may be counted led through the gateway."""
    pieces: list[str] = []
    at = 0
    for value in links_in(html):
        target = value.text.strip()
        if links.may_count(target):
            pieces += (
                html[at : value.start],
                f'"{escape(links.clicks)}{links.click_token(message_id, target)}"',
            )
            at = value.end
    return "".join([*pieces, html[at:]]) if pieces else html
