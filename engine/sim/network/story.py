"""What one customer does in the time of the network: buys tyres, comes by, agrees, withdraws, complains. Each
deed is an event's type and data at a local time; how it is written down and sent is told elsewhere."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from engine.sim.network.driving import Driving
from engine.sim.network.lots import Lots
from engine.sim.network.people import Car, Dealership, Person, address

_BRANDS = (("michelin", 0.5), ("bfgoodrich", 0.26), ("warrior", 0.24))
_PATTERNS = {"michelin": "PRIMACY 4", "bfgoodrich": "ADVANTAGE T/A", "warrior": "R28"}
_PRICES = {"michelin": 780, "bfgoodrich": 620, "warrior": 420}
_TYRES = ((2, 0.5), (4, 0.4), (1, 0.1))
_REASONS = (("worn", 0.5), ("uneven-wear", 0.17), ("ageing", 0.14), ("puncture", 0.1), ("upgrade", 0.09))
_WORK = ("rotation", "alignment", "oil", "brake", "repair", "pressure-check")
_ORIGINS = ("registration-card", "exhibition", "advertising", "website", "hotline", "referral")
_LOYAL = 0.75
_TYRE_LIFE_DAYS = (620.0, 0.35)
_TYRE_LIFE_KM = (42_000.0, 56_000.0)
_DAYS_BETWEEN_VISITS = (100.0, 0.55)


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Something a dealer writes down. `at` is local. `true_km` is what the odometer truly shows, where the
    event tells it; `tyres` how many were fitted."""

    at: datetime
    type: str
    data: dict[str, Any]
    true_km: int | None = None
    brand: str = ""
    tyres: int = 0


class Story:
    """One person with one car, from `begin` to `end`."""

    def __init__(
        self,
        lots: Lots,
        person: Person,
        car: Car,
        dealer: Dealership,
        driving: Driving,
        consents: dict[str, bool],
    ) -> None:
        self._lots = lots
        self._person = person
        self._car = car
        self._dealer = dealer
        self._driving = driving
        self._consents = consents

    def deeds(self, begin: datetime, end: datetime, *, buys: bool) -> Iterator[Deed]:
        """All that happens, not yet in order."""
        lots = self._lots
        if not buys:
            yield self._registered(begin)
            return
        first = begin
        if lots.chance(0.08):  # came by before, and nobody asked who it was
            yield self._visit(begin, known=False)
            first = opening(lots, begin + timedelta(days=lots.between(15, 60)))
        yield from self._purchases(first, end)
        at = first
        while True:
            at = opening(lots, at + timedelta(days=lots.lognormal(*_DAYS_BETWEEN_VISITS)))
            if at >= end:
                break
            yield self._visit(at, known=lots.chance(0.95))
        yield from self._sayings(first, end)

    def _purchases(self, at: datetime, end: datetime) -> Iterator[Deed]:
        """The first purchase and those that follow: by age, or by the kilometres driven."""
        lots = self._lots
        brand = lots.weighted(_BRANDS)
        while at < end:
            yield self._purchase(at, brand)
            worn = self._driving.moment_of(self._driving.km_at(at) + lots.between(*_TYRE_LIFE_KM))
            aged = at + timedelta(days=lots.lognormal(*_TYRE_LIFE_DAYS))
            at = opening(lots, min(worn or aged, aged))
            brand = brand if lots.chance(_LOYAL) else lots.weighted(_BRANDS)

    def _purchase(self, at: datetime, brand: str) -> Deed:
        lots = self._lots
        tyres, price = lots.weighted(_TYRES), _PRICES[brand]
        km = self._driving.km_at(at)
        data: dict[str, Any] = {
            "dealer": self._dealer.id,
            "customer": self._card(),
            "vehicle": self._vehicle(km),
            "tyres": [
                {
                    "brand": brand,
                    "pattern": _PATTERNS[brand],
                    "size": self._car.size,
                    "quantity": tyres,
                    "unit_price": price,
                }
            ],
            "amount": tyres * price,
            "currency": "CNY",
            "reason": lots.weighted(_REASONS),
        }
        if lots.chance(0.93):
            data["consent"] = [
                {"channel": channel, "purpose": purpose, "granted": granted}
                for (channel, purpose), granted in self._statements()
            ]
        return Deed(at=at, type="purchase.recorded", data=data, true_km=km, brand=brand, tyres=tyres)

    def _statements(self) -> Iterator[tuple[tuple[str, str], bool]]:
        for channel in ("letter", "email", "sms"):
            yield (channel, "care"), self._consents[channel]
        yield ("email", "newsletter"), self._consents["newsletter"]

    def _visit(self, at: datetime, *, known: bool) -> Deed:
        lots = self._lots
        km = self._driving.km_at(at) if lots.chance(0.95) else None
        work = [lots.one_of(_WORK)]
        if lots.chance(0.3):
            work.append(lots.one_of([one for one in _WORK if one not in work]))
        data: dict[str, Any] = {"dealer": self._dealer.id, "vehicle": self._vehicle(km)}
        if km is not None and not known and lots.chance(0.4):
            return Deed(at=at, type="odometer.reported", data=data, true_km=km)
        if known:
            data["customer"] = {"mobile": self._person.mobile, "name": self._person.name}
        data |= {"work": work, "amount": lots.whole(60, 900), "currency": "CNY"}
        return Deed(at=at, type="service.visited", data=data, true_km=km)

    def _registered(self, at: datetime) -> Deed:
        origin = self._lots.one_of(_ORIGINS)
        statements = [{"channel": "email", "purpose": "newsletter", "granted": self._consents["newsletter"]}]
        data = {"dealer": self._dealer.id, "customer": self._card(), "origin": origin, "consent": statements}
        return Deed(at=at, type="customer.registered", data=data)

    def _sayings(self, begin: datetime, end: datetime) -> Iterator[Deed]:
        """What people say in between: yes, no, I have moved, I am not content."""
        lots = self._lots
        who = {"mobile": self._person.mobile}
        days = (end - begin).days

        def sometime() -> datetime:
            return opening(lots, begin + timedelta(days=lots.between(5, max(days, 6))))

        if lots.chance(0.10):
            channel, purpose = lots.one_of(
                (("sms", "care"), ("email", "newsletter"), ("email", "all"), ("all", "all"))
            )
            yield self._said("consent.withdrawn", sometime(), customer=who, channel=channel, purpose=purpose)
        if self._person.email and not self._consents["newsletter"] and lots.chance(0.2):
            reader = {**who, "email": self._person.email}
            yield self._said(
                "consent.granted", sometime(), customer=reader, channel="email", purpose="newsletter"
            )
        if lots.chance(0.06):
            moved = address(lots, self._dealer, foreign=self._person.locale == "en")
            yield self._said("customer.updated", sometime(), customer={**who, "address": moved})
        if lots.chance(0.08):
            yield self._said(
                "customer.updated", sometime(), customer={**who, "birthday": self._person.birthday}
            )
        if lots.chance(0.03):
            yield from self._complaint(sometime(), who)

    def _complaint(self, at: datetime, who: dict[str, str]) -> Iterator[Deed]:
        lots = self._lots
        named = f"{self._dealer.id}-{lots.digits(6)}"
        severity = "serious" if lots.chance(0.2) else "inconvenience"
        yield self._said("complaint.opened", at, customer=who, complaint_id=named, severity=severity)
        later = opening(lots, at + timedelta(days=lots.between(1, 9)))
        yield self._said("complaint.resolved", later, customer=who, complaint_id=named)

    def _said(self, kind: str, at: datetime, **data: Any) -> Deed:
        return Deed(at=at, type=kind, data={"dealer": self._dealer.id, **data})

    def _card(self) -> dict[str, Any]:
        """A registration card, as filled in."""
        one = self._person
        card: dict[str, Any] = {
            "name": one.name,
            "salutation": one.salutation,
            "mobile": one.mobile,
            "locale": one.locale,
        }
        if one.email:
            card["email"] = one.email
        if one.address:
            card["address"] = one.address
        return card

    def _vehicle(self, km: int | None) -> dict[str, Any]:
        one = self._car
        vehicle: dict[str, Any] = {"plate": one.plate, "make": one.make, "model": one.model}
        if one.vin and self._lots.chance(0.7):
            vehicle["vin"] = one.vin
        if km is not None:
            vehicle["odometer_km"] = km
        return vehicle


def opening(lots: Lots, near: datetime) -> datetime:
    """A moment of that day at which shops are open."""
    day = near.replace(hour=9, minute=0, second=0, microsecond=0)
    return day + timedelta(seconds=lots.whole(0, int(9.5 * 3600)))
