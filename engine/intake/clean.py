"""Identifiers as they are compared, and what cannot be used set aside.

| identifier | cleaned |
|---|---|
| `mobile` | E.164 (`+8613800000001`): a valid number that can be a mobile |
| `email` | lower case; plausible, not proven |
| `member` | no blanks around it |
| `plate`, `vin` | upper case, without blanks, dots and hyphens |

All are first brought to their usual characters (Unicode NFKC), so that full-width digits and letters count.

A text that cannot be such an identifier (`12345` for a mobile, 无牌, "no plate", for a plate) would tie
strangers together, or be written to. It leaves its place and is kept, as it came, under `data.unusable` by
its path: `{"customer.mobile": "12345"}`. So does a number that cannot be (an odometer below zero). What
remains in its place can be relied on by everything that follows.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from unicodedata import is_normalized, normalize

import msgspec

from engine.intake.phone import mobile_cleaner
from engine.model.event_types import EventType, Kind
from engine.model.events import Event
from engine.model.identity import Identifier

PERSON_KINDS = ("mobile", "email", "member")
"""What a person is known by; the first that is known to lead somewhere counts."""

CAR_KINDS = ("plate", "vin")

SET_ASIDE = "unusable"
"""The member of `data` that holds what was set aside."""

Clean = Callable[[Any], Any]
"""A value as compared, None where it cannot be used."""

_MOST_EMAIL = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
_EMAIL = re.compile(
    r"[^\s@,;:<>()\[\]\"\\\x00-\x1f]{1,64}@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*[^\W_]"
)
_PLAIN_EMAIL = re.compile(r"[a-z0-9][a-z0-9_.+-]{0,60}@[a-z0-9]+(?:\.[a-z0-9]+)*\.[a-z]{2,9}")
_PLAIN_PLATE = re.compile(r"[一-鿿]?[A-Z0-9]{4,9}")
_NOT_COMPARED = re.compile(r"[\s.·•・‧∙\-‐-―]+")
_TELLING = re.compile(r"[0-9A-Z]")
_PLATE_LENGTHS = range(2, 16)
_VIN = re.compile(r"[0-9A-Z]{6,20}")


def clean_email(raw: str) -> str | None:
    if _PLAIN_EMAIL.fullmatch(raw) and len(raw) <= _MOST_EMAIL:
        return raw
    email = _usual(raw).strip().lower()
    return email if len(email) <= _MOST_EMAIL and _EMAIL.fullmatch(email) else None


def clean_member(raw: str) -> str | None:
    """Any text that holds a letter or a digit."""
    member = _usual(raw).strip()
    return member if any(one.isalnum() for one in member) else None


def clean_plate(raw: str) -> str | None:
    """A plate holds a Latin letter or a digit somewhere; 无牌 and 临时 do not."""
    if _PLAIN_PLATE.fullmatch(raw):
        return raw
    plate = _NOT_COMPARED.sub("", _usual(raw)).upper()
    return plate if len(plate) in _PLATE_LENGTHS and _TELLING.search(plate) else None


def clean_vin(raw: str) -> str | None:
    """17 characters since 1981 (ISO 3779), fewer before; one character again and again is none."""
    vin = raw
    if not _VIN.fullmatch(vin):
        vin = _NOT_COMPARED.sub("", _usual(raw)).upper()
        if not _VIN.fullmatch(vin):
            return None
    return vin if vin.count(vin[0]) < len(vin) else None


def _usual(raw: str) -> str:
    return raw if is_normalized("NFKC", raw) else normalize("NFKC", raw)


def _at_least(minimum: float) -> Clean:
    return lambda value: value if value >= minimum else None


class Cleaner:
    """Cleans the `data` of one type of event: what the table says identifies, or has a minimum."""

    def __init__(self, event_type: EventType, country: str | None) -> None:
        cleans = _cleans(country)
        plan: dict[str, list[tuple[str, Clean]]] = {}
        for name, part in event_type.data.members.items():
            for inner, member in part.members.items() if part.kind is Kind.OBJECT else ():
                if member.identifies:
                    plan.setdefault(name, []).append((inner, cleans[member.identifies]))
                elif member.minimum is not None:
                    plan.setdefault(name, []).append((inner, _at_least(member.minimum)))
        self._plan = tuple((name, tuple(cleans)) for name, cleans in plan.items())

    def clean(self, data: dict[str, Any]) -> None:
        """Cleans `data`, whose members have been checked, in place."""
        for name, cleans in self._plan:
            part = data.get(name)
            if part is None:
                continue
            for member, clean in cleans:
                raw = part.get(member)
                if raw is None:
                    continue
                value = clean(raw)
                if value is None:
                    set_aside(data, name, member)
                elif value is not raw:
                    part[member] = value


def clean_contact(text: str, country: str | None) -> list[Identifier]:
    """What `text`, as a person types it to find somebody, can be: the identifiers to look for."""
    found = [(kind, clean(text)) for kind, clean in _cleans(country).items()]
    return [(kind, value) for kind, value in found if value is not None]


def _cleans(country: str | None) -> Mapping[str, Clean]:
    return {
        "mobile": mobile_cleaner(country),
        "email": clean_email,
        "member": clean_member,
        "plate": clean_plate,
        "vin": clean_vin,
    }


def set_aside(data: dict[str, Any], name: str, member: str) -> None:
    """Moves `data[name][member]` to where unusable values are kept, in place."""
    aside = data.get(SET_ASIDE)
    if not isinstance(aside, dict):
        aside = {} if aside is None else {SET_ASIDE: aside}
        data[SET_ASIDE] = aside
    aside[f"{name}.{member}"] = data[name].pop(member)


class Unusable(msgspec.Struct, frozen=True):
    """A value of an accepted event that was set aside: `field` is where it stood. What stood there is not
    repeated: it may be personal."""

    field: str
    reason: str


_PATH = re.compile(r"[a-z]+\.[a-z_]+")
_REASONS = {
    "mobile": "is no valid mobile number",
    "email": "is no email address",
    "member": "is no member number",
    "plate": "is no number plate",
    "vin": "is no vehicle identification number",
    "odometer_km": "cannot be a reading of an odometer",
}


def unusable(event: Event) -> tuple[Unusable, ...]:
    """What was set aside of an accepted event: notes on the quality of its data. What else the sender keeps in a
    member of that name is no note."""
    aside = event.data.get(SET_ASIDE)
    if not isinstance(aside, dict):
        return ()
    return tuple(
        Unusable(f"data.{path}", reason)
        for path in aside
        if (reason := _REASONS.get(path.rpartition(".")[2])) and _PATH.fullmatch(path)
    )
