"""By which words a customer is found at a reception, though only part of them is known, or one character is wrong.

| kind | word | finds |
|---|---|---|
| `plate` | `A12345|京`, the province last | `A12345`, `A123`, `京A1`; with one slip, the whole plate |
| `tail` | `54321A|京`: from the end | `345` |
| `name` | `王小芳`, `小芳`, `芳`; `wang`, `fang wang`, … | a name from any of its parts on |
| `mobile` | `8613800000001` | the number, or how it begins |
| `last` | `1000000083168` | its last digits, zeros and all |
| `email` | `w@example.cn` | the address, or how it begins |

A search is a list of ranges of words, each from its first to before its last, so that any database with an ordered
index does it.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple
from unicodedata import normalize

from engine.model.customer import Customer

LEAST_PLATE = 3
LEAST_DIGITS = 4
LEAST_EMAIL = 3
_APART = "|"
_END = "\U0010ffff"
_PROVINCE = re.compile(r"[^\x00-\x7f]")
_PLATE = re.compile(r"[^\x00-\x7f]?[A-Z0-9]{2,9}[^\x00-\x7f]?")
_NOT_COMPARED = re.compile(r"[\s.·•・‧∙\-‐-―]+")
_NUMBER = re.compile(r"\+?[\d\s\-().]+")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_ALIKE = {"0": "0O", "O": "O0", "1": "1I", "I": "I1", "8": "8B", "B": "B8"}
_MOST_ALIKE = 6
_LEAST_SLIPPED = 4
_MOST_NAME = 40
_INTERNATIONAL = 12

Word = tuple[str, str]
"""A kind and a word of it."""


class Range(NamedTuple):
    """Words of a kind from `low` to before `high`. `whole`: who is found has just what was asked for."""

    kind: str
    low: str
    high: str
    whole: bool = False


class Print(NamedTuple):
    """What of a document its words come from."""

    name: str | None
    mobile: str | None
    email: str | None
    plates: tuple[str, ...]


def print_of(customer: Customer) -> Print:
    profile = customer.profile
    name, mobile, email = profile.get("name"), profile.get("mobile"), profile.get("email")
    return Print(
        name.value if name else None,
        mobile.value if mobile else None,
        email.value if email else None,
        tuple(car.plate for car in customer.vehicles.values() if car.plate),
    )


def words_of(one: Print | None) -> set[Word]:
    if one is None:
        return set()
    words: set[Word] = set()
    for plate in one.plates:
        province, body = _parted(plate)
        words.add(("plate", f"{body}{_APART}{province}"))
        words.add(("tail", f"{body[::-1]}{_APART}{province}"))
    if one.name:
        words.update(("name", part) for part in _parts(str(one.name)))
    digits = "".join(sign for sign in str(one.mobile or "") if sign.isdigit())
    if digits:
        words |= {("mobile", digits), ("last", digits[::-1])}
    if one.email:
        words.add(("email", str(one.email).lower()))
    return words


def _parts(name: str) -> Iterator[str]:
    """The name from each of its parts on: from each word on, and from each character that is not a Latin letter."""
    whole = " ".join(normalize("NFKC", name).casefold().split())[:_MOST_NAME]
    yield whole
    for place in range(1, len(whole)):
        if whole[place - 1] == " " or (ord(whole[place]) > _LATIN and whole[place] != " "):
            yield whole[place:]


_LATIN = 0x24F


def _parted(plate: str) -> tuple[str, str]:
    """The province, empty where there is none, and the rest."""
    return (plate[0], plate[1:]) if _PROVINCE.match(plate) else ("", plate)


# What is asked for


def ranges_of(text: str, calling_code: str) -> list[Range]:
    """Where to look for what a person has typed; nowhere, where it is too little. `calling_code` (`86`) is that of
    mobiles without one, empty where nobody knows."""
    usual = " ".join(normalize("NFKC", text).split())
    if "@" in usual:
        email = usual.lower()
        return [_from("email", email)] if len(email) >= LEAST_EMAIL else []
    found = [*_plates(usual), *_numbers(usual, calling_code)]
    if not any(sign.isdigit() for sign in usual):
        found += _names(usual)
    return found


def slipped_ranges_of(text: str) -> list[Range]:
    """The plates from which what was typed differs by one slip: a character other, missing or too many, two in the
    wrong order, look-alikes, another province."""
    plate = _as_plate(normalize("NFKC", text))
    if plate is None:
        return []
    _, body = _parted(plate)
    if len(body) < _LEAST_SLIPPED:
        return []
    return [Range("plate", f"{one}{_APART}", f"{one}{_APART}{_END}") for one in sorted(_near(body))]


def _near(body: str) -> set[str]:
    near = {body}
    alike = [_ALIKE.get(sign, sign) for sign in body]
    if sum(len(one) > 1 for one in alike) <= _MOST_ALIKE:
        near |= {"".join(one) for one in product(*alike)}
    for place in range(len(body) + 1):
        before, rest = body[:place], body[place:]
        near |= {before + sign + rest for sign in _LETTERS}
        if rest:
            near.add(before + rest[1:])
            near |= {before + sign + rest[1:] for sign in _LETTERS}
        if len(rest) > 1:
            near.add(before + rest[1] + rest[0] + rest[2:])
    return near


def is_slip(text: str, plate: str) -> bool:
    """Whether the plate was found by a slip, and not as part of what was typed."""
    asked = _as_plate(normalize("NFKC", text))
    return asked is not None and asked not in plate


def _as_plate(text: str) -> str | None:
    plate = _NOT_COMPARED.sub("", text).upper()
    return plate if _PLATE.fullmatch(plate) and len(plate) >= LEAST_PLATE else None


def _plates(text: str) -> Iterable[Range]:
    plate = _as_plate(text)
    if plate is None:
        return
    province, body = _parted(plate)
    if province:
        yield Range("plate", f"{body}{_APART}{province}", f"{body}{_APART}{province}{_END}", whole=True)
        yield Range("plate", body, body + _END)
        return
    yield Range("plate", f"{body}{_APART}", f"{body}{_APART}{_END}", whole=True)
    yield _from("plate", body)
    yield _from("tail", body[::-1])


def _numbers(text: str, calling_code: str) -> Iterable[Range]:
    if not _NUMBER.fullmatch(text):
        return
    digits = "".join(sign for sign in text if sign.isdigit())
    if len(digits) < LEAST_DIGITS:
        return
    if len(digits) >= _INTERNATIONAL and digits.startswith("00"):
        digits = digits[2:]
    elif calling_code and not text.startswith("+"):
        yield _from("mobile", calling_code + digits)
    yield _from("mobile", digits)
    yield _from("last", digits[::-1])


def _names(text: str) -> Iterable[Range]:
    name = text.casefold()
    if len(name) > 1 or (name and ord(name[0]) > _LATIN):
        yield _from("name", name)
    if len(name) >= LEAST_EMAIL and name.isascii() and " " not in name:
        yield _from("email", name)


def _from(kind: str, word: str) -> Range:
    return Range(kind, word, word + _END)


def fits(one: Range, word: str, text: str) -> bool:
    """Whether a word in the range is meant: of a plate that was asked for with its province, only that province's."""
    if one.kind != "plate":
        return True
    asked = _as_plate(normalize("NFKC", text))
    province, _ = _parted(asked or "")
    return not province or word.endswith(_APART + province)
