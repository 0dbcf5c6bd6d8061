"""What may hold a customer's messages back, as the document keeps it: open complaints, what counts for the caps, and
the messages that are held."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from engine.model.messages import Message, Reason


class Complaint(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """When a complaint was opened and when it was settled, the latest of each by `time`; both None for one of which
    only news have come."""

    opened_at: datetime | None = None
    resolved_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Not settled, or opened once more after that. Of the same moment, settling counts."""
        if self.resolved_at is None:
            return True
        return self.opened_at is not None and self.opened_at > self.resolved_at


class Counted(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A message that counts for the caps: when it went on its way, and what they ask of it."""

    at: datetime
    channel: str
    purpose: str


class Hold(NamedTuple):
    """Why a message may not go now, and when it may; None while nobody can tell."""

    reason: Reason
    until: datetime | None


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`complaints` by their id. `counted` is in the order of decision, and holds what a cap may still count. `held`
    are messages by id, each as it was last decided: with `reason`, and `held_until` where that can be told."""

    complaints: dict[str, Complaint] = {}
    counted: tuple[Counted, ...] = ()
    held: dict[str, Message] = {}

    @property
    def complains(self) -> bool:
        """Whether a complaint is open."""
        return any(one.is_open for one in self.complaints.values())


NO_STANDING = Standing()
