"""Broadcasts, as every store keeps them: what goes out to all of an audience, by a schedule or because a person said
so, can be watched, paused and stopped. A store does so for all its partitions at once."""

from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from engine.model.events import Event
from engine.model.messages import Reason, Status


class FanOut(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule's moment (or an event about a place) on its way through all customers: those with an id up
    to `cursor` have had it, and of them `begun` began a run. `event` is the one about a place; `by_hand` is one that a
    person began, and `only_to` the template whose recipients alone it is for, if it is. While it is `paused` it stands
    still; `delay` is how long it has been so, for which its pace does not count. One that a person has ended before its
    end is `done` too, and `stopped` is when."""

    id: str
    journey: str
    at: datetime
    cursor: str = ""
    begun: int = 0
    done: bool = False
    event: Event | None = None
    by_hand: bool = False
    only_to: str = ""
    delay: timedelta = timedelta()
    paused: bool = False
    stopped: datetime | None = None

    def has_reached(self, customer_id: str) -> bool:
        """Whether it has come to a customer of the partition that it is told of, who was there by then."""
        return customer_id <= self.cursor or (self.done and self.stopped is None)


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """A fan-out in all partitions together: `begun` of all of them, `done` where every one is, `cursor` that of the one
    that is least far, `stopped` where any was. `share` is the part of all customers that it has come to (0 to 1): ids
    are hashes, so that where the cursor lies among all there could be says it; of several partitions the mean."""

    fan_out: FanOut
    share: float


class Broadcasts(Protocol):
    def begin_broadcast(self, fan_out: FanOut, *, shared: bool) -> bool:
        """Adds it, for the workers of all partitions where it is `shared`, else for the one process that works alone.
        False where one of its journey is under way: not done, or with messages that wait to be sent. Of several who
        begin at once, one does."""
        ...

    def courses_of(self, journey: str) -> list[Course]:
        """Those of a journey by its schedule or by hand, done or not, the newest first."""
        ...

    def fan_outs_to(self, customer_id: str) -> list[FanOut]:
        """Those by an event or by hand, done or not, the earliest first, as they stand in the partition that has the
        customer."""
        ...

    def pause(self, journey: str, at: datetime) -> bool:
        """From now on the journey's fan-outs stand still and its messages are not claimed; False where it was so."""
        ...

    def resume(self, journey: str, at: datetime) -> bool:
        """Ends that; what has passed meanwhile does not count for the pace. False where it was not paused."""
        ...

    def paused(self) -> dict[str, datetime]:
        """The journeys that are paused, and since when."""
        ...

    def stop_broadcasts(self, journey: str, at: datetime, *, shared: bool) -> int | None:
        """Ends the journey's open fan-outs where they stand and skips (`stopped`) what waits (queued or held) of those
        that are under way, from the earliest of them on; returns how many messages. None where none is under way.
        Where the store is `shared`, others are told of these. One transaction."""
        ...

    def under_way(self, journey: str) -> datetime | None:
        """When the earliest of the journey's fan-outs began that is not done, or of which messages wait (queued, held
        or claimed); None where there is none."""
        ...

    def tally(self, journey: str, since: datetime) -> dict[tuple[str, Status, Reason | None], int]:
        """How many of the journey's messages were decided at `since` or later: by channel (empty for none), status
        and reason."""
        ...
