"""What messages of one form have in common: everything but the values.

Law: a form filled with a message's values is what the message is when rendered whole, byte for byte.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

Pieces = tuple[str | int, ...]
"""A text with gaps: constant pieces, and the numbers of the values that stand between them."""

Values = tuple[str, ...]
"""A message's values for a form, by number; each as it stands in the text (escaped in HTML)."""

_STARTS = "-~^|_*+!:;=$"


class Texts(NamedTuple):
    """The texts of an email. `preheader` stands in `html` already."""

    subject: str
    preheader: str
    html: str
    text: str


class Form:
    """An email with gaps. `id` is the same for the same texts and the same `beside` (what else the email goes with: its
    sender, its attachments), on every machine; `size` is the number of values."""

    __slots__ = ("_filled", "_pieces", "id", "size")

    def __init__(
        self, subject: Pieces, preheader: Pieces, html: Pieces, text: Pieces, beside: str = ""
    ) -> None:
        self._pieces = (subject, preheader, html, text)
        self._filled = tuple(map(_format, self._pieces))
        told = repr((self._pieces, beside))
        self.id = blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        self.size = 1 + max((one for one in chain(*self._pieces) if isinstance(one, int)), default=-1)

    def fill(self, values: Sequence[str]) -> Texts:
        """The texts of the message that has these values."""
        (subject, a), (preheader, b), (html, c), (text, d) = self._filled
        return Texts(
            subject % tuple([values[one] for one in a]),
            preheader % tuple([values[one] for one in b]),
            html % tuple([values[one] for one in c]),
            text % tuple([values[one] for one in d]),
        )

    def marks(self, many: Iterable[Values]) -> tuple[str, ...] | None:
        """Short words of ASCII, one for each value, for a provider that puts in the values of all of `many` itself,
        one after the other: `fill(marks)` is the text for it, and `dict(zip(marks, values))` is what it is given for
        a message. Such a word stands nowhere else, in no constant text, in no value, nor where two of them meet;
        None where the values leave no such word, which hardly happens unless somebody wants it to."""
        given = "\0".join(chain.from_iterable(many)) + "\0"
        constant = "\0".join(one for one in chain(*self._pieces) if isinstance(one, str)) + "\0"
        for start in _STARTS:
            if not any(f"{start}{end}" in one for end in ("m", "\0") for one in (given, constant)):
                return tuple(f"{start}m{number}." for number in range(self.size))
        return None


def size_bytes(values: Iterable[str], marks: Iterable[str] = ()) -> int:
    """How much room values and marks take, in UTF-8, for providers that bound it."""
    return sum(len(one.encode("utf-8", "replace")) for one in chain(values, marks))


def _format(pieces: Pieces) -> tuple[str, tuple[int, ...]]:
    texts = (one.replace("%", "%%") if isinstance(one, str) else "%s" for one in pieces)
    return "".join(texts), tuple(one for one in pieces if isinstance(one, int))
