"""The forms of a project's emails, each made when its first message is rendered."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from html import escape as escape_line
from typing import Any, NamedTuple, cast

from jinja2 import Template
from markupsafe import escape

from engine.model.links import Links
from engine.ports.forms import Form, Pieces, Texts, Values
from engine.ports.renderer import Attachment
from engine.render.email import PREHEADER, body_begin, is_styled, one_line, title_of
from engine.render.forms.clicks import Clicks, NumberedClicks
from engine.render.forms.code import FormSandbox
from engine.render.forms.marking import CLOSE, OPEN, Gathered, NotAFormError
from engine.render.forms.places import check_places, filled, pieces
from engine.render.forms.straight import Straight
from engine.render.pictures import Placed
from engine.render.plain import OPENABLE, one_blank, plain_text, shows_address
from engine.render.sandbox import MOST_STEPS, MOST_TEXT, budget
from engine.render.views import Paths

Names = dict[str, Any]

MOST_FORMS = 300
"""Kept at a time; then all are made anew."""
MOST_DAYS = 30
WINDOW, MOST_NEW, REST = 1_000, 200, 10_000
"""Where of so many messages so many had no form yet, forms bring nothing: so many messages are rendered whole."""


_ESCAPED = re.compile("[&<>'\"]")
_LINK = re.compile(r"<(/?)a\b", re.IGNORECASE)


class Sources(NamedTuple):
    """What an email is made from, compiled to give marks. `text` is None where the plain part is made from the HTML;
    `is_whole` is whether styles are still to be inlined, if there are any; `brand` is the subject of last resort;
    `beside` tells apart what else belongs to it; `placed` puts the pictures in; links are counted by `counting`;
    `straight` is what can be told of a message without running any of it, where that is all."""

    html: Template
    preheader: "Line | None"
    subject: "Line | None"
    text: Template | None
    is_whole: bool
    brand: str
    beside: str
    placed: Callable[[str], Placed]
    counting: Links | None
    straight: Straight | None


class Formed(NamedTuple):
    """A message as a form and its values, the names of its attachments, and its pictures."""

    form: Form
    values: Values
    attached: str
    pictures: tuple[Attachment, ...]


_Marked = tuple[str, ...]
"""A text with marks, in the pieces of which a template makes it. They are put together once for a form: most of them
are the template's own constants, so that pieces are told to be the same without looking at what they say."""


class Line(NamedTuple):
    """A text of the front matter. `number` is that under which it is kept where it `is_alike` for all messages of a
    day."""

    template: Template
    number: int
    is_alike: bool

    def of(self, names: Names, alike: dict[int, Any]) -> _Marked:
        if not self.is_alike:
            return _run(self.template, names)
        if self.number not in alike:
            alike[self.number] = _run(self.template, names)
        return cast(_Marked, alike[self.number])


class _Key(NamedTuple):
    """The texts of a message with marks."""

    html: _Marked
    preheader: _Marked
    subject: _Marked
    text: _Marked
    attached: str


class _Link(NamedTuple):
    """A link of which the values say whether its address is read aloud."""

    href: Pieces
    text: Pieces

    def shows(self, values: list[str]) -> bool:
        return shows_address(filled(self.href, values), filled(self.text, values))


_Question = Callable[[list[str]], bool]
"""What the values have to say of a form but by being filled in."""


class _Alike:
    """Messages of one key; of one form, too, if their links are read aloud, and counted, alike."""

    __slots__ = ("forms", "key", "questions")

    def __init__(self, key: _Key) -> None:
        self.key = key
        self.questions: tuple[_Question, ...] = ()
        self.forms: dict[tuple[bool, ...], _Slots | None] = {}

    def shown(self, values: list[str]) -> tuple[bool, ...]:
        return tuple([ask(values) for ask in self.questions])


_Told = Mapping[int, Sequence[tuple[int, Callable[[str], str]]]]
"""By the number of a message's value: the places that it has among a form's own, and how it is told there."""


class _Slots(NamedTuple):
    """A form, and from which value each of its own is made, and how (`told`)."""

    form: Form
    numbers: tuple[int, ...]
    told: _Told
    clicks: Clicks | None
    pictures: tuple[Attachment, ...]

    def values(self, given: Gathered, message_id: str) -> Values:
        values = given.values
        if self.clicks is not None:
            values = [*values, *self.clicks.tokens(values, message_id)]
        own = [values[one] for one in self.numbers]  # every way tells an ordinary value as it is
        if given.odd or _ESCAPED.search(given.lines):
            for number, value in enumerate(values):
                if number in given.odd or not (value.isalnum() or _ESCAPED.search(value) is None):
                    for place, tell in self.told.get(number, ()):
                        own[place] = tell(value)
        return tuple(own)


class _Day:
    """What is worked out once for all messages of a day: what its templates share, and which messages are alike."""

    __slots__ = ("alike", "shared")

    def __init__(self) -> None:
        self.shared: dict[int, Any] = {}
        self.alike: dict[tuple[str, tuple[bool, ...]], _Alike] = {}


class FormsOfTemplate:
    """The forms of one template for one brand."""

    def __init__(self, sources: Sources, environment: FormSandbox, make_room: Callable[[], None]) -> None:
        self._sources = sources
        self._environment = environment
        self._make_room = make_room
        self._straight = sources.straight
        self._paths = Paths()
        self._days: dict[date, _Day] = {}
        self._alike: dict[_Key, _Alike] = {}
        self._seen = self._new = self._resting = 0

    def of(self, names: Names, attached: Callable[[], str], whole: Callable[[], Texts]) -> Formed:
        """The form of a message and its values. `attached` gives the names of its attachments; `whole` renders it as a
        whole: what the first message of a form is held against. Raises `NotAFormError`, or whatever a rendering
        raises."""
        self._count()
        given = Gathered()
        try:
            with budget(MOST_STEPS // 10):
                # it counts less than rendering it whole: what comes near the bound is no form
                alike = self._alike_of(names, attached(), given)
            given.check()
            message_id: str = names["message"]["id"]
            slots = self._slots(alike, given, whole, message_id)
        except Exception:
            self._new += 1
            raise
        return Formed(slots.form, slots.values(given, message_id), alike.key.attached, slots.pictures)

    def _alike_of(self, names: Names, attached: str, given: Gathered) -> _Alike:
        """Gathers the message's values."""
        day = self._of_the_day(names["message"]["date"])
        known = self._environment.known_of(names, self._paths)
        told = None if self._straight is None else self._straight.told(known, names)
        if told is not None and (alike := day.alike.get((attached, told.turns))) is not None:
            given.values = told.values
            return alike
        self._environment.begin(given, known, day.shared)
        alike = self._find(self._key(names, attached, given, day.shared))
        if told is not None and told.values == given.values:
            day.alike[attached, told.turns] = alike
        return alike

    def _slots(self, alike: _Alike, given: Gathered, whole: Callable[[], Texts], message_id: str) -> _Slots:
        shown = alike.shown(given.values)
        if shown not in alike.forms:
            self._new += 1
            self._make_room()
            alike.forms[shown] = None  # if it fails below, the next one need not try
            made = self._made(alike, given)
            shown = alike.shown(given.values)  # now its links are known
            alike.forms[shown] = made if made.form.fill(made.values(given, message_id)) == whole() else None
        slots = alike.forms[shown]
        if slots is None:
            raise NotAFormError
        return slots

    def forget(self) -> None:
        self._alike.clear()
        self._days.clear()

    def _count(self) -> None:
        if self._resting:
            self._resting -= 1
            raise NotAFormError
        self._seen += 1
        if self._new > MOST_NEW:
            self._resting = REST
        if self._resting or self._seen > WINDOW:
            self._seen = self._new = 0

    def _key(self, names: Names, attached: str, given: Gathered, shared: dict[int, Any]) -> _Key:
        html, preheader, subject, text, *_ = self._sources
        given.html = True
        body = _run(html, names)
        given.html = False
        return _Key(
            body,
            () if preheader is None else preheader.of(names, shared),
            () if subject is None else subject.of(names, shared),
            () if text is None else _run(text, names),
            attached,
        )

    def _of_the_day(self, day: date) -> _Day:
        if day not in self._days:
            if len(self._days) >= MOST_DAYS:
                self._days.clear()
            self._days[day] = _Day()
        return self._days[day]

    def _find(self, key: _Key) -> _Alike:
        alike = self._alike.get(key)
        if alike is None:
            alike = self._alike[key] = _Alike(key)
        return alike

    def _made(self, alike: _Alike, given: Gathered) -> _Slots:
        *texts, attached = alike.key
        if any(sum(map(len, one)) > MOST_TEXT for one in texts):
            raise NotAFormError
        html, preheader, subject, text = map("".join, texts)
        if self._sources.is_whole and is_styled(html):
            raise NotAFormError
        check_places(html)
        _check_links(html)
        preheader, subject = one_line(preheader, OPEN + CLOSE), one_line(subject, OPEN + CLOSE)
        asked: list[_Question] = []
        slots = _Numbering()
        if self._sources.text is None:
            plain = slots.cut(plain_text(html, _reading(asked, given.values)), one_blank)
        else:
            plain = slots.cut(text.strip() + "\n", str)
        title = () if subject else slots.cut(title_of(html), _escaped_title)
        html, pictures = self._sources.placed(html)
        clicks = NumberedClicks(self._sources.counting)
        html = clicks.numbered(html, given.values)
        end = body_begin(html) if preheader else None
        if end is not None:
            before, after = PREHEADER.split("{}")
            shown: Pieces = (
                *slots.cut(html[:end] + before, _escaped),
                *slots.cut(escape_line(preheader), _escaped_line),
                *slots.cut(after + html[end:], _escaped),
            )
        else:
            shown = slots.cut(html, _escaped)
        form = Form(
            slots.cut(subject, one_line) or title or (self._sources.brand,),
            slots.cut(preheader, one_line),
            shown,
            plain,
            f"{self._sources.beside}\n{attached}",
        )
        alike.questions = (*asked, *clicks.asked)
        return _Slots(form, slots.numbers(clicks), slots.told(), clicks.told(), pictures)


class _Numbering:
    """Numbers a form's values: each stands for a value of the message, told in one way."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, Callable[[str], str]], int] = {}

    def cut(self, text: str, kind: Callable[[str], str]) -> Pieces:
        return tuple(
            one if isinstance(one, str) else self._numbers.setdefault((one, kind), len(self._numbers))
            for one in pieces(text)
        )

    def numbers(self, clicks: NumberedClicks) -> tuple[int, ...]:
        return tuple(clicks.place(one) for one, _ in self._numbers)

    def told(self) -> _Told:
        told: dict[int, list[tuple[int, Callable[[str], str]]]] = {}
        for (number, kind), place in self._numbers.items():
            told.setdefault(number, []).append((place, kind))
        return told


def _escaped(text: str) -> str:
    return str(escape(text))


def _escaped_line(text: str) -> str:
    return escape_line(one_line(text))


def _escaped_title(text: str) -> str:
    return " ".join(_escaped(text).split())


def _reading(asked: list[_Question], values: list[str]) -> Callable[[str, str], bool]:
    def shows(href: str, text: str) -> bool:
        if OPEN not in href and OPEN not in text:
            return shows_address(href, text)
        begin = href.partition(OPEN)[0]
        if not any(one.startswith(begin) or begin.startswith(one) for one in OPENABLE):
            return False  # as it begins, it cannot be one to open
        asked.append(_Link(pieces(href), pieces(text)).shows)
        return asked[-1](values)

    return shows


def _check_links(html: str) -> None:
    """A link within a link is read aloud within its text, so that one's answer would depend on the other's."""
    depth = 0
    for end in _LINK.findall(html):
        depth = depth - 1 if end else depth + 1
        if depth > 1:
            raise NotAFormError
        depth = max(depth, 0)


def _run(template: Template, names: Names) -> _Marked:
    return tuple(template.root_render_func(template.new_context(names, shared=True)))
