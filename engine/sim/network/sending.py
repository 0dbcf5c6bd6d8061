"""How a deed becomes a line: the dealer's writing, the odometer read wrongly now and then, the delay until it
is sent, and what is sent twice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from engine.sim.network.lots import Lots
from engine.sim.network.people import email_of
from engine.sim.network.story import Deed

ZONE = "+08:00"
LATE = timedelta(days=1)
"""What is recorded later than this counts as late in the truth."""

_DELAY_HOURS = (2.5, 1.2)
_LONGEST_USUAL_DELAY_HOURS = 20.0
_LATE_SHARE = 0.04
_LATE_DAYS = (3.0, 40.0)
_TWICE_SHARE = 0.025
_WRONG_READING_SHARE = 0.03
_UNTIDY_SHARE = 0.06
_MISTAKEN_SHARE = 0.02
_KM_A_MILE = 1.609344
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")

Arrival = tuple[datetime, bytes]
"""When a line arrives (local), and the line."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a deed: its event, when it is recorded, whether its reading is wrong, its lines."""

    event: dict[str, Any]
    recorded: datetime
    wrong_reading: bool
    lines: tuple[Arrival, ...]

    @property
    def is_twice(self) -> bool:
        return len(self.lines) > 1


def send(lots: Lots, deed: Deed, customers: int) -> Sent:
    """`deed` as its dealer sends it. `customers` is how many there are: some are mistaken for others."""
    data = msgspec.json.decode(msgspec.json.encode(deed.data))
    wrong = _misread(lots, data)
    if lots.chance(_UNTIDY_SHARE):
        _write_untidily(lots, data)
    elif lots.chance(_MISTAKEN_SHARE) and "mobile" in data.get("customer", {}):
        data["customer"]["email"] = email_of(lots.whole(0, customers - 1))  # somebody else's: who is it now?
    recorded = deed.at + _delay(lots)
    event = envelope(lots, deed.type, deed.at, recorded, data)
    line = msgspec.json.encode(event)
    lines = [(recorded, line)]
    if lots.chance(_TWICE_SHARE):
        lines.append((recorded + timedelta(seconds=lots.whole(60, 10 * 86_400)), line))
    return Sent(event=event, recorded=recorded, wrong_reading=wrong, lines=tuple(lines))


def envelope(
    lots: Lots, kind: str, at: datetime, recorded: datetime, data: dict[str, Any], prefix: str = ""
) -> dict[str, Any]:
    dealer = data["dealer"]
    return {
        "specversion": "1.0",
        "id": f"{prefix or dealer}-{lots.digits(16)}",
        "source": f"/dealers/{dealer}",
        "type": kind,
        "time": f"{at.isoformat()}{ZONE}",
        "recordedtime": f"{recorded.isoformat()}{ZONE}",
        "data": data,
    }


def _delay(lots: Lots) -> timedelta:
    if lots.chance(_LATE_SHARE):
        return timedelta(seconds=int(lots.between(*_LATE_DAYS) * 86_400))
    hours = min(lots.lognormal(*_DELAY_HOURS), _LONGEST_USUAL_DELAY_HOURS)
    return timedelta(seconds=int(hours * 3600))


def _misread(lots: Lots, data: dict[str, Any]) -> bool:
    """Writes a wrong odometer down now and then: a digit lost or doubled, miles for kilometres, backwards."""
    vehicle = data.get("vehicle", {})
    km = vehicle.get("odometer_km")
    if km is None or not lots.chance(_WRONG_READING_SHARE):
        return False
    text = str(km)
    place = lots.whole(0, len(text) - 1)
    wrong = lots.one_of(
        (
            int(text[:place] + text[place + 1 :] or "0"),
            int(text[: place + 1] + text[place:]),
            int(km / _KM_A_MILE),
            max(km - lots.whole(3_000, 25_000), 0),
        )
    )
    vehicle["odometer_km"] = wrong
    return bool(wrong != km)


def _write_untidily(lots: Lots, data: dict[str, Any]) -> None:
    """As people type: it is understood all the same, or costs one identifier, never the event. The first way
    that applies is taken, in an order drawn by lot."""
    person: dict[str, Any] = data.get("customer") or {}
    vehicle: dict[str, Any] = data.get("vehicle") or {}
    ways = [*_UNTIDY]
    while ways:
        way = ways.pop(lots.whole(0, len(ways) - 1))
        if way(person, vehicle):
            return


Way = Callable[[dict[str, Any], dict[str, Any]], bool]
"""Changes a person or a car, if it can."""


def _rewrite(part: int, member: str, change: Callable[[str], str]) -> Way:
    """A way that changes one member of the person (0) or the car (1)."""

    def way(*parts: dict[str, Any]) -> bool:
        if member not in parts[part]:
            return False
        parts[part][member] = change(parts[part][member])
        return True

    return way


def _cut_mobile(person: dict[str, Any], vehicle: dict[str, Any]) -> bool:
    """A number cut short, where the car still tells whose the event is."""
    if "mobile" not in person or "plate" not in vehicle:
        return False
    person["mobile"] = person["mobile"][:5]
    return True


_UNTIDY: tuple[Way, ...] = (
    _rewrite(0, "mobile", lambda raw: f"+86 {raw[:3]}-{raw[3:7]}-{raw[7:]}"),
    _rewrite(0, "mobile", lambda raw: f"{raw[:3]} {raw[3:7]} {raw[7:]}"),
    _rewrite(0, "mobile", lambda raw: raw.translate(_FULL_WIDTH)),
    _rewrite(0, "email", str.upper),
    _rewrite(0, "email", lambda _raw: ""),
    _rewrite(0, "email", lambda raw: raw.replace("@", "#")),
    _rewrite(1, "plate", lambda raw: f"{raw[:2]}·{raw[2:]}"),
    _rewrite(1, "plate", str.lower),
    _cut_mobile,
)
