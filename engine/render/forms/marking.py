"""Marks: what stands in a text in place of a message's values, and those values."""

import re
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from typing import Any, NoReturn

from markupsafe import Markup, escape

OPEN, CLOSE = "\x02", "\x03"
"""Around a value's number. Nobody types these two; where one turns up all the same, the message is rendered whole. They
keep a text of ASCII one of ASCII, which is half as long as others."""

MOST_VALUES = 500
MOST_CHARACTERS = 100_000
"""Of one message. What has more is rendered whole, where the bounds of a rendering are watched over."""

_MARKS = tuple(f"{OPEN}{number}{CLOSE}" for number in range(MOST_VALUES))
PLAIN_TYPES = frozenset({str, int, float, bool, Decimal, date, datetime})

_NOT_OF_A_WORD = ("\n ", "\n-", " \n", "  ")
"""What is not between the ends of lines where there are only words."""
_UNSEEN = re.compile("[ \u00a0\u3000\u200c-\u200f\u202a-\u202e\u2066-\u2069]")
"""Blanks, joiners, and what says in which direction to read: inside of a name they are in order."""


class NotAFormError(Exception):
    """This message, or no message of its template, can be told from others by values only."""


class Gathered:
    """The values of one message, in the order in which they were met. In `html` they are escaped.

    A value is let in if all that is done with a text around it treats it as it would treat a word: no blank at its
    ends, nothing that begins or ends a line, no mark. `check` sees to that, once all are there; `odd` are then those
    with blanks in a row or unseen characters inside: they do not look the same everywhere. `lines` has them all, each
    between the ends of lines."""

    __slots__ = ("_known", "_room", "html", "lines", "odd", "values")

    def __init__(self) -> None:
        self.html = False
        self.values: list[str] = []
        self.lines = ""
        self.odd: set[int] = set()
        self._known: dict[int, str] = {}
        self._room = MOST_CHARACTERS

    def mark(self, expression: int, escaped: bool, value: Any) -> str:
        """The mark of `value`, an output of `expression`; nothing for an empty one, since empty or not is a matter of
        the form. The same expression has the same value, and the same mark; of those below 0, each time another.
        `escaped` is whether it stands where values are escaped."""
        if expression in self._known and escaped is self.html:
            return self._known[expression]
        if type(value) is str:
            text = value
        elif value is None:
            return ""
        else:
            text = self._text(escaped, value)
            if type(value) is Captured:
                return text
        if not text:
            return ""
        number = len(self.values)
        if number >= MOST_VALUES or (escaped is not self.html and escape(text) != text):
            raise NotAFormError
        self.values.append(text)
        mark = _MARKS[number]
        if expression >= 0:
            self._known[expression] = mark
        return mark

    def check(self) -> None:
        """Raises `NotAFormError` where one is not to be let in."""
        lines = self.lines = "\n".join(["", *self.values, ""])
        self.take(len(lines))
        if any(one in lines for one in _NOT_OF_A_WORD) or not "".join(self.values).isprintable():
            for number, text in enumerate(self.values):
                self._look_at(number, text)

    def _look_at(self, number: int, text: str) -> None:
        if text[0] in " -":
            raise NotAFormError
        if not text.isprintable() or text[-1] == " " or "  " in text:
            if not _is_bearable(text):
                raise NotAFormError
            self.odd.add(number)

    def take(self, characters: int) -> None:
        self._room -= characters
        if self._room < 0:
            raise NotAFormError

    def _text(self, escaped: bool, value: Any) -> str:
        if type(value) in PLAIN_TYPES:
            return str(value)
        if type(value) is Captured:
            return self.constant(escaped, value)
        if isinstance(value, Markup):
            text = unescape(value)
            if not escaped or escape(text) != value:
                raise NotAFormError  # it has tags, or is escaped in another way
            return text
        if hasattr(value, "__html__"):
            raise NotAFormError
        return str(value)

    def constant(self, escaped: bool, value: Any) -> str:
        """What the form itself says: the same for all of its messages."""
        if type(value) is Captured:
            return value.told(self, escaped)
        text = str(escape("" if value is None else value) if escaped else "" if value is None else value)
        if OPEN in text or CLOSE in text:
            raise NotAFormError
        return text


def _is_bearable(text: str) -> bool:
    seen = _UNSEEN.sub("", text)
    return text[0] == seen[:1] and text[-1] == seen[-1:] and seen.isprintable()


class Captured:
    """A text with marks in it that a template holds in its hand: what a block of `set` or a macro gave. It may be
    printed, and asked whether it is empty. Whoever looked at it more closely would see the marks: that is refused."""

    __slots__ = ("_by", "_is_markup", "_shown")

    def __init__(self, shown: str, by: Gathered) -> None:
        self._shown = str(shown)
        self._is_markup = isinstance(shown, Markup)
        self._by = by
        self._weigh()

    def told(self, by: Gathered, escaped: bool) -> str:
        if by is not self._by:
            raise NotAFormError  # of a file that is imported once for all messages
        self._weigh()
        if self._is_markup or not escaped:
            return self._shown
        if OPEN in self._shown:
            raise NotAFormError
        return str(escape(self._shown))

    def _weigh(self) -> None:
        """Texts in which texts stand grow fast, and the marks in them do not show how fast."""
        longest = max(map(len, self._by.values), default=0)
        self._by.take(len(self._shown) + self._shown.count(OPEN) * longest)

    def __bool__(self) -> bool:
        return bool(self._shown)

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise NotAFormError

    __str__ = __repr__ = __format__ = __html__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __hash__ = __len__ = __iter__ = __contains__ = __getitem__ = __getattr__ = _refuse
    __add__ = __radd__ = __mul__ = __rmul__ = __mod__ = __rmod__ = _refuse
    __int__ = __float__ = __index__ = __round__ = __abs__ = _refuse
