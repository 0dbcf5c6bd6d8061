"""Mobile numbers → E.164, by Google's libphonenumber.

A full parse takes about 100 µs. Most numbers come as plain national digits, and of those libphonenumber's own
table of the country tells at once what they are: digits that match the pattern of its mobile numbers, and
begin neither like a number dialled abroad nor with a trunk prefix, are read by a full parse as just these
digits after the country's code. (A property in the tests holds the one against the other.)
"""

import re
from collections.abc import Callable
from functools import lru_cache
from unicodedata import normalize

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

MobileCleaner = Callable[[str], str | None]

_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_REMEMBERED = 16384


def mobile_cleaner(country: str | None) -> MobileCleaner:
    """A function from a number as typed to E.164, or None where it is no mobile number that could be called.

    `country` (ISO 3166-1 alpha-2) is how numbers without a country are read; with None these are none.
    """
    as_digits = _by_pattern(country)

    @lru_cache(maxsize=_REMEMBERED)
    def clean(raw: str) -> str | None:
        return as_digits(raw) or by_library(raw, country)

    return clean


def by_library(raw: str, country: str | None) -> str | None:
    """The same by a full parse: any way of writing it, full-width digits and all."""
    try:
        number = phonenumbers.parse(normalize("NFKC", raw), country)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    if phonenumbers.number_type(number) not in _MOBILE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _by_pattern(country: str | None) -> MobileCleaner:
    metadata = PhoneMetadata.metadata_for_region(country, None) if country else None
    if metadata is None or metadata.mobile is None or not metadata.mobile.national_number_pattern:
        return lambda _raw: None
    digits = re.compile(rf"(?:{metadata.mobile.national_number_pattern})\Z", re.ASCII)
    prefixes = [metadata.international_prefix, metadata.national_prefix_for_parsing, "0"]
    other = re.compile("|".join(f"(?:{one})" for one in prefixes if one), re.ASCII)
    code = f"+{metadata.country_code}"

    def clean(raw: str) -> str | None:
        if raw.startswith(code):  # as it was cleaned before
            national = raw[len(code) :]
            return raw if digits.match(national) and not other.match(national) else None
        return code + raw if digits.match(raw) and not other.match(raw) else None

    return clean


def calling_code(country: str | None) -> str:
    """`86` for `CN`; empty where nobody knows."""
    code = phonenumbers.country_code_for_region(country) if country else 0
    return str(code) if code else ""
