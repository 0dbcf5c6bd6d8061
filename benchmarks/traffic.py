"""A network's weeks as records of the inbox: events of 1 KB, of customers known for weeks and of new ones.

Of twenty events thirteen are visits, four purchases, two readings, as in the generated network. The twentieth is a
purchase of five weeks ago by somebody new, which a dealer tells only now: its welcome pack is due at once, by SMS. All
others begin runs or move the days of their reminders, and queue nothing yet. A customer's events follow one another at
the distance of hours, and their readings as cars are driven: readings that cannot be are dear to weigh, and rare.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from engine.intake.parse import Parser
from engine.model.events import Event
from engine.model.program import Program

EVENT_BYTES = 1024
CYCLE = 20
TELLING = CYCLE - 1
"""The place in each cycle of the event that leads to a message at once."""

_KINDS = ["service.visited"] * 13 + ["purchase.recorded"] * 4 + ["odometer.reported"] * 2
_SCATTER = 7919  # a prime: customers come in no order
_KNOWN_DAYS, _LATE_DAYS = 20, 33
_KM_A_DAY = 38
_BETWEEN = timedelta(hours=8)
"""From one event of a customer to the next: what cars are driven meanwhile is what cars are driven."""
_MOST_BETWEEN = 55
_CONSENT = [
    {"channel": channel, "purpose": purpose, "granted": channel == "sms"}
    for channel in ("letter", "email", "sms")
    for purpose in ("care", "newsletter")
]


class Keyed(NamedTuple):
    key: bytes
    value: bytes


class Traffic:
    """`customers` were known before, by `former`; `source` keeps the events of one run from being another's. Times
    are reckoned from `now`, and lie before it."""

    def __init__(self, customers: int, now: datetime, source: str = "/dealers/d001") -> None:
        self._customers = customers
        self._now = now
        self._source = source

    def former(self) -> Iterator[bytes]:
        """Of each customer the purchase that they are known by."""
        at = self._now - timedelta(days=_KNOWN_DAYS)
        for number in range(self._customers):
            bought = self._purchase(number, _known_km(number))
            yield self._event(f"former-{number}", "purchase.recorded", at, bought)

    def events(self, count: int, first: int = 0) -> Iterator[Keyed]:
        """Those numbered from `first` on."""
        known = self._now - timedelta(days=_KNOWN_DAYS)
        for number in range(first, first + count):
            turn = number // self._customers + 1
            since = min(turn, _MOST_BETWEEN) * _BETWEEN
            at = known + since + timedelta(seconds=turn)
            place = number % CYCLE
            if place == TELLING:
                at = self._now - timedelta(days=_LATE_DAYS)
                who = self._customers + number // CYCLE
                kind, data = "purchase.recorded", self._purchase(who, _known_km(who))
            else:
                who = number * _SCATTER % self._customers
                km = _known_km(who) + round(since / timedelta(days=1) * _KM_A_DAY)
                kind = _KINDS[place * _SCATTER % len(_KINDS)]
                data = self._purchase(who, km) if kind == "purchase.recorded" else self._visit(kind, who, km)
            yield Keyed(f"+86{_mobile(who)}".encode(), self._event(str(number), kind, at, data))

    def _purchase(self, who: int, km: int) -> dict[str, Any]:
        return {
            "dealer": "d001",
            "customer": {
                "name": "王芳",
                "mobile": _mobile(who),
                "email": f"w{who}@example.cn",
                "locale": "zh-CN",
                "address": {"line": "幸福路1号", "city": "北京市", "postcode": "100020", "country": "CN"},
            },
            "vehicle": {"plate": _plate(who), "make": "大众", "odometer_km": km},
            "tyres": [{"brand": "michelin", "pattern": "PRIMACY 4", "size": "205/55R16", "quantity": 2}],
            "amount": 1560,
            "currency": "CNY",
            "consent": _CONSENT,
        }

    def _visit(self, kind: str, who: int, km: int) -> dict[str, Any]:
        data = {
            "dealer": "d001",
            "customer": {"mobile": _mobile(who)},
            "vehicle": {"plate": _plate(who), "odometer_km": km},
        }
        return {**data, "work": ["oil"]} if kind == "service.visited" else data

    def _event(self, name: str, kind: str, at: datetime, data: dict[str, Any]) -> bytes:
        event = {
            "specversion": "1.0",
            "id": name,
            "source": self._source,
            "type": kind,
            "time": at.isoformat(timespec="milliseconds"),
            "data": {**data, "note": ""},
        }
        room = EVENT_BYTES - len(msgspec.json.encode(event))
        event["data"] = {**data, "note": "x" * room}
        return msgspec.json.encode(event)


def checked(program: Program, lines: Sequence[bytes]) -> list[Event]:
    """The events of lines that are all right."""
    parser = Parser(program.event_types, program.policy.country)
    events = [parser.parse(line) for line in lines]
    wrong = next((one for one in events if not isinstance(one, Event)), None)
    if wrong is not None:
        raise ValueError(f"the benchmark's own events are refused: {wrong}")
    return [one for one in events if isinstance(one, Event)]


def _mobile(who: int) -> str:
    return f"138{who:08}"


def _plate(who: int) -> str:
    return f"京{'ABCDEFGH'[who // 100_000 % 8]}{who % 100_000:05}"


def _known_km(who: int) -> int:
    return 20_000 + who * 37 % 60_000
