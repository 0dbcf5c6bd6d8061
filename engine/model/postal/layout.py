"""An address as the lines of an envelope."""

import re
from collections.abc import Mapping
from typing import Any

from engine.model.postal.countries import Layout, country, name_of

_PIECE = re.compile(r"(\w+)")
_NOTHING = frozenset(
    {"无", "没有", "不详", "未知", "暂无", "na", "n a", "none", "null", "nil", "unknown", "tbd"}
)


def is_missing(value: Any) -> bool:
    """Whether a part of an address says nothing: empty, blanks, `-`, or a word that people write into a form's field
    to get on (`N/A`, `不详`)."""
    words = " ".join(re.findall(r"\w+", str(value or "").replace("_", " "))).casefold()
    return not words or words in _NOTHING


def text_of(address: Mapping[str, Any], part: str) -> str:
    """A part of the address in one line, without what nobody can see; empty where it says nothing."""
    value = address.get(part)
    if is_missing(value):
        return ""
    shown = "".join(char if char.isprintable() else " " for char in str(value))
    return " ".join(shown.split())


def country_of(address: Mapping[str, Any], home: str | None) -> str:
    """The address's country, by its code; the sender's where it names none."""
    return (text_of(address, "country") or home or "").upper()


def address_lines(address: Mapping[str, Any], *, locale: str, home: str | None) -> list[str]:
    """What stands in the window of a letter in `locale` that is posted in the country `home`: the lines from top to
    bottom, none of them empty. `address` has `name`, `salutation`, `line`, `district`, `city`, `region`, `postcode`,
    `country`, each of which may be missing."""
    code = country_of(address, home)
    rules = country(code)
    name = text_of(address, "name")
    if rules.han is not None and locale.partition("-")[0] == "zh":
        receiver = f"{name}{text_of(address, 'salutation')} 收" if name else ""
        lines = [*_laid_out(address, rules.han), receiver]
    else:
        lines = [name, *_laid_out(address, rules.layout)]
    if home and code != home.upper():
        lines.append(name_of(code) or code)
    return [line for line in lines if line]


def _laid_out(address: Mapping[str, Any], layout: Layout) -> list[str]:
    return [_run_on(address, line) if "|" in line else _line(address, line) for line in layout]


def _line(address: Mapping[str, Any], pattern: str) -> str:
    """`district, city postcode`, with what stands between parts only where it stands between parts that are there."""
    line = between = ""
    for n, piece in enumerate(_PIECE.split(pattern)):
        if n % 2 == 0:
            between = piece
            continue
        value = text_of(address, piece.lower()) or (piece if piece == "SINGAPORE" else "")
        if value:
            line += (between if line else "") + (value.upper() if piece.isupper() else value)
    return line


def _run_on(address: Mapping[str, Any], pattern: str) -> str:
    """`region|city|district`, as Chinese writes them: each once, though a city that is its own province is often given
    as both, and the district again at the beginning of the street."""
    line = text_of(address, "line")
    told = ""
    for part in pattern.split("|"):
        value = text_of(address, part)
        if value and not told.endswith(value) and not line.startswith(value):
            told += value
    return told
