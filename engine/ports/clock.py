"""The time of day, as the engine may know it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC; never earlier than the one before."""
        ...
