"""A way to reach a customer."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from engine.model.errors import DeliveryError, ServiceUnavailable, Unsettled
from engine.model.messages import Message
from engine.ports.renderer import Rendered


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    message: Message
    rendered: Rendered


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider said on taking a message: its own id for it, where it lies, how many parts it
    took."""

    provider_id: str = ""
    place: str = ""
    parts: int = 1


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """How many `messages` the provider's rate lets go now; where none, it does so again in `again_s`."""

    messages: int
    again_s: float = 0.0


Answer = Receipt | DeliveryError | ServiceUnavailable | Unsettled
"""What became of one message. `DeliveryError`: it was certainly not taken, and that lies with this message
(`permanent` where trying again cannot help). `ServiceUnavailable`: it was certainly not taken, as the channel cannot
be used at present, for this brand at least; it waits, without having been tried. `Unsettled`: nobody can tell. Errors
name no person, and of one trouble say the same for every message."""


class Channel(Protocol):
    """`repeatable` is true where delivering the same message again changes nothing (a file of the message's
    name, an SMS with a client reference): after a crash the sender asks `recover`, and does it again where
    the channel knows nothing. Where it is false, a message whose hand-over was cut short becomes
    `unknown`, unless the channel knows that it has it. `batch` is how many are handed over at a time at most;
    `takes_forms` says that it wants them as forms with their values, where they can be (`Rendered.form`)."""

    name: str
    repeatable: bool
    batch: int
    takes_forms: bool

    def check(self) -> str:
        """Whether it could be used at present, without sending anything or leaving anything behind. Returns, for the
        operator, where messages go; raises `ServiceUnavailable` where `deliver` would answer it."""
        ...

    def room(self) -> Room:
        """Asked before each group: nothing is begun that would have to wait for its turn."""
        ...

    def deliver(self, outgoings: Sequence[Outgoing]) -> Sequence[Answer]:
        """Hands messages over, at most `batch` and as many as there is `room` for, all of one brand: an answer to each,
        in their order. What passes by itself within a second is its own affair. For longer it keeps none that is not
        with the provider, as nobody could call it back: that is answered with `ServiceUnavailable`, and when to come
        again, and is asked about anew then. What it raises counts for all: `ServiceUnavailable` as that answer,
        anything else as `Unsettled`."""
        ...

    def recover(self, message: Message) -> Receipt | None:
        """After a crash: the receipt of a message that was handed over whole. Otherwise None, and what was
        begun is cleared away; of a channel that is not repeatable, None says nothing. Raises
        `ServiceUnavailable` where it cannot tell at present: then it is asked again."""
        ...

    def close(self) -> None:
        """Lets go of connections and files. It may be used again, and opens them anew then."""
        ...
