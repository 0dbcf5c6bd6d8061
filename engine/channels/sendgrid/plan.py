"""Which messages go into which request."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import msgspec

from engine.channels.mime.headers import checked
from engine.channels.sendgrid.mails import Personalization, Texts, body, personalization, shared
from engine.channels.sendgrid.settings import SendGridSettings
from engine.model.errors import DeliveryError
from engine.ports import Outgoing
from engine.ports.forms import size_bytes

MOST_PERSONALIZATIONS = 1000
MOST_SUBSTITUTIONS = 150
MOST_SUBSTITUTION_BYTES = 10_000
"""Of one personalization: by the strictest of SendGrid's documents, which differ."""

Refuse = Callable[[int, DeliveryError], None]
"""Told of a message, by its place among the outgoings, that it is in no request."""


class Request(msgspec.Struct, frozen=True):
    """`places` are those of its messages among the outgoings, in the order of `each`."""

    of_all: bytes
    places: tuple[int, ...]
    each: tuple[Personalization, ...]

    def body(self) -> bytes:
        return body(self.of_all, self.each)

    def part(self, numbers: Sequence[int]) -> "Request":
        """The same for those of its messages only."""
        return Request(
            self.of_all, tuple(self.places[n] for n in numbers), tuple(self.each[n] for n in numbers)
        )

    def halves(self) -> tuple["Request", "Request"]:
        numbers = range(len(self.places))
        middle = len(numbers) // 2
        return self.part(numbers[:middle]), self.part(numbers[middle:])


class _One(msgspec.Struct):
    place: int
    outgoing: Outgoing
    personalization: Personalization


def requests(outgoings: Sequence[Outgoing], settings: SendGridSettings, refuse: Refuse) -> Iterator[Request]:
    """One after the other, each made when it is asked for: messages without a form are as large as they are many."""
    together: dict[tuple[str, ...], list[_One]] = {}
    alone: list[_One] = []
    for place, outgoing in enumerate(outgoings):
        try:
            one = _One(place, outgoing, personalization(outgoing))
        except DeliveryError as error:
            refuse(place, error)
            continue
        except Exception as error:  # whatever one message meets, the others go on
            refuse(place, unwritable(error))
            continue
        message, form = outgoing.message, outgoing.rendered.form
        if form is None or form.size > MOST_SUBSTITUTIONS:
            alone.append(one)
        else:
            key = (form.id, message.journey, message.template, message.brand)
            together.setdefault(key, []).append(one)
    for group in together.values():
        yield from _of_one_form(group, alone, settings, refuse)
    for one in alone:
        rendered = one.outgoing.rendered.whole()
        texts = Texts(rendered.subject, rendered.html, rendered.text)
        yield from _made([one], texts, settings, refuse)


def unwritable(error: Exception) -> DeliveryError:
    return DeliveryError(
        f"The request to SendGrid cannot be written ({type(error).__name__}).", permanent=True
    )


def _of_one_form(
    group: Sequence[_One], alone: list[_One], settings: SendGridSettings, refuse: Refuse
) -> Iterator[Request]:
    """Those whose values SendGrid would not take go into `alone`."""
    form = group[0].outgoing.rendered.form
    assert form is not None
    marks = form.marks(one.outgoing.rendered.values for one in group) if len(group) > 1 else None
    if marks is None:
        alone += group
        return
    texts = form.fill(marks)
    in_subject = [n for n, mark in enumerate(marks) if mark in texts.subject]
    room = MOST_SUBSTITUTION_BYTES - size_bytes(marks)
    fitting = []
    for one in group:
        values = one.outgoing.rendered.values
        try:
            for n in in_subject:
                checked(values[n], "subject")
        except DeliveryError as error:
            refuse(one.place, error)
            continue
        if sum(map(len, values)) * 4 > room and size_bytes(values) > room:
            alone.append(one)
            continue
        one.personalization.substitutions = dict(zip(marks, values, strict=True))
        fitting.append(one)
    for chunk in _chunks(fitting):
        yield from _made(chunk, Texts(texts.subject, texts.html, texts.text), settings, refuse)


def _chunks(group: Sequence[_One]) -> Iterator[list[_One]]:
    """No address stands twice in a request."""
    numbered: dict[str, int] = {}
    turns = []
    for one in group:
        address = one.personalization.to[0]["email"].lower()
        turn = numbered[address] = numbered.get(address, -1) + 1
        turns.append((turn, one))
    turns.sort(key=lambda pair: pair[0])
    for _, same_turn in groupby(turns, key=lambda pair: pair[0]):
        ones = [one for _, one in same_turn]
        for start in range(0, len(ones), MOST_PERSONALIZATIONS):
            yield ones[start : start + MOST_PERSONALIZATIONS]


def _made(
    ones: Sequence[_One], texts: Texts, settings: SendGridSettings, refuse: Refuse
) -> Iterator[Request]:
    first = ones[0].outgoing
    try:
        of_all = shared(first.message, first.rendered, texts, settings)
    except DeliveryError as error:
        for one in ones:
            refuse(one.place, error)
        return
    except Exception as error:
        for one in ones:
            refuse(one.place, unwritable(error))
        return
    yield Request(of_all, tuple(one.place for one in ones), tuple(one.personalization for one in ones))
