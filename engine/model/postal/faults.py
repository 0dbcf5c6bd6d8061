"""What keeps a letter from reaching its address, as far as the address tells."""

from collections.abc import Mapping
from typing import Any

from engine.model.postal.countries import country, name_of
from engine.model.postal.layout import address_lines, country_of, text_of
from engine.model.postal.window import LINES, WIDTH_MM, lines_taken

_NAMES = {"line": "street", "region": "province or state"}


def fault_of(address: Mapping[str, Any], *, locale: str, home: str | None) -> str:
    """Why no letter can be sent to `address`, in a sentence that tells nothing of it; empty where one can."""
    code = country_of(address, home)
    if not code:
        return "The address names no country."
    if name_of(code) is None:
        return "The address's country is none: it is written as two letters, such as CN (ISO 3166-1)."
    rules = country(code)
    for part in ("name", *rules.needs):
        if not text_of(address, part):
            return f"The address has no {_NAMES.get(part, part)}."
    postcode = text_of(address, "postcode")
    if postcode and not rules.takes(postcode):
        return f"The address's postcode is none of {name_of(code)}."
    return _fault_in_window(address_lines(address, locale=locale, home=home))


def _fault_in_window(lines: list[str]) -> str:
    taken = [lines_taken(line) for line in lines]
    if None in taken:
        return f"A word of the address is wider than the envelope's window ({WIDTH_MM:g} mm)."
    total = sum(one for one in taken if one is not None)
    if total > LINES:
        return f"The address takes {total} lines; {LINES} are seen through the envelope's window."
    return ""
