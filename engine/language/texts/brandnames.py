"""`brand` and `message`, the two names that only templates know."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from engine.language.expressions import operators as op
from engine.language.expressions.typed import Typed
from engine.language.expressions.types import DATE, TEXT, Anything, Attribute, ListOf, Record
from engine.language.nearest import did_you_mean, listed
from engine.language.report import Report
from engine.language.template_files import Brand
from engine.language.texts.pieces import Piece

OPTIONAL = frozenset({"senders", "colours", "fonts", "links"})
"""What a brand.yaml may leave out; it is none then."""

_ABOUTS = {
    "id": (TEXT, "the message's id"),
    "date": (DATE, "the day it was decided"),
    "channel": (TEXT, "letter, email or sms"),
    "locale": (TEXT, "the locale it is written in"),
    "unsubscribe_url": (TEXT, "where to stop such messages"),
    "preferences_url": (TEXT, "where to say what is welcome"),
    "address_lines": (
        ListOf(TEXT),
        "the address as it stands on a letter, line by line; none of other channels",
    ),
}
MESSAGE = Typed(
    Record(
        "message",
        {name: Attribute(kind, lambda _: None, about) for name, (kind, about) in _ABOUTS.items()},
        lambda _: None,
    ),
    op.constant(None),
)


class BrandPart(Anything, frozen=True):
    """`brand`, or something in it, by its path."""

    keys: tuple[str, ...] = ()


BRAND = Typed(BrandPart(), op.constant(None))


class BrandUse(msgspec.Struct, frozen=True):
    """Where a text names a member of `brand`."""

    keys: tuple[str, ...]
    piece: Piece
    offset: int


def check_brand_use(use: BrandUse, brands: Iterable[Brand], every: Iterable[Brand], report: Report) -> None:
    """Whether each of `brands` has what is named; a part of a part must be there in any of `every`."""
    first, *rest = use.keys
    if rest:
        parts = [found for brand in every if isinstance(found := _at(brand.data, use.keys[:-1]), Mapping)]
        known = {key for part in parts for key in part}
        if known and rest[-1] not in known and not speaks_locales(known):
            message = f"no brand has '{'.'.join(use.keys)}'"
            _report(use, message, did_you_mean(rest[-1], known), report)
        return
    without = sorted(brand.id for brand in brands if first not in _members(brand))
    if without:
        known = {key for brand in every for key in _members(brand)}
        hint = did_you_mean(
            first, known - {first}, f"write it down in templates/brands/{without[0]}/brand.yaml"
        )
        plural = "brands" if len(without) > 1 else "brand"
        quoted = listed(f"'{one}'" for one in without)
        _report(use, f"{plural} {quoted} {'have' if len(without) > 1 else 'has'} no '{first}'", hint, report)


def _members(brand: Brand) -> frozenset[str]:
    return OPTIONAL | {"id", "name", *brand.data, *brand.layouts}


def _at(data: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


def speaks_locales(keys: Iterable[str]) -> bool:
    """Whether the keys are locales: then the part is a text, in the message's."""
    return all(len(key.partition("-")[0]) == 2 for key in keys)


def _report(use: BrandUse, message: str, hint: str, report: Report) -> None:
    length = len(use.keys[-1])
    found = use.piece.text.find(use.keys[-1], use.offset)
    offset = use.offset if found < 0 else found
    report.error("unknown-name", use.piece.span(offset, length), message, hint)
