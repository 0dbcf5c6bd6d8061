"""Layer 3: what the engine needs of the world, as small Protocols. Adapters live in `store`, `render` and
`channels/<name>`, and never import one another; `engine/wiring` alone knows which are in use. One contract
suite in `tests/contracts/` runs against every implementation of a port.
"""

from engine.ports.channel import Channel, Outgoing, Receipt
from engine.ports.clock import Clock
from engine.ports.renderer import Attachment, Rendered, Renderer
from engine.ports.store import (
    AlreadyLogged,
    FanOut,
    Lane,
    LoggedEvent,
    MessageFilter,
    MessageRow,
    NotClaimed,
    RejectionRow,
    Requeued,
    Store,
    Unit,
)

__all__ = [
    "AlreadyLogged",
    "Attachment",
    "Channel",
    "Clock",
    "FanOut",
    "Lane",
    "LoggedEvent",
    "MessageFilter",
    "MessageRow",
    "NotClaimed",
    "Outgoing",
    "Receipt",
    "RejectionRow",
    "Rendered",
    "Renderer",
    "Requeued",
    "Store",
    "Unit",
]
