"""One customer's whole story: what they did, what was sent to them and when, what comes next."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import msgspec

from engine.demo.files import Links, links_of
from engine.demo.odometer_story import OdometerStory, odometer_story
from engine.demo.sent import WENT
from engine.demo.telling import Told, Words
from engine.model.customer import Customer, Vehicle
from engine.model.messages import Message
from engine.model.program import Program
from engine.pages.words import MEANINGS
from engine.ports import MessageFilter, MessageRow, Store
from engine.runtime.forecast import forecast

_CHUNK = 500
_AHEAD = timedelta(days=400)
_MOST_COMING = 5
_MUCH_KM_PER_DAY = 110.0
_MOST_HAPPENINGS = 34
"""A longer story is not read to its end; a shorter one is taken for the page, if there is one."""


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One point of the time line, at local time `at`. `ours` tells what Milepost did from what the customer
    did; `kind` is `bought`, `visited`, …, or for ours `sent` and `skipped`, with the `channel`."""

    at: datetime
    ours: bool
    kind: str
    title: str
    details: tuple[str, ...] = ()
    channel: str = ""
    links: Links | None = None


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    """The first message of its kind to come if nothing else happens; `why_not` where it would be skipped."""

    at: datetime
    title: str
    channel: str
    why_not: str


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """`reference` is how `milepost lookup` finds the customer."""

    name: str
    salutation: str
    facts: tuple[str, ...]
    reference: str
    happenings: tuple[Happening, ...]
    coming: tuple[Coming, ...]
    odometer: OdometerStory | None
    sent: int
    skipped: int

    @property
    def months(self) -> tuple[tuple[date, tuple[Happening, ...]], ...]:
        """What happened in each month in which something did, in order."""
        grouped = groupby(self.happenings, lambda one: one.at.date().replace(day=1))
        return tuple((month, tuple(found)) for month, found in grouped)


def tell_story(
    program: Program, store: Store, rows: Sequence[MessageRow], now: datetime, words: Words
) -> Story | None:
    """The story of the customer to whom most different things happened; None where nothing was sent."""
    customer = most_eventful(store, rows)
    if customer is None:
        return None
    zone = program.policy.zone
    theirs = list(store.messages(MessageFilter(customer_id=customer.id)))
    done = [*_theirs(store, customer, words, zone), *_ours(program, theirs, zone)]
    return Story(
        name=str(customer.fact("name") or customer.contact or ""),
        salutation=str(customer.fact("salutation") or ""),
        facts=tuple(_facts(customer, words)),
        reference=next(
            (one.plate for one in customer.vehicles.values() if one.plate), customer.contact or ""
        ),
        happenings=tuple(sorted(done, key=lambda one: (one.at, one.ours, one.title, one.details))),
        coming=tuple(_coming(program, customer, now)),
        odometer=_odometer(program, store, customer, theirs, now, words),
        sent=sum(row.message.status in WENT for row in theirs),
        skipped=sum(row.message.reason is not None for row in theirs),
    )


def most_eventful(store: Store, rows: Sequence[MessageRow]) -> Customer | None:
    """The one to whom most different things happened; of equals, the first id."""
    theirs: dict[str, list[MessageRow]] = defaultdict(list)
    for row in rows:
        theirs[row.message.customer_id].append(row)
    told = {one: found for one, found in theirs.items() if any(row.message.status in WENT for row in found)}
    best: tuple[float, str] | None = None
    chosen = None
    for customer in _documents(store, sorted(told)):
        score = eventfulness(customer, told[customer.id])
        if best is None or score > best[0]:
            best, chosen = (score, customer.id), customer
    return chosen


def eventfulness(customer: Customer, rows: Sequence[MessageRow]) -> float:
    """Counts kinds of things rather than things, so that a story has a bit of everything; of one car, driven
    as most are."""
    went = [row.message for row in rows if row.message.status in WENT]
    kinds = {(one.journey, one.channel) for one in went}
    reasons = {row.message.reason for row in rows if row.message.reason}
    readings = max((len(car.readings) for car in customer.vehicles.values()), default=0)
    length = customer.arrivals + len(rows)
    return (
        3.0 * len({one.journey for one in went})
        + 2.0 * len(kinds)
        + 2.0 * len({one.channel for one in went})
        + 1.0 * min(len({one.at.date() for one in went}), 10)
        + 2.0 * len(reasons)
        + 1.5 * min(readings, 6)
        + 2.0 * min(len(customer.counts), 4)
        + (5.0 if any(run.vehicle and run.due_at for run in customer.runs.values()) else 0.0)
        - 1.0 * max(length - _MOST_HAPPENINGS, 0)
        - 20.0 * max(len(customer.vehicles) - 1, 0)
        - 10.0 * any(_km_per_day(car) > _MUCH_KM_PER_DAY for car in customer.vehicles.values())
    )


def _km_per_day(car: Vehicle) -> float:
    """Between its first reading and its last."""
    if len(car.readings) < 2:
        return 0.0
    first, last = car.readings[0], car.readings[-1]
    return (last.km - first.km) / max((last.at - first.at).days, 1)


def _documents(store: Store, ids: Sequence[str]) -> Iterator[Customer]:
    for place in range(0, len(ids), _CHUNK):
        chunk = ids[place : place + _CHUNK]
        found: Mapping[str, Customer] = store.customers(chunk)
        yield from (found[one] for one in chunk if one in found)


def _theirs(store: Store, customer: Customer, words: Words, zone: ZoneInfo) -> Iterator[Happening]:
    for logged in store.events_of(customer.id):
        told: Told = words.event(logged.event)
        yield Happening(
            at=logged.event.time.astimezone(zone),
            ours=False,
            kind=told.kind,
            title=told.title,
            details=told.details,
        )


def _ours(program: Program, rows: Sequence[MessageRow], zone: ZoneInfo) -> Iterator[Happening]:
    for row in rows:
        message = row.message
        went = message.status in WENT
        why = () if went else ((MEANINGS.get(message.reason, "") if message.reason else row.note) or "",)
        yield Happening(
            at=message.at.astimezone(zone),
            ours=True,
            kind="sent" if went else "skipped",
            title=_title(program, message),
            details=(*_distance(message), *filter(None, why)),
            channel=message.channel or "",
            links=links_of(row),
        )


def _title(program: Program, message: Message) -> str:
    known = program.journeys.get(message.journey)
    return known.title if known and known.title else message.journey


def _distance(message: Message) -> Iterator[str]:
    """The kilometres that a journey gave its template, such as `km: 10000`."""
    km = message.values.get("with", {}).get("km")
    if km is not None and str(km).replace(".", "", 1).isdigit():
        yield f"{float(km):,.0f} km on these tyres".replace(",", "\u202f")


def _facts(customer: Customer, words: Words) -> Iterator[str]:
    city = customer.fact("address.city")
    if city:
        yield str(city)
    for car in customer.vehicles.values():
        yield " ".join(part for part in (words.car(car), car.plate or car.vin) if part)
    if customer.purchase is not None and customer.purchase.dealer:
        yield words.dealer(customer.purchase.dealer)


def _coming(program: Program, customer: Customer, now: datetime) -> Iterator[Coming]:
    zone = program.policy.zone
    told: set[str] = set()
    for message in forecast(program, customer, now, now + _AHEAD):
        title = " · ".join((_title(program, message), *_distance(message)))
        if title not in told and len(told) < _MOST_COMING:
            yield Coming(
                at=message.at.astimezone(zone),
                title=title,
                channel=message.channel or "",
                why_not=str(message.reason or ""),
            )
        told.add(title)


def _odometer(
    program: Program,
    store: Store,
    customer: Customer,
    rows: Sequence[MessageRow],
    now: datetime,
    words: Words,
) -> OdometerStory | None:
    """Of the car with most readings."""
    cars: list[Vehicle] = sorted(customer.vehicles.values(), key=lambda one: (-len(one.readings), one.id))
    if not cars:
        return None
    car = cars[0]
    fitted = []
    for logged in store.events_of(customer.id):
        told = logged.event.data.get("vehicle") or {}
        same = told.get("plate") in {car.plate, None} and told.get("vin") in {car.vin, None} and told
        if logged.event.type == "purchase.recorded" and same and logged.event.tyre_count > 0:
            fitted.append(logged.event.time)
    name = " ".join(part for part in (words.car(car), car.plate or car.vin) if part)
    went = [row.message for row in rows if row.message.status in WENT]
    return odometer_story(program, car, name, fitted, went, now)
