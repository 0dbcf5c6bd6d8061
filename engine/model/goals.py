"""How the goal of a journey is reached: by runs whose messages were sent, and by those that were held out."""

from datetime import datetime

import msgspec


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A run of a journey that has a goal has begun; the goal counts if it is reached by `until`."""

    run: str
    journey: str
    customer_id: str
    held_out: bool
    started_at: datetime
    until: datetime


class Reached(msgspec.Struct, frozen=True):
    """A run's goal was reached at that moment; the earliest counts."""

    run: str
    at: datetime


class GoalCount(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of a journey on one side: how many have begun, in how many the goal was reached, and in how many it may
    be yet."""

    journey: str
    held_out: bool
    runs: int
    reached: int
    open: int
