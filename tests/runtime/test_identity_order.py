"""Who is who does not hang on the order in which events come in.

The persons of a history have their name in every event that names them, or in none: one whose name comes only after
what has made two of them one is not parted again (docs/explanation/identity.md). Likewise an event that names two
persons comes when both have been named by themselves.
"""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.intake.identify import Identification
from engine.model.events import Event
from engine.model.identity import Identifier
from engine.model.program import Program
from engine.sim import Simulation
from tests.support import local, program_of, write_project

KINDS = ("mobile", "email", "member")
NAMES = {0: "王芳", 1: "李伟", 2: None}
START = local("2025-03-01 00:00")
ALL_IN = local("2025-03-20 00:00")
END = local("2025-09-01 00:00")
JOURNEYS = {
    "newest": """
        purpose: care
        start: {on: purchase.recorded, per: customer, again: restart}
        steps: [{wait: 30 days}, {send: hello, by: [sms, email]}, {wait: 20 days}, {send: hello, by: email}]
    """,
    "car": """
        purpose: care
        start: {on: purchase.recorded, per: vehicle, again: restart}
        stop: [{on: survey.answered, when: event.survey == "stop"}]
        steps: [{wait: 10000 km}, {send: hello, by: [sms, email]}]
    """,
    "case": """
        purpose: service
        start: {on: complaint.opened, per: event.complaint_id}
        steps:
          - wait_for: complaint.resolved
            when: event.complaint_id == run.key
            within: 40 days
            then: [{send: hello, by: [sms, email]}]
    """,
}


class Project:
    """A program that Hypothesis does not print."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def __repr__(self) -> str:
        return "the project"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(program_of(write_project(tmp_path_factory.mktemp("project"), JOURNEYS)))


def identifier(person: int, kind: str) -> str:
    mobile = f"+86138000000{person}0"
    return {"mobile": mobile, "email": f"c{person}@example.cn", "member": f"m{person}"}[kind]


@st.composite
def one_event(draw: st.DrawFn, number: int) -> Event:
    person = draw(st.sampled_from(sorted(NAMES)))
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True))
    who: dict[str, Any] = {kind: identifier(person, kind) for kind in kinds}
    if NAMES[person]:
        who["name"] = NAMES[person]
    kind = draw(st.sampled_from(["buy", "drive", "complain", "resolve", "answer", "say", "consent"]))
    data: dict[str, Any] = {"customer": who, "dealer": "d001"}
    types = {
        "buy": "purchase.recorded",
        "drive": "service.visited",
        "complain": "complaint.opened",
        "resolve": "complaint.resolved",
        "answer": "survey.answered",
        "say": "customer.updated",
    }
    granted = draw(st.booleans())
    event_type = types.get(kind, "consent.granted" if granted else "consent.withdrawn")
    if kind in ("buy", "drive"):
        data["vehicle"] = {"plate": f"京A0000{person}", "odometer_km": 30_000 + 10 * number}
    if kind == "buy":
        data["tyres"] = [{"brand": "michelin", "quantity": 2}]
        data["consent"] = [{"channel": "all", "purpose": "all", "granted": True}]
    if kind in ("complain", "resolve"):
        data["complaint_id"] = str(person)
    if kind == "answer":
        data |= {"survey": "stop", "answers": {}}
    if kind == "say":
        who["city"] = draw(st.sampled_from(["北京", "上海"]))
    if kind == "consent":
        data |= {"channel": draw(st.sampled_from(["sms", "email", "all"])), "purpose": "care"}
    at = START + timedelta(hours=number)  # no two at the same moment: there the later arrival counts
    return Event(source="/dealers/d001", id=str(number), type=event_type, time=at, recorded=ALL_IN, data=data)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """The same events in two orders: those that name one person, then those that name two."""
    count = draw(st.integers(2, 9))
    plain = [draw(one_event(number)) for number in range(count)]
    both = []
    for number in range(count, count + draw(st.integers(0, 2))):
        kept, refused = draw(st.permutations(["mobile", "email", "member"]))[:2]
        who = {kept: identifier(0, kept), refused: identifier(1, refused)}
        met = {name for one in plain for name in one.data["customer"].items()}
        if set(who.items()) <= met:
            at = START + timedelta(hours=number)
            data = {"customer": who, "dealer": "d001"}
            both.append(
                Event(
                    source="/dealers/d001",
                    id=str(number),
                    type="customer.updated",
                    time=at,
                    recorded=ALL_IN,
                    data=data,
                )
            )
    return [*plain, *both], [*draw(st.permutations(plain)), *draw(st.permutations(both))]


def outcome(program: Program, events: list[Event]) -> dict[str, Any]:
    """All that a world outside can see of it; ids and the order of arrival are nobody's business."""
    messages: list[Any] = []
    simulation = Simulation(program, Identification(), messages.append)
    owners: dict[Identifier, str] = {}
    for one in events:
        simulation.event(one)
    for person in NAMES:
        for kind in KINDS:
            owner = simulation.owner((kind, identifier(person, kind)))
            if owner is not None:
                owners[kind, identifier(person, kind)] = owner
    simulation.run_until(END)
    names = {
        owner: tuple(sorted(one for one, of in owners.items() if of == owner)) for owner in owners.values()
    }
    return {
        "customers": {
            names[one.id]: {
                "profile": one.profile,
                "consents": {key: (said.granted, said.at) for key, said in one.consents.items()},
                "cars": {name: car.readings for name, car in one.vehicles.items()},
                "counts": {key: n for key, n in one.counts.items() if key != "customer.merged"},
                "complains": one.standing.complaints,
            }
            for one in simulation.customers
        },
        "disputes": sorted(
            (tuple(sorted(names[one] for one in found.customers)), found.count, found.first_at, found.last_at)
            for found in simulation.disputes
        ),
        "messages": sorted(
            (one.id, one.at, one.journey, one.customer or "", one.channel or "", one.reason or "")
            for one in messages
        ),
    }


@settings(deadline=None)
@given(histories())
def test_the_same_customers_consents_cars_contradictions_and_messages_in_any_order(
    project: Project, history: tuple[list[Event], list[Event]]
) -> None:
    one, other = history
    assert outcome(project.program, one) == outcome(project.program, other)
