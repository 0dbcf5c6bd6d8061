"""How each country writes an address: the lines below the receiver, what cannot be left out, and the postcode.

In a line of a layout each word is a part of the address; in capitals it is printed in capitals. What stands between two
parts is printed only where both are there.
"""

import re
from functools import cache

import msgspec
from babel import Locale

Layout = tuple[str, ...]


class Country(msgspec.Struct, frozen=True, kw_only=True):
    """`name` as it stands on what comes from abroad; None takes it from the table of all countries. `postcode` is a
    pattern of the whole, empty where the country has none or any will do."""

    layout: Layout = ("line", "district", "city postcode", "region")
    needs: tuple[str, ...] = ("line", "city", "postcode")
    postcode: str = ""
    name: str | None = None
    han: Layout | None = None

    def takes(self, postcode: str) -> bool:
        return not self.postcode or re.fullmatch(self.postcode, postcode.strip().upper()) is not None


_BEFORE = ("line", "postcode city")
_BEFORE_DISTRICT = ("line", "district", "postcode city")
_HAN = ("postcode", "region|city|district", "line")
_NO_POSTCODE = ("line",)


def _western(postcode: str, layout: Layout = _BEFORE) -> Country:
    return Country(layout=layout, postcode=postcode)


COUNTRIES: dict[str, Country] = {
    "CN": Country(
        layout=("line", "district, city postcode", "region"), postcode=r"\d{6}", name="CHINA", han=_HAN
    ),
    "HK": Country(
        layout=("line", "district", "region"), needs=_NO_POSTCODE, name="HONG KONG",
        han=("region|city|district", "line"),
    ),
    "MO": Country(
        layout=("line", "district"), needs=_NO_POSTCODE, name="MACAO", han=("region|city|district", "line")
    ),
    "TW": Country(
        layout=("line", "district, city postcode"), postcode=r"\d{3}(\d{2,3})?", name="TAIWAN", han=_HAN
    ),
    "SG": Country(
        layout=("line", "district", "SINGAPORE postcode"), needs=("line", "postcode"), postcode=r"\d{6}"
    ),
    "JP": Country(layout=("line", "district, city", "region postcode"), postcode=r"\d{3}-?\d{4}"),
    "KR": Country(layout=("line", "district", "city postcode", "region"), postcode=r"\d{5}", name="SOUTH KOREA"),
    "US": Country(
        layout=("line", "CITY, REGION postcode"), needs=("line", "city", "region", "postcode"),
        postcode=r"\d{5}([- ]?\d{4})?", name="UNITED STATES OF AMERICA",
    ),
    "CA": Country(
        layout=("line", "CITY REGION  POSTCODE"), needs=("line", "city", "region", "postcode"),
        postcode=r"[A-Z]\d[A-Z] ?\d[A-Z]\d",
    ),
    "AU": Country(
        layout=("line", "CITY REGION postcode"), needs=("line", "city", "region", "postcode"), postcode=r"\d{4}"
    ),
    "NZ": Country(layout=("line", "district", "city postcode"), postcode=r"\d{4}"),
    "GB": Country(
        layout=("line", "district", "CITY", "POSTCODE"), postcode=r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
        name="UNITED KINGDOM",
    ),
    "IE": Country(
        layout=("line", "district", "city", "region", "POSTCODE"), needs=("line", "city"),
        postcode=r"[A-Z]\d[\dW] ?[A-Z\d]{4}",
    ),
    "AT": _western(r"\d{4}"),
    "BE": _western(r"\d{4}"),
    "CH": _western(r"\d{4}"),
    "CZ": _western(r"\d{3} ?\d{2}"),
    "DE": _western(r"\d{5}"),
    "DK": _western(r"\d{4}"),
    "ES": _western(r"\d{5}", ("line", "postcode city", "region")),
    "FI": _western(r"\d{5}"),
    "FR": _western(r"\d{5}", ("line", "district", "postcode CITY")),
    "IT": _western(r"\d{5}", ("line", "postcode city REGION")),
    "LU": _western(r"\d{4}"),
    "NL": _western(r"\d{4} ?[A-Z]{2}", ("line", "POSTCODE CITY")),
    "NO": _western(r"\d{4}"),
    "PL": _western(r"\d{2}-\d{3}"),
    "PT": _western(r"\d{4}-\d{3}"),
    "SE": _western(r"\d{3} ?\d{2}"),
    "IN": Country(postcode=r"\d{3} ?\d{3}"),
    "MY": Country(layout=("line", "postcode city", "region"), postcode=r"\d{5}"),
    "TH": Country(postcode=r"\d{5}"),
    "VN": Country(needs=("line", "city"), postcode=r"\d{5,6}"),
    "ID": Country(postcode=r"\d{5}"),
    "PH": Country(layout=("line", "district", "postcode city", "region"), postcode=r"\d{4}"),
    "BR": Country(layout=("line", "district", "city-REGION", "postcode"), postcode=r"\d{5}-?\d{3}"),
    "MX": Country(layout=("line", "district", "postcode city, region"), postcode=r"\d{5}"),
    "RU": Country(layout=("line", "city", "region", "postcode"), postcode=r"\d{6}"),
}  # fmt: skip

ELSEWHERE = Country(layout=(*_BEFORE_DISTRICT, "region"), needs=("line", "city"))
"""Of a country that the table does not have, nothing is known of postcodes."""


def country(code: str) -> Country:
    return COUNTRIES.get(code, ELSEWHERE)


@cache
def name_of(code: str) -> str | None:
    """The country's name as it stands on letters from abroad; None where there is no such country."""
    known = COUNTRIES.get(code)
    if known is not None and known.name:
        return known.name
    found = Locale("en").territories.get(code) if len(code) == 2 and code.isalpha() else None
    return None if found is None or code in ("EU", "EZ", "UN", "XA", "XB", "ZZ") else str(found).upper()
