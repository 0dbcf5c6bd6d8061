"""Links that are counted, in forms: the token of each is a value of the message, made from its id and its target."""

from collections.abc import Callable, Iterator
from html import escape
from typing import NamedTuple

from engine.model.links import Links
from engine.ports.forms import Pieces
from engine.render.clicks import links_in
from engine.render.forms.marking import CLOSE, MOST_VALUES, OPEN
from engine.render.forms.places import filled, pieces


class Clicks(NamedTuple):
    """The targets of a form's links."""

    links: Links
    targets: tuple[Pieces, ...]

    def tokens(self, values: list[str], message_id: str) -> Iterator[str]:
        for target in self.targets:
            yield self.links.click_token(message_id, filled(target, values).strip())


class NumberedClicks:
    """Gives the tokens numbers, beyond those of all other values. Whether a link is counted may depend on the values:
    then that is `asked` of each message."""

    def __init__(self, links: Links | None) -> None:
        self._links = links
        self._targets: dict[Pieces, int] = {}
        self.asked: list[Callable[[list[str]], bool]] = []

    def numbered(self, html: str, values: list[str]) -> str:
        """`html` with marks for tokens."""
        links = self._links
        if links is None:
            return html
        done: list[str] = []
        at = 0
        for value in links_in(html):
            target = pieces(value.text.strip())
            counts = _question(links, target)
            if OPEN in value.text:
                self.asked.append(counts)
            if counts(values):
                number = MOST_VALUES + self._targets.setdefault(target, len(self._targets))
                done += (html[at : value.start], f'"{escape(links.clicks)}{OPEN}{number}{CLOSE}"')
                at = value.end
        return "".join([*done, html[at:]])

    def place(self, number: int) -> int:
        """Where the value of that number lies: tokens come behind all others, however many there are."""
        return number if number < MOST_VALUES else number - MOST_VALUES - len(self._targets)

    def told(self) -> Clicks | None:
        return Clicks(self._links, tuple(self._targets)) if self._links and self._targets else None


def _question(links: Links, target: Pieces) -> Callable[[list[str]], bool]:
    return lambda values: links.may_count(filled(target, values).strip())
