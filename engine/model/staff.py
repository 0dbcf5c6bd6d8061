"""Who works with the pages for dealers, and what they may see."""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from unicodedata import normalize

import msgspec

SESSION_LASTS = timedelta(hours=12)
SESSION_IDLES = timedelta(hours=2)
LEAST_PASSWORD = 10
"""Characters."""
MOST_PASSWORD = 256
_NAME = re.compile(r"[\w][\w.@+\- ]{0,62}[\w]|\w")


class Role(StrEnum):
    """`headquarters` sees all dealers; the others see their own."""

    RECEPTION = "reception"
    MANAGER = "manager"
    HEADQUARTERS = "headquarters"


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may log in. `dealer` is None for headquarters, and for nobody else."""

    name: str
    role: Role
    dealer: str | None = None


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """`password` is its hash, never the password; `since` is when the person was added, `password_since` when the
    password was set."""

    staff: Staff
    password: str
    since: datetime
    password_since: datetime

    def __repr__(self) -> str:
        return f"Login({self.staff!r})"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Since when somebody is logged in, and when they were last seen."""

    staff: Staff
    begun_at: datetime
    seen_at: datetime

    def is_open(self, now: datetime) -> bool:
        return now - self.begun_at < SESSION_LASTS and now - self.seen_at < SESSION_IDLES


def clean_name(text: str) -> str | None:
    """A name as it is compared: usual characters, lower case, single blanks. None where it can be none."""
    name = " ".join(normalize("NFKC", text).casefold().split())
    return name if _NAME.fullmatch(name) else None
