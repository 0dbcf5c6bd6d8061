"""What SQL stores read of broadcasts, each by statements of its own of the same names."""

from collections.abc import Callable
from datetime import datetime
from statistics import fmean
from typing import Any

from engine.model.messages import Reason, Status
from engine.model.times import from_us, to_us
from engine.ports import Course, FanOut
from engine.store import rows

WHOLE = "whole"
"""Stands for the cursor of one that has come to all customers."""

_DIGITS = 6
_PLACES: float = 16.0**_DIGITS


class BroadcastsRead:
    """Part of a store that has `_read`: all rows of the statement of that name."""

    _read: Callable[..., list[tuple[Any, ...]]]

    def under_way(self, journey: str) -> datetime | None:
        [(at_us,)] = self._read("under_way", journey=journey)
        return rows.moment(at_us)

    def courses_of(self, journey: str) -> list[Course]:
        found = self._read("courses_of", journey=journey)
        fan_outs = rows.to_fan_outs(row[:-1] for row in found)
        return [
            Course(fan_out=one, share=share_of(row[-1])) for one, row in zip(fan_outs, found, strict=True)
        ]

    def fan_outs_to(self, customer_id: str) -> list[FanOut]:
        return list(rows.to_fan_outs(self._read("fan_outs_to", customer=customer_id)))

    def paused(self) -> dict[str, datetime]:
        return {journey: from_us(since_us) for journey, since_us in self._read("pauses")}

    def tally(self, journey: str, since: datetime) -> dict[tuple[str, Status, Reason | None], int]:
        return rows.to_tally(self._read("tally", journey=journey, since_us=to_us(since)))


def share_of(cursors: str) -> float:
    """The part of all customers (0 to 1), by the cursors of all partitions, with a comma between them."""
    return fmean(_share(one) for one in cursors.split(","))


def _share(cursor: str) -> float:
    """Where the id lies among all there could be."""
    if cursor == WHOLE:
        return 1.0
    try:
        return int(cursor[:_DIGITS].ljust(_DIGITS, "0"), 16) / _PLACES
    except ValueError:
        return 0.0
