"""Events in a marketer's words."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from engine.language.template_files import Brand
from engine.model.customer import Vehicle
from engine.model.event_types import EVENT_TYPES
from engine.model.events import Event
from engine.model.policy import Dealer
from engine.pages.words import channel_name

TYPE_NAMES: Mapping[str, str] = {
    "purchase.recorded": "Purchases",
    "service.visited": "Visits at a dealer",
    "consent.granted": "Consents given",
    "consent.withdrawn": "Consents withdrawn",
    "customer.registered": "Registrations",
    "customer.updated": "Changes of a profile",
    "vehicle.updated": "Changes of a car",
    "odometer.reported": "Odometer readings between visits",
    "complaint.opened": "Complaints",
    "complaint.updated": "News of a complaint",
    "complaint.resolved": "Complaints settled",
    "referral.made": "Recommendations",
}
_KINDS = {
    "purchase.recorded": "bought",
    "service.visited": "visited",
    "consent.granted": "agreed",
    "consent.withdrawn": "withdrew",
    "customer.registered": "registered",
    "odometer.reported": "read",
    "vehicle.updated": "updated",
    "customer.updated": "updated",
    "complaint.opened": "complained",
}


class Told(msgspec.Struct, frozen=True):
    kind: str
    title: str
    details: tuple[str, ...]


def type_name(name: str) -> str:
    """What events of a type are called in a list."""
    known = EVENT_TYPES.get(name)
    return TYPE_NAMES.get(name) or (known.about.capitalize() if known else name)


class Words:
    """Names things by the project's own names, in English where it has them."""

    def __init__(self, dealers: Mapping[str, Dealer], brands: Mapping[str, Brand]) -> None:
        self._dealers = dealers
        self._brands = brands

    def dealer(self, dealer_id: str) -> str:
        known = self._dealers.get(dealer_id)
        return (known.name if known else None) or dealer_id

    def brand(self, brand_id: str) -> str:
        known = self._brands.get(brand_id)
        return known.name("en") if known else brand_id

    def car(self, car: Vehicle) -> str:
        """`大众 帕萨特`, as far as it is known."""
        facts = (car.facts.get(name) for name in ("make", "model"))
        return " ".join(str(one.value) for one in facts if one is not None)

    def event(self, event: Event) -> Told:
        """What happened, in a line, and in a few more."""
        titles: dict[str, Callable[[Event], str]] = {
            "purchase.recorded": self._purchase,
            "service.visited": self._visit,
            "consent.granted": lambda one: f"Agreed to {_consent(one.data)}",
            "consent.withdrawn": lambda one: f"Withdrew consent to {_consent(one.data)}",
            "customer.registered": lambda one: f"Registered ({one.data.get('origin', '')})",
            "odometer.reported": lambda _one: "Told the odometer",
        }
        known = EVENT_TYPES.get(event.type)
        title = (
            titles[event.type](event)
            if event.type in titles
            else (known.about.capitalize() if known else event.type)
        )
        return Told(_KINDS.get(event.type, "other"), title, tuple(self._details(event)))

    def _purchase(self, event: Event) -> str:
        lines = event.data.get("tyres") or event.data.get("items") or ()
        bought = ", ".join(self._line(line) for line in lines)
        return f"Bought {bought}" if bought else "Bought something"

    def _line(self, line: Mapping[str, Any]) -> str:
        brand = self.brand(str(line["brand"])) if line.get("brand") else ""
        named = line.get("pattern") or line.get("name")
        parts = (f"{line.get('quantity', 1)} ×", brand, named, line.get("size"))
        return " ".join(str(part) for part in parts if part)

    def _visit(self, event: Event) -> str:
        work = ", ".join(str(one).replace("-", " ") for one in event.data.get("work") or ())
        return f"Visited the dealer: {work}" if work else "Visited the dealer"

    def _details(self, event: Event) -> Iterator[str]:
        data = event.data
        km = (data.get("vehicle") or {}).get("odometer_km")
        if km is not None:
            yield f"odometer {km:,.0f} km".replace(",", "\u202f")
        if event.dealer:
            yield self.dealer(event.dealer)
        if isinstance(data.get("amount"), int | float):
            yield f"{data['amount']:,.0f} {data.get('currency', '')}".strip().replace(",", "\u202f")
        agreed = [_consent(one) for one in data.get("consent") or () if one.get("granted")]
        if agreed:
            yield f"agreed to {', '.join(agreed)}"


def _consent(said: Mapping[str, Any]) -> str:
    purpose = str(said.get("purpose", ""))
    suffix = "" if purpose == "all" else f" ({purpose})"
    return channel_name(str(said.get("channel", ""))) + suffix
