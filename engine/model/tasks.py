"""Tasks: pieces of work for persons, on a dealer's list or on that of headquarters."""

from datetime import datetime
from enum import StrEnum

import msgspec

from engine.model.messages import Reason


class Assignee(StrEnum):
    """On whose list a task is."""

    DEALER = "dealer"
    HEADQUARTERS = "headquarters"


class TaskStatus(StrEnum):
    """`skipped`: when it was decided, it was too late for it."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


class Task(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One task, decided at `at`. `customer` is the contact and `vehicle` the plate or VIN, as in a message. `dealer` is
    whose list it is on, None for that of headquarters. `due_at` is until when it should be done."""

    id: str
    name: str
    journey: str
    step: str
    run: str
    customer_id: str
    customer: str | None
    vehicle: str | None
    assignee: Assignee
    dealer: str | None
    brand: str
    status: TaskStatus
    at: datetime
    due_at: datetime | None = None
    script: str | None = None
    reason: Reason | None = None


class TaskDone(msgspec.Struct, frozen=True):
    """What a `task.done` event says: the first one counts."""

    task_id: str
    outcome: str
    at: datetime
