"""What SQL stores read of broadcasts, each by statements of its own of the same names."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine.model.messages import Reason, Status
from engine.model.times import from_us, to_us
from engine.ports import FanOut
from engine.store import rows


class BroadcastsRead:
    """Part of a store that has `_read`: all rows of the statement of that name."""

    _read: Callable[..., list[tuple[Any, ...]]]

    def under_way(self, journey: str) -> datetime | None:
        [(at_us,)] = self._read("under_way", journey=journey)
        return rows.moment(at_us)

    def fan_outs_of(self, journey: str) -> list[FanOut]:
        return list(rows.to_fan_outs(self._read("fan_outs_of", journey=journey)))

    def broadcasts(self) -> list[FanOut]:
        return list(rows.to_fan_outs(self._read("broadcasts")))

    def paused(self) -> dict[str, datetime]:
        return {journey: from_us(since_us) for journey, since_us in self._read("pauses")}

    def tally(self, journey: str, since: datetime) -> dict[tuple[str, Status, Reason | None], int]:
        return rows.to_tally(self._read("tally", journey=journey, since_us=to_us(since)))
