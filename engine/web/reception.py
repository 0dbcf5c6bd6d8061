"""`/reception`: the look-up for a dealer's reception.

What is typed is posted, and the page that follows is named by its number in the trail: no plate or number stands in an
address, where servers on the way would write it down. What is shown was written into the trail before.
"""

from datetime import datetime
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from engine.model.customer import Customer
from engine.model.finding import is_slip
from engine.model.staff import Staff
from engine.runtime.reception import MOST_DONE, MOST_TO_MENTION
from engine.web.room import Room
from engine.web.staff import Desk
from engine.web.words import Words

_MOST_TYPED = 100
_NOBODY = HTTPException(404, "There is nobody of that kind.")


def add(app: FastAPI, room: Room, desk: Desk) -> None:
    desk.pages["reception"] = "reception.title"

    @app.get("/reception")
    async def ask(request: Request) -> Response:
        staff = await desk.staff(request)
        return await room.do(_page, desk, request, staff, "")

    @app.post("/reception")
    async def search(request: Request) -> Response:
        staff, form = await desk.posted(request)
        place = await room.do(_search, room, staff, form.one("asked")[:_MOST_TYPED].strip())
        return desk.go(request, place)

    @app.get("/reception/found/{number}")
    async def found(request: Request, number: int) -> Response:
        staff = await desk.staff(request)
        return await room.do(_found, room, desk, request, staff, number)

    @app.get("/reception/{customer_id}")
    async def show(request: Request, customer_id: str) -> Response:
        staff = await desk.staff(request)
        return await room.do(_show, room, desk, request, staff, customer_id)


def _page(desk: Desk, request: Request, staff: Staff, asked: str, **values: Any) -> Response:
    """The field to type into, and below it what was found."""
    here = {"asked": asked, "found": None, "more": False, **values}
    return desk.page(request, "reception.html", staff, **here)


def _search(room: Room, staff: Staff, asked: str) -> str:
    """Where to go on: to the one who is meant, else to the list."""
    if not asked:
        return "reception"
    country = room.gateway.project.program.policy.country
    number, found = room.gateway.receptionist.search(staff, asked, country)
    if len(found.customers) == 1 and found.exact and not found.more:
        return f"reception/{found.customers[0]}?of={number}"
    return f"reception/found/{number}"


def _found(room: Room, desk: Desk, request: Request, staff: Staff, number: int) -> Response:
    receptionist = room.gateway.receptionist
    lookup = receptionist.searched(staff, number)
    if lookup is None:
        raise _NOBODY
    words = room.words_asked_for(request)
    rows = [
        _row(room, one, staff, words, lookup.asked) for one in receptionist.customers(staff, lookup.shown)
    ]
    slipped = all(one["plate"] and is_slip(lookup.asked, one["plate"]) for one in rows)
    here = {"found": rows, "more": lookup.more, "number": number, "slipped": bool(rows) and slipped}
    return _page(desk, request, staff, lookup.asked, **here)


def _row(room: Room, customer: Customer, staff: Staff, words: Words, asked: str) -> dict[str, Any]:
    """A line of the list. The car that was asked for comes first, and the last visit is one at the dealer."""
    cars = _asked_first([*customer.vehicles.values()], asked, lambda one: one.plate or one.vin)
    came = [
        one.event.time
        for one in room.gateway.receptionist.events_of(customer.id)
        if one.event.type in ("purchase.recorded", "service.visited")
        and staff.dealer in (None, one.event.dealer)
    ]
    first = cars[0] if cars else None
    facts = {name: stated.value for name, stated in first.facts.items()} if first else {}
    return {
        "id": customer.id,
        "name": customer.fact("name"),
        "plate": (first.plate or first.vin) if first else None,
        "car": " ".join(str(facts[name]) for name in ("make", "model") if facts.get(name)),
        "others": max(len(cars) - 1, 0),
        "last": words.day(max(came)) if came else None,
    }


def _show(room: Room, desk: Desk, request: Request, staff: Staff, customer_id: str) -> Response:
    gateway = room.gateway
    customer = gateway.receptionist.open(staff, customer_id)
    if customer is None:
        raise _NOBODY
    number = request.query_params.get("of", "")
    lookup = (
        gateway.receptionist.searched(staff, int(number)) if number.isascii() and number.isdigit() else None
    )
    program = gateway.project.program
    now = gateway.now()
    card = gateway.receptionist.card(program, customer, now, staff)
    words = room.words_asked_for(request)
    cars = _asked_first(card["cars"], lookup.asked if lookup else "", lambda one: one["plate"])
    values = {
        **card,
        "cars": cars,
        "named": len(cars) > 1,
        "coming": None if card["coming"] is None else card["coming"][:MOST_TO_MENTION],
        "done": card["done"][:MOST_DONE],
        "earlier": card["done"][MOST_DONE:],
        "brands": _brands(room, words),
        "topics": {name: words.topic(name, one) for name, one in program.policy.purposes.items()},
        "number": lookup.number if lookup else None,
        "day": lambda told: words.day(told if isinstance(told, datetime) else datetime.fromisoformat(told)),
    }
    return desk.page(request, "customer.html", staff, **values)


def _brands(room: Room, words: Words) -> dict[str, str]:
    brands = room.gateway.project.loaded.templates.brands
    return {name: one.name(words.locale) for name, one in brands.items()}


def _asked_first(cars: list[Any], asked: str, name: Any) -> list[Any]:
    """The car whose plate was typed, or the part of it that was, before the others."""
    typed = "".join(asked.split()).upper()
    return sorted(cars, key=lambda one: not (typed and typed in (name(one) or "")))
