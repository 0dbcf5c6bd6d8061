"""The keys of the policy."""

import re
from datetime import time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from engine.language import words
from engine.language.keys import Fields, Key, ListKind, MappingKind, Named, Placed, Table, TextKind, choice
from engine.language.nearest import did_you_mean
from engine.language.report import Fault
from engine.language.template_files import canonical_locale
from engine.language.units import parse_clock_span, parse_number
from engine.model.event_types import CHANNELS
from engine.model.policy import AfterAll, Fleet, QuietHours
from engine.model.times import Duration

_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{4})?([-_]([A-Za-z]{2}|\d{3}))?")
_PRICE = re.compile(r"\d{1,9}(\.\d{1,6})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_NAME = re.compile(r"[a-z][a-z0-9_]*(-[a-z0-9_]+)*")
HOLDS = ("complaint open",)
RULES = ("caps", "quiet_hours", "hold_while")


def _zone(text: str) -> ZoneInfo | Fault:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = did_you_mean(text, available_timezones(), "such as Asia/Shanghai or Europe/Paris")
        return Fault("bad-choice", f"there is no time zone '{text}'", hint)


def _locale(text: str) -> str | Fault:
    if _LOCALE.fullmatch(text):
        return canonical_locale(text)
    return Fault("bad-choice", f"'{text}' is no locale", "a locale is a language and a country: zh-CN, en")


def _country(text: str) -> str | Fault:
    if _COUNTRY.fullmatch(text):
        return text
    return Fault("bad-choice", f"'{text}' is no country", "two letters by ISO 3166-1, such as CN")


def _purpose_name(text: str) -> str | Fault:
    if text == "all":
        return Fault("reserved-name", "'all' stands for every purpose; none can be called so")
    if _NAME.fullmatch(text):
        return text
    return Fault("bad-id", f"'{text}' is no name of a purpose", "use lower-case letters, such as `care`")


def _channel_name(text: str) -> str | Fault:
    if text in CHANNELS:
        return text
    return Fault("unknown-channel", f"'{text}' is not a channel", did_you_mean(text, CHANNELS))


def _quiet(text: str) -> QuietHours | bool | Fault:
    """The quiet hours, False for none."""
    if text.strip() == "none":
        return False
    span = parse_clock_span(text)
    return span if isinstance(span, Fault) else QuietHours(*span)


def _decimal(text: str) -> float | Fault:
    value = parse_number(text.strip())
    if value is not None and value >= 0:
        return value
    return Fault("bad-number", f"'{text}' is no number", "write a number, such as 38 or 0.5")


def _price(text: str) -> Decimal | Fault:
    if _PRICE.fullmatch(text.strip()):
        return Decimal(text.strip())
    return Fault("bad-number", f"'{text}' is no price", "write a number, such as 4.20")


def _currency(text: str) -> str | Fault:
    if _CURRENCY.fullmatch(text):
        return text
    return Fault("bad-choice", f"'{text}' is no currency", "three letters by ISO 4217, such as CNY")


DECIMAL = TextKind("a number", _decimal, {"type": "number", "minimum": 0})

CONSENT: Key[bool] = Key(
    name="consent",
    kind=choice("what consent can be", {"required": True, "assumed": False}),
    about="required (a yes is needed) or assumed (only a no stops it)",
    required=True,
    example="required",
)
IGNORES: Key[tuple[Placed[str], ...]] = Key(
    name="ignores",
    kind=ListKind(
        "a list of rules", choice("a rule", {one: one for one in RULES}), or_one=True, or_none=True
    ),
    about="rules that do not hold its messages back: caps, quiet_hours, hold_while; caps count them all the same",
    example="[caps]",
)
TITLE: Key[dict[str, Placed[str]]] = Key(
    name="title",
    kind=Named("titles by locale", words.TEXT, _locale),
    about="what customers read it is called, by locale, where they choose what they want",
    example="{zh-CN: 养护提醒, en: Care reminders}",
)
PURPOSE = Table(title="a purpose", about="What a message is for.", keys=(CONSENT, IGNORES, TITLE))

AT_MOST: Key[int] = Key(
    name="at_most",
    kind=words.whole_number(1, 1_000, "a number of messages"),
    about="how many messages",
    required=True,
    example="4",
)
WITHIN: Key[Duration] = Key(
    name="within", kind=words.DURATION, about="in how long a time", required=True, example="30 days"
)
OVER: Key[tuple[Placed[str], ...]] = Key(
    name="over",
    kind=words.BY,
    about="the channels counted together; all when left out",
    example="[sms, email]",
)
PURPOSES_OF_CAP: Key[tuple[Placed[str], ...]] = Key(
    name="purposes",
    kind=words.NAMES,
    about="the purposes counted together; all when left out",
    example="[care]",
)
CAP = Table(
    title="a cap", about="How many messages a customer gets.", keys=(AT_MOST, WITHIN, OVER, PURPOSES_OF_CAP)
)

AFTER: Key[Duration] = Key(
    name="after",
    kind=words.DURATION,
    about="how long after it was tried; longer than the provider takes to tell",
    required=True,
    example="3 days",
)
THEN: Key[AfterAll] = Key(
    name="then",
    kind=choice("what becomes of it", {str(one): one for one in AfterAll}),
    about="leave (a person decides), failed, or send again (which may be for the second time)",
    required=True,
    example="failed",
)
UNSETTLED = Table(
    title="what is unsettled",
    about="What becomes of messages of which nobody can tell whether they were sent.",
    keys=(AFTER, THEN),
)

_FLEET_ABOUTS = {
    "km_per_day": "km a day of the median car",
    "spread": "how cars differ: standard deviation of the natural logarithm of km a day",
    "season": "how much more than the year's mean is driven at the peak of the year, a share",
    "season_peak": "the day of the year of that peak",
}
FLEET_KEYS: tuple[Key[float], ...] = tuple(
    Key(
        name=name,
        kind=DECIMAL,
        about=_FLEET_ABOUTS.get(name, f"{name.replace('_', ' ')} of the odometer's model"),
    )
    for name in Fleet.__struct_fields__
)
FLEET = Table(
    title="the fleet", about="How cars are driven before anything is known of one.", keys=FLEET_KEYS
)

TIMEZONE: Key[ZoneInfo] = Key(
    name="timezone",
    kind=TextKind("a time zone, such as Asia/Shanghai", _zone, words.STRING),
    about="the clock that journeys mean",
    required=True,
    example="Asia/Shanghai",
)
LOCALE: Key[str] = Key(
    name="locale",
    kind=TextKind("a locale, such as zh-CN", _locale, {"type": "string", "pattern": f"^{_LOCALE.pattern}$"}),
    about="the language of those who have not said which",
    required=True,
    example="zh-CN",
)
COUNTRY: Key[str] = Key(
    name="country",
    kind=TextKind("a country, such as CN", _country, {"type": "string", "pattern": "^[A-Z]{2}$"}),
    about="how telephone numbers without a country are read; the locale's when left out",
    example="CN",
)
BRAND: Key[str] = Key(
    name="brand",
    kind=words.TEXT,
    about="the brand of those of whom no other is known",
    required=True,
    example="michelin",
)
CHANNELS_KEY: Key[tuple[Placed[str], ...]] = Key(
    name="channels", kind=words.BY, about="the channels in use", required=True, example="[letter, email, sms]"
)
PURPOSES: Key[dict[str, Placed[Fields]]] = Key(
    name="purposes",
    kind=Named("purposes by name", MappingKind(PURPOSE), _purpose_name),
    about="what messages can be for, and the consent that each needs",
    required=True,
    example="{care: {consent: required}}",
)
QUIET_HOURS: Key[dict[str, Placed[Any]]] = Key(
    name="quiet_hours",
    kind=Named(
        "quiet hours by channel",
        TextKind('quiet hours, such as "21:00-09:00", or none', _quiet, words.STRING),
        _channel_name,
    ),
    about="when a channel's messages wait, by local time; none for a channel without",
    example='{sms: "21:00-09:00"}',
)
CAPS: Key[tuple[Placed[Fields], ...]] = Key(
    name="caps",
    kind=ListKind("a list of caps", MappingKind(CAP), or_none=True),
    about="how many messages a customer gets at most",
    example="[{at_most: 1, within: 1 day}]",
)
HOLD_WHILE: Key[tuple[Placed[str], ...]] = Key(
    name="hold_while",
    kind=ListKind(
        "a list of holds",
        choice("a hold", {one: one for one in HOLDS}, "unknown-hold"),
        or_one=True,
        or_none=True,
    ),
    about="while this is so, messages for purposes that need consent wait",
    example="[complaint open]",
)
UNSETTLED_KEY: Key[Fields] = Key(
    name="unsettled",
    kind=MappingKind(UNSETTLED),
    about="what becomes of messages of which nobody can tell whether they were sent; left as they are when left out",
    example="{after: 3 days, then: failed}",
)
COUNT_CLICKS: Key[bool] = Key(
    name="count_clicks",
    kind=words.TRUTH,
    about="whether the links of emails lead through the gateway, which records who followed them; not when left out",
    example="true",
)
SEND_AT: Key[time] = Key(
    name="send_at",
    kind=words.CLOCK,
    about="the time of day at which a distance is said to be reached; 10:00 when left out",
    example='"10:00"',
)
GRACE: Key[Duration] = Key(
    name="grace",
    kind=words.DURATION,
    about="how late a step may still be done; 7 days when left out",
    example="7 days",
)
PRICES: Key[dict[str, Placed[Decimal]]] = Key(
    name="prices",
    kind=Named(
        "prices by channel",
        TextKind("a price", _price, {"type": "number", "minimum": 0}),
        _channel_name,
    ),
    about="what a message costs, by channel, for reports",
    example="{letter: 4.20, sms: 0.05}",
)
CURRENCY: Key[str] = Key(
    name="currency",
    kind=TextKind("a currency, such as CNY", _currency, {"type": "string", "pattern": "^[A-Z]{3}$"}),
    about="the currency of the prices",
    example="CNY",
)
FLEET_KEY: Key[Fields] = Key(
    name="fleet", kind=MappingKind(FLEET), about="how cars are driven before anything is known of one"
)

POLICY = Table(
    title="the policy",
    about="What is true of all journeys of a project.",
    keys=(
        TIMEZONE,
        LOCALE,
        COUNTRY,
        BRAND,
        CHANNELS_KEY,
        PURPOSES,
        QUIET_HOURS,
        CAPS,
        HOLD_WHILE,
        UNSETTLED_KEY,
        COUNT_CLICKS,
        SEND_AT,
        GRACE,
        PRICES,
        CURRENCY,
        FLEET_KEY,
    ),
)

DEALER_KEYS: tuple[Key[str], ...] = tuple(
    Key(name=name, kind=words.TEXT, about=about)
    for name, about in (
        ("name", "its name"),
        ("city", "city"),
        ("district", "district"),
        ("address", "street and house"),
        ("postcode", "postcode"),
        ("phone", "telephone number"),
        ("email", "email address"),
        ("hours", "when it is open"),
    )
)
DEALER = Table(title="a dealer", about="A shop: what templates may say of it.", keys=DEALER_KEYS)
