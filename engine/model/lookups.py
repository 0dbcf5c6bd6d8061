"""Who looked up whom: the trail of look-ups."""

import re
from datetime import datetime

import msgspec

_DIGITS = re.compile(r"\d(?:[\s\-().]*\d){6,}")


class Lookup(msgspec.Struct, frozen=True, kw_only=True):
    """A search, or a page that was opened (`opened`). `asked` is what was typed, mobile numbers masked; `shown` are the
    ids of the customers that were shown. `more` tells that there were more of them. `number` is 0 until it is kept."""

    number: int = 0
    at: datetime
    staff: str
    dealer: str | None
    asked: str = ""
    opened: bool = False
    shown: tuple[str, ...] = ()
    more: bool = False


def masked(asked: str) -> str:
    """What was typed, seven digits or more as their last four only."""
    return _DIGITS.sub(lambda found: "***" + re.sub(r"\D", "", found[0])[-4:], asked.strip())[:80]
