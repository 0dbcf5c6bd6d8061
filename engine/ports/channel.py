"""A way to reach a customer."""

from typing import Protocol

import msgspec

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


class Channel(Protocol):
    """`repeatable` is true where delivering the same message again changes nothing (a file of the message's
    name, an SMS with a client reference): after a crash the sender asks `recover`, and does it again where
    the channel knows nothing. Where it is false, a message whose hand-over was cut short becomes
    `unknown`."""

    name: str
    repeatable: bool

    def check(self) -> str:
        """Whether it could be used at present, without sending anything or leaving anything behind. Returns, for the
        operator, where messages go; raises `ServiceUnavailable` as `deliver` would."""
        ...

    def deliver(self, outgoing: Outgoing) -> Receipt:
        """Hands the message over. Where it was certainly not taken, raises `DeliveryError` if that lies with
        this message (`permanent` where trying again cannot help), and `ServiceUnavailable` if the channel
        cannot be used at present, for this brand at least: then the message waits, without having been
        tried. The error names no person, and of one trouble says the same for every message."""
        ...

    def recover(self, message: Message) -> Receipt | None:
        """After a crash: the receipt of a message that was handed over whole. Otherwise None, and what was
        begun is cleared away. Asked of repeatable channels only. Raises `ServiceUnavailable` where it cannot
        tell at present: then it is asked again."""
        ...
