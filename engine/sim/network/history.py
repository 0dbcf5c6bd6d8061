"""All customers' lines in order of arrival, and the truth beside them.

Customers are made one after the other; their lines go into a nameless SQLite database, which keeps what does
not fit into memory in a file of its own and forgets it when it is closed. It gives the lines back sorted.
"""

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import msgspec

from engine.sim.network.broken import KINDS
from engine.sim.network.driving import Driving
from engine.sim.network.lots import Lots
from engine.sim.network.people import DEALERS, Car, Person, car, person
from engine.sim.network.sending import LATE, Sent, envelope, send
from engine.sim.network.story import Deed, Story, opening

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local, as all moments here
_BUYERS = 0.88
_SOLD_SHARE = 0.03
_CUSTOMERS_A_BROKEN_LINE = 20
_LAST_FIRST_CONTACT = 0.9  # of the network's time
_EAGERNESS = 1.5  # more begin early than late
_SCHEMA = """
CREATE TABLE line (at INTEGER NOT NULL, line BLOB NOT NULL);
CREATE TABLE car (mobile TEXT NOT NULL, told BLOB NOT NULL);
CREATE TABLE fitting (told BLOB NOT NULL);
CREATE TABLE duplicate (id TEXT NOT NULL);
"""


class Counts(msgspec.Struct):
    """What the truth counts: sound events, all lines, and those broken, late, or with a wrong reading."""

    events: int = 0
    lines: int = 0
    broken_lines: int = 0
    late: int = 0
    rollbacks: int = 0


class Network:
    """A history that has been made. Close it, or use it as a context manager."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_SCHEMA)
        self.counts = Counts()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    def lines(self) -> Iterator[bytes]:
        """The lines in order of arrival, without their ends."""
        for (line,) in self._db.execute("SELECT line FROM line ORDER BY at, rowid"):
            yield line

    def truth(self) -> Iterator[bytes]:
        """What is really so, as the pieces of one JSON object."""
        yield b'{"customers": {'
        for number, (mobile, told) in enumerate(
            self._db.execute("SELECT mobile, told FROM car ORDER BY rowid")
        ):
            yield b"%s\n%s: %s" % (b"," if number else b"", msgspec.json.encode(mobile), told)
        yield b'},\n"fittings": ['
        for number, (told,) in enumerate(self._db.execute("SELECT told FROM fitting ORDER BY rowid")):
            yield b"%s\n%s" % (b"," if number else b"", told)
        twice = [one for (one,) in self._db.execute("SELECT id FROM duplicate ORDER BY rowid")]
        yield b'],\n"duplicates": %s' % msgspec.json.encode(twice)
        for name, count in msgspec.structs.asdict(self.counts).items():
            yield b',\n"%s": %d' % (name.encode(), count)
        yield b"}\n"

    def write(self, folder: Path) -> None:
        """Writes `events.jsonl` and `truth.json` into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "events.jsonl").open("wb") as file:
            file.writelines(line + b"\n" for line in self.lines())
        with (folder / "truth.json").open("wb") as file:
            file.writelines(self.truth())

    # Filled by `generate`

    def add(self, sent: Sent, deed: Deed, who: Person, which: Car) -> None:
        counts, event = self.counts, sent.event
        counts.events += 1
        counts.late += sent.recorded - deed.at > LATE
        counts.rollbacks += sent.wrong_reading
        for at, line in sent.lines:
            self.add_line(at, line)
        if sent.is_twice:
            self._db.execute("INSERT INTO duplicate VALUES (?)", (event["id"],))
        if deed.tyres:
            told = {
                "event": event["id"],
                "mobile": who.mobile,
                "plate": which.plate,
                "brand": deed.brand,
                "tyres": deed.tyres,
                "date": deed.at.date().isoformat(),
                "odometer": deed.true_km,
            }
            self._db.execute("INSERT INTO fitting VALUES (?)", (msgspec.json.encode(told),))

    def add_line(self, at: datetime, line: bytes) -> None:
        self.counts.lines += 1
        self._db.execute("INSERT INTO line VALUES (?, ?)", ((at - _EPOCH) // timedelta(seconds=1), line))

    def add_car(self, who: Person, told: dict[str, Any]) -> None:
        self._db.execute("INSERT INTO car VALUES (?, ?)", (who.mobile, msgspec.json.encode(told)))

    def begin(self) -> None:
        self._db.execute("BEGIN")

    def commit(self) -> None:
        self._db.execute("COMMIT")


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What a network is made from. `km_per_day` is what the median car is driven, `spread` the standard
    deviation of the rate's natural logarithm between cars."""

    seed: int
    customers: int
    start: date
    days: int
    km_per_day: float = 40.0
    spread: float = 0.45

    @property
    def begin(self) -> datetime:
        return datetime.combine(self.start, datetime.min.time())

    @property
    def end(self) -> datetime:
        return self.begin + timedelta(days=self.days)


SAMPLE = Setting(seed=7, customers=300, start=date(2025, 1, 1), days=365, km_per_day=50.0)
"""What `engine.sample` holds."""


def generate(
    seed: int,
    customers: int,
    start: date = date(2025, 1, 1),
    days: int = 365,
    *,
    km_per_day: float = 40.0,
) -> Network:
    """The history of `customers` (and of some who buy their cars) in `days` from `start` on."""
    return made(Setting(seed=seed, customers=customers, start=start, days=days, km_per_day=km_per_day))


def made(setting: Setting) -> Network:
    """The history of `setting`."""
    network = Network()
    network.begin()
    for number in range(setting.customers):
        _Customer(network, setting, number).add()
    network.commit()
    return network


class _Customer:
    """One customer on the way into the network."""

    def __init__(self, network: Network, setting: Setting, number: int) -> None:
        self._network = network
        self._setting = setting
        self._number = number
        self._lots = lots = Lots(f"{setting.seed}/{number}")
        self._dealer = lots.one_of(DEALERS)
        self._who = person(lots, number, self._dealer)
        self._car = car(lots, number, self._dealer, foreign=self._who.locale == "en")
        self._driving = Driving(lots, setting.start, setting.days, setting.km_per_day, setting.spread)

    def add(self) -> None:
        setting, lots = self._setting, self._lots
        consents = _consents(lots, self._who)
        share = _LAST_FIRST_CONTACT * lots.between(0.0, 1.0) ** _EAGERNESS
        begin = opening(lots, setting.begin + timedelta(days=setting.days * share))
        sold = opening(lots, begin + (setting.end - begin) * 0.6) if lots.chance(_SOLD_SHARE) else None
        buys = lots.chance(_BUYERS)
        sent = self._live(self._who, consents, begin, sold or setting.end, buys=buys)
        told: dict[str, Any] = {
            "mobile": self._who.mobile,
            "plate": self._car.plate,
            "email": self._who.email,
            "odometer": self._driving.told(),
            "consent": {name: consents[name] for name in ("letter", "email", "sms")},
            "newsletter": consents["newsletter"],
        }
        if sold is not None and buys:
            told["sold"] = sold.date().isoformat()
            other = person(lots, setting.customers + self._number, self._dealer)
            self._live(other, _consents(lots, other), sold, setting.end, buys=True)
        self._network.add_car(self._who, told)
        if self._number % _CUSTOMERS_A_BROKEN_LINE == _CUSTOMERS_A_BROKEN_LINE // 2:
            self._add_broken(sent[-1])

    def _live(
        self, who: Person, consents: dict[str, bool], begin: datetime, end: datetime, *, buys: bool
    ) -> list[Sent]:
        story = Story(self._lots, who, self._car, self._dealer, self._driving, consents)
        all_sent = []
        for deed in sorted(story.deeds(begin, end, buys=buys), key=lambda one: (one.at, one.type)):
            sent = send(self._lots, deed, self._setting.customers)
            self._network.add(sent, deed, who, self._car)
            all_sent.append(sent)
        return all_sent

    def _add_broken(self, sound: Sent) -> None:
        """A line that must be refused, some time after one that is sound."""
        recorded = sound.recorded + timedelta(hours=self._lots.whole(1, 72))
        data = {
            "dealer": self._dealer.id,
            "customer": {"mobile": "13800000000"},
            "vehicle": {"plate": f"{self._dealer.plate}A00000"},
            "work": ["oil"],
            "amount": 300,
            "currency": "CNY",
        }
        at = recorded - timedelta(hours=1)
        event = envelope(self._lots, "service.visited", at, recorded, data, prefix="bad")
        _field, break_it = KINDS[self._number // _CUSTOMERS_A_BROKEN_LINE % len(KINDS)]
        self._network.counts.broken_lines += 1
        self._network.add_line(recorded, break_it(event))


def _consents(lots: Lots, who: Person) -> dict[str, bool]:
    """Hardly anybody agrees to a channel on which they cannot be reached: only who did not read the card."""
    return {
        "letter": lots.chance(0.9 if who.address else 0.3),
        "email": lots.chance(0.8 if who.email else 0.15),
        "sms": lots.chance(0.82),
        "newsletter": lots.chance(0.55 if who.email else 0.05),
    }
