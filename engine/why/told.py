"""What an account consists of: sentences for people, and beside them the facts for programs. Moments are RFC 3339 on
the policy's clock."""

from typing import Any

import msgspec


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a condition: `values` has what it looked at, each with the value it saw."""

    text: str
    holds: bool
    values: dict[str, Any]


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that was tried. `said` is what the customer said last of it, `granted` or `withdrawn`, None for
    nothing; `said_at` and `said_by` when, and in what type of event."""

    channel: str
    works: bool
    agreed: bool
    said: str | None
    said_at: str | None
    said_by: str | None
    address: bool
    text: bool


class MessageTold(msgspec.Struct, frozen=True, kw_only=True):
    """A message. `status` and `reason` are the ledger's, None where it has no such message; `decided` and
    `decided_reason` those of the replay, None where it comes to none."""

    message_id: str
    step: str
    template: str
    channel: str | None
    brand: str
    due_at: str
    decided_at: str
    status: str | None
    reason: str | None
    held_until: str | None
    sent_at: str | None
    decided: str | None
    decided_reason: str | None
    channels: list[Channel]


class OdometerTold(msgspec.Struct, frozen=True, kw_only=True):
    """The reckoning of a distance: from where to which mark, km. `km`, `low_km`, `high_km` and `km_per_day` are the
    estimate for now; `on`, `earliest` and `latest` the day on which the mark is likely to be passed and the 80 %
    interval around it. `readings` is how many there are to reckon from."""

    begin_km: int
    mark_km: int
    km: int | None = None
    low_km: int | None = None
    high_km: int | None = None
    km_per_day: float | None = None
    on: str | None = None
    earliest: str | None = None
    latest: str | None = None
    readings: int = 0


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, or did not, or is expected. `details` are further sentences."""

    at: str
    kind: str
    text: str
    details: list[str] = []
    conditions: list[Condition] = []
    message: MessageTold | None = None
    odometer: OdometerTold | None = None


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """A run from its start to its end, or something that could have begun one and did not, or what only the ledger
    knows. `kind` is `run`, `no run` or `ledger`; `state` of a run `under way` or `over`."""

    at: str
    kind: str
    title: str
    run: str | None = None
    key: str | None = None
    vehicle: str | None = None
    state: str | None = None
    entries: list[Entry] = []


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """`summary` answers in a few sentences; `chapters` are in order of time, `left_out` is how many earlier ones were
    left out; `next` is which messages and tasks are to be expected if nothing else happens. `notes` say what the
    account cannot tell."""

    at: str
    journey: str
    title: str
    status: str
    customer: str | None
    name: str | None
    summary: str
    chapters: list[Chapter]
    left_out: int
    next: list[Entry]
    notes: list[str]
