"""Addresses to which nothing is sent any more, whoever asks for it and whosever they are.

An address is kept as a hash with a key that only the database has, so the list tells nobody where anyone can be
reached, and still knows an address when it is asked about it.
"""

import hmac
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from unicodedata import normalize

import msgspec

SECRET = "suppressions"  # noqa: S105 - the name of the key, not the key
"""The name of the secret with which addresses are hashed."""


class Cause(StrEnum):
    """Why nothing is sent there."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    BY_HAND = "by hand"
    FORGOTTEN = "forgotten"


class Address(NamedTuple):
    """Where a channel would write to. `text` of an email and of a mobile as they are written; of a postal address what
    `place_of` makes of it."""

    channel: str
    text: str


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """That nothing goes to an address, for that cause, since the moment of which `event` (its key in hex; empty where a
    person said so) speaks. One address may be there for several causes; of one, the latest word counts."""

    to: Address
    cause: Cause
    at: datetime
    event: str = ""


class Lifting(msgspec.Struct, frozen=True, kw_only=True):
    """That an address is free again of what was said against it for these causes up to `until` (None: whenever)."""

    to: Address
    causes: Collection[Cause] = tuple(Cause)
    until: datetime | None = None


class SuppressionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A suppression as it is kept: `hash` is all that there is of the address."""

    channel: str
    hash: bytes
    cause: Cause
    at: datetime
    event: str = ""


def normalised(to: Address) -> str:
    """An address as it is compared: an email in lower case, a mobile in E.164 without anything between its digits."""
    text = normalize("NFKC", to.text).strip()
    if to.channel == "sms":
        digits = "".join(one for one in text if one.isdigit())
        return f"+{digits.removeprefix('00')}" if text.startswith(("+", "00")) else digits
    return " ".join(text.lower().split())


def hashed(secret: bytes, to: Address) -> bytes:
    """32 bytes for an address, always the same for the same secret."""
    return hmac.digest(secret, f"{to.channel}\x1f{normalised(to)}".encode(), "sha256")


def row_of(secret: bytes, one: Suppression) -> SuppressionRow:
    return SuppressionRow(
        channel=one.to.channel, hash=hashed(secret, one.to), cause=one.cause, at=one.at, event=one.event
    )


def latest(rows: Iterable[SuppressionRow]) -> list[SuppressionRow]:
    """Of rows of the same address and cause the latest, in the order of their keys."""
    kept: dict[tuple[str, bytes, str], SuppressionRow] = {}
    for row in rows:
        key = (row.channel, row.hash, row.cause)
        known = kept.get(key)
        if known is None or row.at >= known.at:
            kept[key] = row
    return [kept[key] for key in sorted(kept)]


_PLACE = ("country", "region", "city", "district", "postcode", "line", "name")


def address_of(channel: str | None, address: Mapping[str, Any]) -> Address | None:
    """Where a message goes whose `address` (see `Message`) is this; None for one that goes nowhere."""
    text: object = None
    if channel == "sms":
        text = address.get("mobile")
    elif channel == "email":
        text = address.get("email")
    elif channel == "letter" and address.get("line"):
        # With the name: others may live in the same house.
        text = ", ".join(str(part) for one in _PLACE if (part := address.get(one)))
    return Address(channel, str(text)) if channel and text else None
