"""A row → an event, or everything that is wrong with it.

| kind | event | id | 同意短信 | 同意邮件 | 电子通讯 |
|---|---|---|---|---|---|
| registration | `purchase.recorded` | `card-…` | sms/care | email/care | email/newsletter |
| prospects | `customer.registered` | `prospect-…` | sms/promotion | email/promotion | email/newsletter |

`time` is 12:00 at the place on the row's day; the id is derived from the dealer and what was read of the row, so the
same row is the same event in whatever file and however it is spelt.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from engine.intake.clean import clean_email, clean_plate, clean_vin
from engine.intake.phone import MobileCleaner
from engine.intake.sheets.cells import (
    Cell,
    Unreadable,
    count,
    day,
    kilometres,
    money,
    said,
    text_of,
    whole_digits,
    yes_or_no,
)
from engine.intake.sheets.headers import Header
from engine.model.ids import derive

T = TypeVar("T")


class RowFault(NamedTuple):
    """`member` is what the column means, `column` what the dealer calls it (the member, where there is none), `place`
    the column from 0 (None: there is none). `value` is what stands there: for the dealer, never for a log."""

    member: str
    column: str
    place: int | None
    reason: str
    value: str = ""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How rows are read. `brands` has, by a brand's id, its names (`brand_ids` is made of it); `today` is the last
    day that a row can be of."""

    kind: str
    dealer: str
    zone: ZoneInfo
    mobile: MobileCleaner
    brands: Mapping[str, Sequence[str]]
    today: date | None = None
    brand_ids: Mapping[str, str] = {}

    def __post_init__(self) -> None:
        names = {
            name.casefold(): brand for brand, own in self.brands.items() for name in (brand, *own) if name
        }
        msgspec.structs.force_setattr(self, "brand_ids", names)

    @property
    def source(self) -> str:
        return f"/dealers/{self.dealer}" if self.dealer else "/prospects"


class Read(NamedTuple):
    """`event` is a CloudEvent, None where there are faults."""

    event: dict[str, Any] | None
    faults: list[RowFault]


_HONORIFICS = ("先生", "女士", "小姐", "太太", "夫人")
_SALUTATIONS = {"男": "先生", "女": "女士", "m": "先生", "f": "女士", "male": "先生", "female": "女士"}
_ORIGINS = {
    "registration-card": "登记卡|注册卡|登记|registration card|registration-card|card",
    "exhibition": "展会|车展|展览|展览会|展销会|exhibition|show|fair|auto show|motor show|expo",
    "advertising": "广告|广告投放|媒体|advertising|advert|advertisement|ad|ads",
    "website": "网站|官网|网络|网上|线上|website|web|web site|site|online|internet",
    "hotline": "热线|电话|来电|400|客服热线|hotline|phone|call|call centre|call center",
    "referral": "推荐|转介绍|朋友推荐|介绍|老客户推荐|referral|referred|recommendation|friend|word of mouth",
}
_ORIGIN_OF = {name: origin for origin, names in _ORIGINS.items() for name in names.split("|")}
_REASONS = {
    **dict.fromkeys(("磨损", "正常磨损", "磨光", "wear", "worn out"), "worn"),
    **dict.fromkeys(("偏磨", "偏磨损", "异常磨损", "uneven wear"), "uneven-wear"),
    **dict.fromkeys(("老化", "龟裂", "aged", "age"), "ageing"),
    **dict.fromkeys(("扎胎", "爆胎", "扎钉", "漏气", "burst", "flat"), "puncture"),
    **dict.fromkeys(("升级", "换新", "改装"), "upgrade"),
}
_CARE = (
    ("consent_sms", "sms", "care"),
    ("consent_email", "email", "care"),
    ("newsletter", "email", "newsletter"),
)
_OFFERS = (
    ("consent_sms", "sms", "promotion"),
    ("consent_email", "email", "promotion"),
    ("newsletter", "email", "newsletter"),
)


def read_row(cells: Sequence[Cell], header: Header, how: Reading) -> Read:
    """The event of a row, or its faults."""
    row = _Row(cells, header)
    made = _card(row, how) if how.kind == "registration" else _prospect(row, how)
    if row.faults or made is None:
        return Read(None, row.faults)
    on, data = made
    prefix = "card" if how.kind == "registration" else "prospect"
    told = msgspec.json.encode([how.dealer, on.isoformat(), data], order="deterministic").decode()
    event = {
        "specversion": "1.0",
        "id": f"{prefix}-{derive(prefix, told)[:32]}",
        "source": how.source,
        "type": "purchase.recorded" if how.kind == "registration" else "customer.registered",
        "time": datetime.combine(on, time(12), how.zone).isoformat(),
        "data": data,
    }
    return Read(event, [])


class _Row:
    """Cells by what they mean; gathers what is wrong."""

    def __init__(self, cells: Sequence[Cell], header: Header) -> None:
        self._cells = cells
        self._header = header
        self.faults: list[RowFault] = []

    def cell(self, member: str) -> Cell:
        """The first that says something, of the columns that mean it."""
        for place in self._header.columns.get(member, ()):
            if place < len(self._cells) and said(self._cells[place]):
                return self._cells[place]
        return None

    def text(self, member: str) -> str:
        return said(self.cell(member))

    def read(self, member: str, how: Callable[[Cell], T | None], *, needed: str = "") -> T | None:
        """What `how` reads. A cell that it cannot read is a fault, and one that says nothing, if it is `needed`, which
        says why."""
        refused: tuple[int, Unreadable] | None = None
        for place in self._header.columns.get(member, ()):
            if place >= len(self._cells):
                continue
            try:
                value = how(self._cells[place])
            except Unreadable as error:
                refused = refused or (place, error)
                continue
            if value is not None:
                return value
        if refused is not None:
            self.fault(member, str(refused[1]), refused[0])
        elif needed:
            self.fault(member, needed)
        return None

    def fault(self, member: str, reason: str, place: int | None = None) -> None:
        places = self._header.columns.get(member, ())
        at = place if place is not None else (places[0] if places else None)
        shown = text_of(self._cells[at]) if at is not None and at < len(self._cells) else ""
        column = self._header.titles[at] if at is not None else member
        self.faults.append(RowFault(member, column, at, reason, shown))


def _day(row: _Row, how: Reading) -> date | None:
    on = row.read("date", day, needed="is missing; a row needs its day")
    if on is not None and how.today is not None and on > how.today:
        row.fault("date", "lies in the future")
    if on is not None and on.year < 1990:
        row.fault("date", "is too long ago to be true")
    return on


def _card(row: _Row, how: Reading) -> tuple[date, dict[str, Any]] | None:
    _dealer(row, how)
    on = _day(row, how)
    needed = "is missing; a card needs a mobile number, an email alone is not enough"
    person = _person(row, row.read("mobile", lambda cell: _mobile(cell, how), needed=needed))
    brand = row.read(
        "brand", lambda cell: _brand(cell, how), needed="is missing; a card needs the tyres' brand"
    )
    tyre = {
        "brand": brand,
        "pattern": row.text("pattern"),
        "size": row.text("size").upper().replace(" ", ""),
        "quantity": row.read("quantity", count),
        "unit_price": row.read("unit_price", money),
    }
    reason = row.text("reason")
    data = {
        "dealer": how.dealer,
        "customer": person,
        "vehicle": _vehicle(row),
        "tyres": [_filled(tyre)],
        "amount": row.read("amount", money),
        "reason": _REASONS.get(reason.casefold(), reason),
        "consent": _consents(row, _CARE, "registration card"),
    }
    return None if on is None or row.faults else (on, _filled(data))


def _prospect(row: _Row, how: Reading) -> tuple[date, dict[str, Any]] | None:
    _dealer(row, how)
    on = _day(row, how)
    mobile = row.read("mobile", lambda cell: _mobile(cell, how))
    person = _person(row, mobile)
    if not row.faults and not (mobile or person.get("email")):
        row.fault("mobile", "is missing, and so is an email: one of them is needed to reach the person")
    interest = row.text("interest")
    known = how.brand_ids.get(interest.casefold())
    data = {
        "dealer": how.dealer,
        "customer": person,
        "vehicle": _vehicle(row),
        "origin": row.read("origin", _origin, needed=f"is missing; one of {', '.join(_ORIGINS)}"),
        "interest": known or interest,
        "consent": _consents(row, _OFFERS, "prospects' list"),
    }
    return None if on is None or row.faults else (on, _filled(data))


def _dealer(row: _Row, how: Reading) -> None:
    """A column that names a dealer by id is to name the one whose file it is."""
    told = row.text("dealer").casefold()
    looks_like_an_id = told.isascii() and told.isalnum() and any(one.isdigit() for one in told)
    if how.dealer and looks_like_an_id and told != how.dealer.casefold():
        row.fault("dealer", f"is another dealer than {how.dealer}, whose file this is said to be")


def _person(row: _Row, mobile: str | None) -> dict[str, Any]:
    name = row.text("name")
    told = row.text("salutation")
    salutation = _SALUTATIONS.get(told.casefold(), told)
    for honorific in _HONORIFICS:
        if name.endswith(honorific) and len(name) > len(honorific):
            name, salutation = name.removesuffix(honorific).strip(), salutation or honorific
            break
    address = {
        "line": row.text("address"),
        "city": row.text("city"),
        "region": row.text("province"),
        "postcode": row.text("postcode"),
    }
    birthday = row.read("birthday", day)
    return _filled(
        {
            "name": name,
            "salutation": salutation,
            "mobile": mobile,
            "email": _compared(clean_email, row.text("email")),
            "member": row.text("member"),
            "birthday": birthday.isoformat() if birthday else None,
            "address": _filled(address),
        }
    )


def _vehicle(row: _Row) -> dict[str, Any]:
    make, model = row.text("make"), row.text("car")
    if not make and " " in model:
        make, _, model = model.partition(" ")
    return _filled(
        {
            "plate": _compared(clean_plate, row.text("plate")),
            "vin": _compared(clean_vin, row.text("vin")),
            "make": make,
            "model": model,
            "odometer_km": row.read("odometer", kilometres),
        }
    )


def _compared(clean: Callable[[str], str | None], text: str) -> str:
    """As it is compared; one that cannot be used as it stands: intake sets it aside."""
    return clean(text) or text


def _consents(row: _Row, columns: Sequence[tuple[str, str, str]], proof: str) -> list[dict[str, Any]]:
    said_of = [(row.read(member, yes_or_no), channel, purpose) for member, channel, purpose in columns]
    return [
        {"channel": channel, "purpose": purpose, "granted": granted, "proof": proof}
        for granted, channel, purpose in said_of
        if granted is not None
    ]


def _mobile(cell: Cell, how: Reading) -> str | None:
    digits = whole_digits(cell)
    if not digits:
        return None
    mobile = how.mobile(digits) or how.mobile(digits.replace("(", "").replace(")", ""))
    if mobile is None:
        raise Unreadable("is no valid mobile number")
    return mobile


def _brand(cell: Cell, how: Reading) -> str | None:
    told = said(cell).casefold()
    if not told:
        return None
    ids = how.brand_ids
    for spelt in (told, told.replace(" ", ""), told.removesuffix("轮胎"), told.removesuffix(" tyres")):
        if spelt in ids:
            return ids[spelt]
    near = get_close_matches(told, ids, 1, 0.5)
    names = {name.casefold(): name for names in how.brands.values() for name in names}
    hint = (
        f"did you mean {names.get(near[0], near[0])}?" if near else f"there are {', '.join(names.values())}"
    )
    raise Unreadable(f"is none of the programme's brands; {hint}")


def _origin(cell: Cell) -> str | None:
    told = said(cell).casefold()
    if told and told not in _ORIGIN_OF:
        raise Unreadable(f"is no origin that is known; there are {', '.join(_ORIGINS)}")
    return _ORIGIN_OF.get(told)


def _filled(members: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}
