"""Sample data, made from the table of event types: a person, a car, what happened. All of it is made up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from engine.model.event_types import EventType, Kind, Member
from engine.model.events import Event

_TEXTS: Mapping[str, Mapping[str, Any]] = {
    "zh": {
        "name": "王芳",
        "salutation": "女士",
        "line": "幸福路1号",
        "district": "朝阳区",
        "city": "北京市",
        "region": "北京市",
        "make": "大众",
        "model": "帕萨特",
        "reason": "磨损",
        "interests": "自驾游",
        "work": "四轮定位",
        "adviser": "李强",
        "technician": "张伟",
        "text": "安装后方向盘抖动",
        "kind": "台风",
        "level": "橙色",
    },
    "en": {
        "name": "Fang Wang",
        "salutation": "Ms",
        "line": "1 Xingfu Road",
        "district": "Chaoyang",
        "city": "Beijing",
        "region": "Beijing",
        "make": "Volkswagen",
        "model": "Passat",
        "reason": "worn",
        "interests": "road trips",
        "work": "wheel alignment",
        "adviser": "Qiang Li",
        "technician": "Wei Zhang",
        "text": "The steering wheel shakes since the fitting.",
        "kind": "typhoon",
        "level": "orange",
    },
}
_SAME: Mapping[str, Any] = {
    "mobile": "+8613800000001",
    "email": "w@example.cn",
    "member": "M10001",
    "postcode": "100020",
    "country": "CN",
    "plate": "京A12345",
    "vin": "LSVAA4182E2123456",
    "pattern": "PRIMACY 4",
    "size": "205/55R16",
    "currency": "CNY",
    "complaint_id": "C-1001",
    "promotion": "spring",
    "survey": "after-visit",
    "year": 2022,
    "odometer_km": 43210,
    "quantity": 2,
    "unit_price": 780,
    "amount": 1560,
    "score": 9,
}
_DAYS_AHEAD = {
    "birthday": 12,
    "licence_renewal": 60,
    "inspection_due": 30,
    "insurance_due": 30,
    "warranty_end": 90,
}
_LEFT_OUT = frozenset({"consent"})
"""Consent is not what texts tell of."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What the samples are made for: in which locale, of which brand and dealer, at which moment."""

    locale: str
    brand: str
    dealer: str | None
    at: datetime


def sample_event(event_type: EventType, sample: Sample) -> Event:
    """An event of that type with every member in it."""
    data = _value("", event_type.data, sample)
    for name in _LEFT_OUT:
        data.pop(name, None)
    return Event(source="/preview", id=event_type.name, type=event_type.name, time=sample.at, data=data)


def _value(name: str, member: Member, sample: Sample) -> Any:
    if member.kind is Kind.OBJECT:
        made = {one: _value(one, inner, sample) for one, inner in member.members.items()}
        return {one: value for one, value in made.items() if value is not None}
    if member.kind is Kind.LIST:
        return [] if member.item is None else [_value(name, member.item, sample)]
    if name == "locale":
        return sample.locale
    if name == "brand":
        return sample.brand
    if name == "dealer":
        return sample.dealer
    if member.kind is Kind.DATE:
        return (sample.at + timedelta(days=_DAYS_AHEAD.get(name, 30))).date().isoformat()
    if member.kind is Kind.TIME:
        return sample.at.isoformat()
    return _leaf(name, member, sample)


def _leaf(name: str, member: Member, sample: Sample) -> Any:
    if member.choices or member.usual:
        return (member.choices or member.usual)[0]
    language = sample.locale.partition("-")[0]
    known = {**_SAME, **_TEXTS.get(language, _TEXTS["en"])}
    numbers = {Kind.NUMBER: 1, Kind.INTEGER: 1, Kind.BOOLEAN: True}
    value = known.get(name)
    if member.kind in numbers:
        return value if isinstance(value, int | float) else numbers[member.kind]
    return value if isinstance(value, str) else name
