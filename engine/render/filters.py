"""The filters a template may use: four for people, in the customer's locale through Babel (CLDR), and those
of Jinja2 that can do no harm. None stays none, and prints as nothing.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache, wraps
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_precision, get_territory_currencies
from babel.units import format_unit
from jinja2 import pass_context
from jinja2.exceptions import FilterArgumentError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import Context
from markupsafe import Markup

from engine.language.template_files import FILTERS
from engine.render.sandbox import bounded, spend_on

MOST_DIGITS = 15
LOCALE = "_locale"
COUNTRY = "_country"
"""Names in a rendering's context: the Babel locale of the message, the country whose currency is the
default."""

_FIGURE_AND_HAN = re.compile(r"(?<=\d)(?=[\u4e00-\u9fff])")


@lru_cache(maxsize=64)
def babel_locale(tag: str) -> Locale:
    """The Babel locale of a tag such as `zh-CN`; its language, else English, where Babel does not know it."""
    for one in (tag, tag.partition("-")[0]):
        try:
            return Locale.parse(one, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


@pass_context
def date_filter(context: Context, value: Any, form: str = "long") -> str | None:
    """A date in words (`2025年4月8日`, `April 8, 2025`); `form` is short, medium, long, full or a CLDR
    pattern."""
    if value is None:
        return None
    if isinstance(value, str):
        value = _date_of(value)
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        raise FilterArgumentError("'date' is for dates")
    return _date_text(value, form, context[LOCALE])


@lru_cache(maxsize=4096)
def _date_text(day: date, form: str, locale: Locale) -> str:
    return format_date(day, form, locale=locale)


@pass_context
def money_filter(context: Context, value: Any, currency: str | None = None) -> str | None:
    """An amount in a currency (ISO 4217); whole amounts without decimals. Left out: that of the country."""
    amount = _number(value, "money")
    if amount is None:
        return None
    return _money_text(amount, currency or _currency_of(context[COUNTRY]), context[LOCALE])


@lru_cache(maxsize=4096)
def _money_text(amount: Decimal, code: str, locale: Locale) -> str:
    whole = amount == amount.to_integral_value()
    digits = 0 if whole else get_currency_precision(code)
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "." + "0" * digits if digits else "")
    return format_currency(amount, code, pattern, locale=locale, currency_digits=False)


@pass_context
def km_filter(context: Context, value: Any) -> str | None:
    """A distance in whole km (`40,000 公里`, `40,000 km`)."""
    distance = _number(value, "km")
    if distance is None:
        return None
    return _km_text(int(distance.to_integral_value()), context[LOCALE])


@lru_cache(maxsize=4096)
def _km_text(km: int, locale: Locale) -> str:
    """The CLDR sets Chinese units close; beside prose that sets figures apart from Chinese words, they are set apart
    too."""
    text = str(format_unit(km, "length-kilometer", length="short", locale=locale))
    return _FIGURE_AND_HAN.sub(" ", text)


@pass_context
def number_filter(context: Context, value: Any, digits: int | None = None) -> str | None:
    """A number with its groups (`10,000`); `digits` behind the point, left out: as many as there are, up
    to 3."""
    number = _number(value, "number")
    if number is None:
        return None
    return _number_text(number, digits, context[LOCALE])


@lru_cache(maxsize=4096)
def _number_text(number: Decimal, digits: int | None, locale: Locale) -> str:
    pattern = None if digits is None else "#,##0" + ("." + "0" * min(digits, 9) if digits > 0 else "")
    return format_decimal(number, pattern, locale=locale)


def replace_filter(value: Any, old: str, new: str) -> Any:
    """Every `old` in a text becomes `new`; as Jinja2's own, but looks first how long that gets."""
    if value is None:
        return None
    text = str(value)
    bounded(len(text) + (text.count(old) if old else len(text) + 1) * len(new))
    replaced = text.replace(old, new)
    return Markup(replaced) if isinstance(value, Markup) else replaced  # noqa: S704 - it was markup before


def join_filter(value: Any, between: str = "") -> str | None:
    """The items of a list as one text, none left out."""
    if value is None:
        return None
    texts = [str(one) for one in value if one is not None]
    bounded(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


def round_filter(value: Any, precision: int = 0, method: str = "common") -> Any:
    """As Jinja2's own, for as many digits as numbers have."""
    if abs(precision) > MOST_DIGITS:
        raise FilterArgumentError(f"'round' takes up to {MOST_DIGITS} digits")
    return JINJA_FILTERS["round"](value, precision, method)


def _date_of(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise FilterArgumentError("'date' is for dates") from None


def _number(value: Any, name: str) -> Decimal | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise FilterArgumentError(f"'{name}' is for numbers")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise FilterArgumentError(f"'{name}' is for numbers") from None
    if not number.is_finite() or number.adjusted() > 15:
        raise FilterArgumentError(f"'{name}' is for numbers of a sensible size")
    return number


@lru_cache(maxsize=64)
def _currency_of(country: str | None) -> str:
    found = get_territory_currencies(country) if country else []
    return str(found[0]) if found else "XXX"


def _none_stays(one: Callable[..., Any]) -> Callable[..., Any]:
    """`one`, but nothing becomes of none. Jinja2 hands some filters the environment or context first."""
    place = 1 if hasattr(one, "jinja_pass_arg") else 0

    @wraps(one)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        spend_on(*args[place:])
        return None if args[place] is None else one(*args, **kwargs)

    return guarded


_OWN: Mapping[str, Callable[..., Any]] = {
    "date": date_filter,
    "money": money_filter,
    "km": km_filter,
    "number": number_filter,
    "replace": replace_filter,
    "join": join_filter,
    "round": round_filter,
}


def _default(value: Any, instead: Any = "", boolean: bool = False) -> Any:
    """What to print where there is nothing: none counts as nothing, as everywhere in the language."""
    undefined = JINJA_FILTERS["default"](value, None, boolean)
    return instead if undefined is None else undefined


def filters() -> dict[str, Callable[..., Any]]:
    """All filters by name: exactly the language's `FILTERS`."""
    made: dict[str, Callable[..., Any]] = {
        name: _none_stays(_OWN[name] if name in _OWN else JINJA_FILTERS[name]) for name in FILTERS
    }
    made["default"] = made["d"] = _default
    return made
