"""The promises about order: duplicates change nothing, and events that all arrive before anything they influence
falls due give the same messages in any order."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.model.events import Event
from engine.model.messages import Message
from engine.model.program import Program
from tests.support import event, local, program_of, purchase, simulated, visit, write_project

CARE = {
    "welcome": "purpose: care\n"
    "start: {on: purchase.recorded, when: event.tyre_count >= 1, per: vehicle, again: restart}\n"
    "steps:\n  - wait: 1 month\n    at: '10:00'\n  - send: hello\n    by: [letter, email, sms]\n",
    "health": "purpose: care\nstart: {on: purchase.recorded, per: vehicle, again: restart}\n"
    "stop: [{on: vehicle.updated}]\n"
    "steps:\n  - repeat:\n      every: 10000 km\n      times: 3\n      do:\n"
    "        - send: hello\n          by: [sms, email]\n          with: {km: '{{ loop.index * 10000 }}'}\n",
    "visits": "purpose: service\nstart: {on: service.visited, per: customer, again: restart}\n"
    "steps:\n  - wait: 20 days\n  - if: customer.email\n    then:\n      - send: hello\n        by: sms\n",
}
ALL_IN = local("2025-03-20 00:00")  # before any of it falls due
END = "2027-01-01 00:00"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return program_of(write_project(tmp_path_factory.mktemp("project"), CARE))


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Up to eight events of one customer with two cars, all of which happen within a few days."""
    events: list[Event] = []
    for number in range(draw(st.integers(1, 8))):
        at = f"2025-03-{draw(st.integers(1, 12)):02} {draw(st.integers(0, 23)):02}:{number:02}"
        plate = draw(st.sampled_from(["京A12345", "京B99999"]))
        km = draw(st.one_of(st.none(), st.integers(30_000, 31_000)))
        kind = draw(st.sampled_from(["buy", "visit", "yes", "no", "update", "stop"]))
        named = {"name": str(number), "plate": plate}
        if kind == "buy":
            tyres = [{"brand": draw(st.sampled_from(["michelin", "warrior"])), "quantity": 2}]
            events.append(purchase(at, km, **named, tyres=tyres))
        elif kind == "visit":
            events.append(visit(at, km, **named))
        elif kind in {"yes", "no"}:
            verb = {"yes": "consent.granted", "no": "consent.withdrawn"}[kind]
            channel = draw(st.sampled_from(["sms", "letter", "all"]))
            events.append(event(verb, at, name=str(number), plate=None, channel=channel, purpose="care"))
        elif kind == "update":
            named_email = {"email": f"e{number}@example.cn"}
            events.append(event("customer.updated", at, name=str(number), plate=None, customer=named_email))
        else:
            events.append(event("vehicle.updated", at, **named))
    return events


def arriving(events: list[Event]) -> list[Event]:
    """The events, recorded a second apart in this order."""
    return [replace(one, recorded=ALL_IN + timedelta(seconds=n)) for n, one in enumerate(events)]


def outcome(messages: list[Message]) -> list[tuple[object, ...]]:
    return sorted(
        (
            str(one.at),
            one.id,
            one.journey,
            one.vehicle,
            one.channel,
            one.reason,
            one.brand,
            one.address.get("email"),
        )
        for one in messages
    )


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_order_of_arrival_gives_the_same_messages(program: Program, data: st.DataObject) -> None:
    events = data.draw(histories())
    shuffled = data.draw(st.permutations(events))
    assert outcome(simulated(program, arriving(events), END)) == outcome(
        simulated(program, arriving(shuffled), END)
    )


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_duplicates_anywhere_change_nothing(program: Program, data: st.DataObject) -> None:
    events = arriving(data.draw(histories()))
    doubled = list(events)
    for one in events:
        if data.draw(st.booleans()):
            doubled.insert(data.draw(st.integers(doubled.index(one) + 1, len(doubled))), one)
    assert simulated(program, events, END) == simulated(program, doubled, END)


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_the_same_history_gives_the_same_bytes(program: Program, data: st.DataObject) -> None:
    events = arriving(data.draw(histories()))
    assert simulated(program, events, END) == simulated(program, events, END)
