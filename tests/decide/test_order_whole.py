"""The promises about order, for the whole language: waits for events, branches, lots, what is remembered, events of the
project's own, dates, goals, holdouts, caps and quiet hours, tasks."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.intake.identify import Identification
from engine.model.events import Event
from engine.model.program import Program
from engine.sim import Simulation
from tests.support import POLICY, event, local, program_of, purchase, visit, write_project

SEND = "{send: hello, by: [sms, email]}"
JOURNEYS = {
    "complaint": f"""
        purpose: service
        start: {{on: complaint.opened, per: event.complaint_id}}
        goal: {{on: survey.answered, within: 60 days}}
        steps:
          - wait_for: complaint.resolved
            when: event.complaint_id == run.key
            within: 30 days
            then:
              - wait: 20 days
              - {SEND}
              - set: {{customer.last_complaint: run.key}}
            otherwise:
              - {{task: escalate, for: headquarters, due: 1 day}}
              - {SEND}
    """,
    "visits": f"""
        purpose: care
        start: {{on: service.visited, per: customer, again: restart}}
        stop: [{{on: customer.forgotten}}, {{on: promotion.entered, when: event.promotion == run.key}}]
        holdout: 30%
        steps:
          - wait: 20 days
            at: "10:00"
          - choose:
              - when: customer.birthday
                do: [{{tag: "known-{{{{ customer.count('service.visited') }}}}"}}, {SEND}]
              - when: customer.count('purchase.recorded') > 1
                do: [{{wait: 1 day}}, {SEND}]
              - else: [{{task: ask, for: dealer, due: 2 days}}]
    """,
    "lots": f"""
        purpose: care
        start: {{on: purchase.recorded, when: event.tyre_count > 0, per: vehicle, again: restart}}
        steps:
          - wait: 25 days
          - split:
              - {{share: 50%, name: a, do: [{SEND}, {{emit: care.finished, with: {{way: a}}}}]}}
              - {{share: 30%, name: b, do: [{{wait: 5000 km}}, {SEND}]}}
              - {{share: 20%, name: c, do: [{{untag: known-1}}, {{emit: care.finished, with: {{way: c}}}}]}}
          - wait: 10 days
          - if: "'known-1' in customer.tags and customer.last_complaint is none"
            then: [{SEND}]
    """,
    "finished": f"""
        purpose: newsletter
        start: {{on: care.finished, per: event.way, again: once}}
        steps:
          - wait: 3 days
            days: weekdays
          - {SEND}
    """,
    "inspection": f"""
        purpose: service
        start: {{date: vehicle.inspection_due, before: 30 days, per: vehicle}}
        steps: [{SEND}]
    """,
    "birthday": f"""
        purpose: care
        start: {{date: customer.birthday, yearly: true, at: "09:30"}}
        steps: [{SEND}]
    """,
    "surveys": f"""
        purpose: service
        start: {{on: survey.answered, per: event.survey, again: ignore}}
        steps:
          - repeat:
              every: 20 days
              times: 3
              do: [{SEND}]
    """,
}
RULES = """\
quiet_hours: {sms: "20:00-09:00", email: none}
caps:
  - {at_most: 1, within: 1 day, over: [sms, email]}
  - {at_most: 4, within: 30 days, purposes: [care, newsletter]}
hold_while: complaint open
"""
ALL_IN = local("2025-03-18 00:00")  # before any of it falls due
END = local("2026-09-01 00:00")


class Project:
    """A program that Hypothesis does not print."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def __repr__(self) -> str:
        return "the project"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    own = {"journeys/events.yaml": "care.finished:\n  data: {way: {type: text, required: true}}\n"}
    folder = write_project(tmp_path_factory.mktemp("project"), JOURNEYS, policy=POLICY + RULES, files=own)
    return Project(program_of(folder))


PLATES = st.sampled_from(["京A12345", "京B99999"])
DAYS = st.sampled_from(["1980-05-08", "1980-12-31", "1984-02-29"])
INSPECTIONS = st.sampled_from(["2025-05-20", "2025-08-01", "2026-02-28"])


def _one(draw: st.DrawFn, at: str, number: int) -> Event:
    name = str(number)
    kind = draw(
        st.sampled_from(["buy", "visit", "complain", "resolve", "answer", "enter", "born", "due", "consent"])
    )
    km = draw(st.one_of(st.none(), st.integers(30_000, 31_000)))
    case = draw(st.sampled_from("12"))
    match kind:
        case "buy":
            return purchase(at, km, name=name, plate=draw(PLATES))
        case "visit":
            return visit(at, km, name=name, plate=draw(PLATES))
        case "complain" | "resolve":
            verb = {"complain": "complaint.opened", "resolve": "complaint.resolved"}[kind]
            return event(verb, at, name=name, plate=None, complaint_id=case)
        case "answer":
            return event("survey.answered", at, name=name, plate=None, survey=case, answers={})
        case "enter":
            return event("promotion.entered", at, name=name, plate=None, promotion=case)
        case "born":
            return event("customer.updated", at, name=name, plate=None, customer={"birthday": draw(DAYS)})
        case "due":
            car: dict[str, Any] = {"plate": draw(PLATES), "inspection_due": draw(INSPECTIONS)}
            return event("vehicle.updated", at, name=name, plate=None, vehicle=car)
    verb = draw(st.sampled_from(["consent.granted", "consent.withdrawn"]))
    channel, purpose = draw(st.sampled_from(["sms", "email", "all"])), draw(st.sampled_from(["care", "all"]))
    return event(verb, at, name=name, plate=None, channel=channel, purpose=purpose)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Up to nine events of one customer with two cars, within twelve days."""
    events = []
    for number in range(draw(st.integers(1, 9))):
        at = f"2025-03-{draw(st.integers(1, 12)):02} {draw(st.integers(0, 23)):02}:{number:02}"
        events.append(_one(draw, at, number))
    return _begun_once(events)


def _begun_once(events: list[Event]) -> list[Event]:
    """Where a second start is ignored, the first that arrives counts, not the first that happened (one that happened
    before the run under way starts nothing): so there is only one for each value."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for one in events:
        value = {"complaint.opened": "complaint_id", "survey.answered": "survey"}.get(one.type)
        key = (one.type, one.data[value] if value else one.id)
        if key not in seen:
            seen.add(key)
            kept.append(one)
    return kept


def arriving(events: list[Event]) -> list[Event]:
    """The events, recorded a second apart in this order."""
    return [replace(one, recorded=ALL_IN + timedelta(seconds=n)) for n, one in enumerate(events)]


def outcome(project: Project, events: list[Event]) -> list[tuple[object, ...]]:
    """All that comes of it: messages, tasks, goals, and what is remembered of the customer."""
    told: list[tuple[object, ...]] = []
    simulation = Simulation(
        project.program,
        Identification(),
        lambda one: told.append(
            (str(one.at), one.id, one.journey, one.step, str(one.status), one.channel, str(one.reason))
        ),
        lambda one: told.append((str(one.due_at), one.id, one.journey, one.name, str(one.status))),
    )
    for one in events:
        simulation.event(one)
    simulation.run_until(END)
    for customer in simulation.customers:
        told.append(("tags", *sorted(customer.tags)))
        stated = customer.profile.get("last_complaint")
        told.append(("set", None if stated is None else stated.value))
    told += [(one.journey, str(one)) for one in simulation.goals]
    return sorted(told, key=str)


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_any_order_of_arrival_gives_the_same(project: Project, data: st.DataObject) -> None:
    events = data.draw(histories())
    shuffled = data.draw(st.permutations(events))
    assert outcome(project, arriving(events)) == outcome(project, arriving(shuffled))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_duplicates_anywhere_change_nothing(project: Project, data: st.DataObject) -> None:
    events = arriving(data.draw(histories()))
    doubled = list(events)
    for one in events:
        if data.draw(st.booleans()):
            doubled.insert(data.draw(st.integers(doubled.index(one) + 1, len(doubled))), one)
    late = data.draw(st.lists(st.sampled_from(events), max_size=3))
    again = [replace(one, recorded=local("2025-06-01 12:00")) for one in late]
    assert outcome(project, events) == outcome(project, [*doubled, *again])
