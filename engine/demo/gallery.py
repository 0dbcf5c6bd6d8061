"""Some of each to open: for every journey, each channel and brand once, and each further language once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from email import message_from_bytes
from email.policy import default as email_policy
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from engine.demo.files import Links, links_of
from engine.demo.sent import WENT
from engine.model.messages import Message
from engine.model.program import Program
from engine.pages.calendar import local_day
from engine.pages.order import in_order
from engine.ports import MessageRow
from engine.render import segments

Middle = Mapping[tuple[str, str, str], MessageRow]
"""A message for each brand, channel and locale that something was sent in."""


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One message that went out. `heading` is an email's subject; `text` an SMS's, with the `parts` it took;
    `picture` shows a letter's first page."""

    message: Message
    brand: str
    channel: str
    locale: str
    day: str
    links: Links
    heading: str = ""
    text: str = ""
    parts: int = 1
    picture: str = ""


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """The examples of one journey."""

    id: str
    title: str
    about: str
    sent: int
    examples: tuple[Example, ...]


def gallery(out: Path, program: Program, rows: Sequence[MessageRow]) -> tuple[Shelf, ...]:
    """What there is to open in `out`, in the order of the journeys."""
    went = [row for row in rows if row.message.status in WENT and row.place]
    shelves = []
    for journey in in_order(program):
        theirs = [row for row in went if row.message.journey == journey.id]
        if theirs:
            chosen = choose(theirs, program.policy.channels, program.policy.locale)
            shelves.append(
                Shelf(
                    id=journey.id,
                    title=journey.title or journey.id,
                    about=journey.about,
                    sent=len(theirs),
                    examples=tuple(_example(out, row, program.policy.zone) for row in chosen),
                )
            )
    return tuple(shelves)


def choose(rows: Sequence[MessageRow], channels: Sequence[str], locale: str) -> list[MessageRow]:
    """One of each brand and channel, in `locale` if it was sent in that; then one of each channel in each
    other language, of as many brands as can be."""
    of_kind: dict[tuple[str, str, str], list[MessageRow]] = defaultdict(list)
    for row in rows:
        of_kind[row.message.brand, row.message.channel or "", row.message.locale or ""].append(row)
    middle = {kind: found[len(found) // 2] for kind, found in of_kind.items()}
    brands = sorted({brand for brand, _, _ in middle}, key=lambda one: (-_count(rows, one), one))
    others = sorted({one for _, _, one in middle if one != locale})
    return [*_first(middle, brands, channels, locale), *_further(middle, brands, channels, others)]


def _count(rows: Sequence[MessageRow], brand: str) -> int:
    return sum(row.message.brand == brand for row in rows)


def _first(
    middle: Middle, brands: Sequence[str], channels: Sequence[str], locale: str
) -> Iterator[MessageRow]:
    for brand in brands:
        for channel in channels:
            if (brand, channel, locale) in middle:
                yield middle[brand, channel, locale]


def _further(
    middle: Middle,
    brands: Sequence[str],
    channels: Sequence[str],
    locales: Sequence[str],
) -> Iterator[MessageRow]:
    for locale in locales:
        for place, channel in enumerate(channels):
            turned = [*brands[place % len(brands) :], *brands[: place % len(brands)]]
            found = (middle.get((brand, channel, locale)) for brand in turned)
            if (row := next((one for one in found if one is not None), None)) is not None:
                yield row


def _example(out: Path, row: MessageRow, zone: ZoneInfo) -> Example:
    message = row.message
    links = links_of(row)
    assert links is not None  # it has a place
    heading = text = ""
    if message.channel == "email":
        email = message_from_bytes((out / row.place).read_bytes(), policy=email_policy)
        heading = str(email["subject"] or "")
    elif message.channel == "sms":
        text = (out / row.place).read_text(encoding="utf-8").strip()
    return Example(
        message=message,
        brand=message.brand,
        channel=message.channel or "",
        locale=message.locale or "",
        day=f"{local_day(message.at, zone):%-d %b %Y}",
        links=links,
        heading=heading,
        text=text,
        parts=segments(text).parts if text else 1,
    )
