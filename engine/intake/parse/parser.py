"""The way of a line from one end to the other; the stages are numbered as in the package's docstring."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from engine.intake.clean import Cleaner
from engine.intake.parse.blanks import drop_blanks
from engine.intake.parse.envelope import ENVELOPE
from engine.intake.parse.faults import Fault
from engine.intake.parse.json_text import read_object
from engine.intake.parse.moments import moment
from engine.intake.parse.needs import Need, needs_of
from engine.intake.parse.quick import Times, quick_check
from engine.intake.parse.strict import Strict
from engine.model.diagnostics import Rejection
from engine.model.event_types import EVENT_TYPES, EventType
from engine.model.events import Event


class Parser:
    """Reads events of `event_types`. `country` (ISO 3166-1 alpha-2, such as CN) is how mobile numbers without
    a country are read; None takes only those that say theirs."""

    def __init__(
        self, event_types: Mapping[str, EventType] = EVENT_TYPES, country: str | None = None
    ) -> None:
        self._event_types = event_types
        self._quick = quick_check(event_types)
        self._strict = Strict(event_types)
        self._cleaners = {name: Cleaner(one, country) for name, one in event_types.items()}
        self._needs: dict[str, tuple[Need, ...]] = {name: needs_of(one) for name, one in event_types.items()}

    def parse(self, raw: bytes, file: str = "", line: int = 0) -> Event | list[Rejection]:
        """The event in `raw`, or everything that is wrong with it. Never raises for what `raw` holds.

        `file` and `line` (from 1) only go into the rejections.
        """
        read = read_object(raw)  # 1
        if isinstance(read, Fault):
            return _rejected([read], raw, file, line)
        value, may_hold_blanks = read
        times = None if may_hold_blanks else self._quick(value)  # 3
        if times is None:
            judged = self._judge(value)
            if isinstance(judged, list):
                return _rejected(judged, raw, file, line)
            value, times = judged
        name, data = value["type"], value["data"]
        self._cleaners[name].clean(data)  # 5
        for need in self._needs[name]:  # 6
            if faults := need(data):
                return _rejected(faults, raw, file, line)
        return Event(
            source=value["source"], id=value["id"], type=name, time=times[0], data=data, recorded=times[1]
        )

    def _judge(self, value: dict[str, Any]) -> tuple[dict[str, Any], Times] | list[Fault]:
        """What the quick way did not accept, or was not asked about."""
        drop_blanks(value, ENVELOPE.members)  # 2
        event_type = self._event_type(value)
        data = value.get("data")
        if event_type is not None and isinstance(data, dict):
            drop_blanks(data, event_type.data.members)
            if times := self._quick(value):  # 3
                return value, times
        checked = self._strict.check(value)  # 4
        if isinstance(checked, list):
            return checked + self._further(value, checked)
        recorded = checked.get("recordedtime")
        return checked, (moment(checked["time"]), None if recorded is None else moment(recorded))

    def _further(self, value: dict[str, Any], faults: list[Fault]) -> list[Fault]:
        """Faults beyond one member, where only what is around `data` is at fault otherwise."""
        event_type = self._event_type(value)
        data = value.get("data")
        at_fault = any(one.field.startswith("data") for one in faults)
        if event_type is None or not isinstance(data, dict) or at_fault:
            return []
        self._cleaners[event_type.name].clean(data)
        return list(next((found for need in self._needs[event_type.name] if (found := need(data))), ()))

    def _event_type(self, value: dict[str, Any]) -> EventType | None:
        name = value.get("type")
        return self._event_types.get(name) if isinstance(name, str) else None


def _rejected(faults: Sequence[Fault], raw: bytes, file: str, line: int) -> list[Rejection]:
    return [
        Rejection(
            file=file, line=line, field=one.field, reason=f"{one.field or 'the line'} {one.reason}", raw=raw
        )
        for one in faults
    ]


def joined(rejections: Sequence[Rejection]) -> Rejection:
    """All that is wrong with one line as one rejection: the first fault's field, every fault's reason."""
    return msgspec.structs.replace(rejections[0], reason="; ".join(one.reason for one in rejections))
