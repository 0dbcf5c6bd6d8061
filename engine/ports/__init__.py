"""Layer 3: what the engine needs of the world, as small Protocols. Adapters live in `store`, `render` and
`channels/<name>`, and never import one another; `engine/wiring` alone knows which are in use. One contract
suite in `tests/contracts/` runs against every implementation of a port.
"""

from engine.ports.broadcasts import Broadcasts, Course, FanOut
from engine.ports.bus import Bus, Headers, Idle, Produced, Record, Stage
from engine.ports.channel import Answer, Channel, Outgoing, Receipt, Room
from engine.ports.clock import Clock
from engine.ports.deployments import DeployedMeanwhile, Deployments
from engine.ports.errors import TryAgain
from engine.ports.forms import Form, Pieces, Texts, Values, size_bytes
from engine.ports.keys import Keys
from engine.ports.metrics import Counter, Gauge, Histogram, Metrics
from engine.ports.partitions import Fenced, Progress, Publication, SharedStore, SharedUnit
from engine.ports.rejections import NumberedRejection, RejectionRow, Rejections, RejectionStatus
from engine.ports.renderer import Attachment, Rendered, Renderer
from engine.ports.staff import StaffBook
from engine.ports.store import (
    AlreadyLogged,
    Lane,
    LoggedEvent,
    MessageFilter,
    MessageRow,
    NotClaimed,
    Requeued,
    Store,
    TaskFilter,
    TaskRow,
    Unit,
)
from engine.ports.uploads import Uploads

__all__ = [
    "AlreadyLogged",
    "Answer",
    "Attachment",
    "Broadcasts",
    "Bus",
    "Channel",
    "Clock",
    "Counter",
    "Course",
    "DeployedMeanwhile",
    "Deployments",
    "FanOut",
    "Fenced",
    "Form",
    "Gauge",
    "Headers",
    "Histogram",
    "Idle",
    "Keys",
    "Lane",
    "LoggedEvent",
    "MessageFilter",
    "MessageRow",
    "Metrics",
    "NotClaimed",
    "NumberedRejection",
    "Outgoing",
    "Pieces",
    "Produced",
    "Progress",
    "Publication",
    "Receipt",
    "Record",
    "RejectionRow",
    "RejectionStatus",
    "Rejections",
    "Rendered",
    "Renderer",
    "Requeued",
    "Room",
    "SharedStore",
    "SharedUnit",
    "StaffBook",
    "Stage",
    "Store",
    "TaskFilter",
    "TaskRow",
    "Texts",
    "TryAgain",
    "Unit",
    "Uploads",
    "Values",
    "size_bytes",
]
