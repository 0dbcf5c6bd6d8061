"""Refused inputs, as stores keep them and show them: part of `Store`."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

import msgspec


class RejectionStatus(StrEnum):
    """What has become of a refused input: nothing yet; it was sent in again and taken; or nobody wants it mended."""

    OPEN = "open"
    RETRIED = "retried"
    DISMISSED = "dismissed"


class RejectionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A refused input. `id` is derived from its bytes, so that the same input is kept once. `status` is
    `open`, `retried` (and taken in) or `dismissed`. `dealer` is whose it is, empty where that cannot be told."""

    id: str
    file: str
    line: int
    field: str
    reason: str
    raw: bytes
    at: datetime
    status: str = "open"
    dealer: str = ""


class NumberedRejection(NamedTuple):
    """`number` says where it stands in the order in which they came."""

    number: int
    row: RejectionRow


class Rejections(Protocol):
    def rejections(self, status: str = "open") -> Iterator[RejectionRow]:
        """Refused inputs in the order in which they came."""
        ...

    def dealers_rejections(
        self, dealer: str, status: str, limit: int, after: int = 0
    ) -> list[NumberedRejection]:
        """Up to `limit` of a dealer's, in the order in which they came, those after the number."""
        ...

    def rejection(self, rejection_id: str) -> RejectionRow | None:
        """The one of that id, whatever has become of it."""
        ...
