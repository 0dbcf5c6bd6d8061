"""What the policy promises, whatever happens: properties over histories made up by Hypothesis."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.decide.rules import covers, quiet_until
from engine.model.events import Event
from engine.model.messages import Message, Reason, Status
from engine.model.policy import Policy
from engine.model.program import Program
from tests.support import POLICY, event, local, program_of, purchase, simulated, write_project

RULES = """\
  safety: {consent: assumed, ignores: [caps]}
quiet_hours: {sms: "21:00-09:00", email: "12:00-13:30"}
caps:
  - {at_most: 1, within: 1 day, over: [sms, email]}
  - {at_most: 3, within: 1 month, purposes: [care, newsletter]}
hold_while: complaint open
"""
BEGIN, END = local("2025-03-01 00:00"), "2025-12-01 00:00"


def _journey(on: str, purpose: str, by: str, *waits: str) -> str:
    steps = "".join(f"  - wait: {wait}\n  - {{send: hello, by: {by}}}\n" for wait in waits)
    return f"purpose: {purpose}\nstart: {{on: {on}, per: event.id}}\nsteps:\n{steps}"


JOURNEYS = {
    "care": _journey("service.visited", "care", "sms", "14 hours", "1 day", "36 hours"),
    "letters": _journey("service.visited", "care", "[email, letter]", "10 days", "5 hours"),
    "news": _journey("survey.answered", "newsletter", "email", "3 days", "2 hours"),
    "service": _journey("survey.answered", "service", "[sms, email]", "25 hours"),
    "warning": _journey("survey.answered", "safety", "sms", "26 hours"),
}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return program_of(write_project(tmp_path_factory.mktemp("project"), JOURNEYS, policy=POLICY + RULES))


@st.composite
def histories(draw: st.DrawFn, days: int = 40, most: int = 14) -> list[Event]:
    """Visits, answers, complaints, consents, pauses, and the ends of each; after a purchase with all consents."""
    kinds = (
        "service.visited",
        "survey.answered",
        "complaint.opened",
        "complaint.resolved",
        "consent",
        "pause",
    )
    events = [purchase("2025-02-20 12:00")]
    for n in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(kinds))
        at = BEGIN + timedelta(minutes=draw(st.integers(0, days * 24 * 60 // 30)) * 30)
        data: dict[str, Any] = {}
        if kind.startswith("complaint"):
            data = {"complaint_id": draw(st.sampled_from("12"))}
        elif kind == "survey.answered":
            data = {"survey": "visit", "answers": {}}
        elif kind == "consent":
            kind = draw(st.sampled_from(["consent.granted", "consent.withdrawn"]))
            data = {"channel": draw(st.sampled_from(["sms", "email"])), "purpose": "care"}
        elif kind == "pause":
            kind = "customer.updated"
            until = at + timedelta(days=draw(st.integers(-1, 12)), hours=draw(st.integers(0, 23)))
            data = {"customer": {"preferences": {"paused_until": until.isoformat()}}}
        made = event(kind, "2025-03-01 00:00", name=f"{n}", **data)
        events.append(replace(made, time=at))
    return sorted(events, key=lambda one: one.time)


def going(messages: Sequence[Message]) -> list[Message]:
    return [one for one in messages if one.status is Status.QUEUED]


def paused_at(events: Sequence[Event], moment: datetime) -> bool:
    """What the newest word on a pause says, of those that had come by then."""
    said = [one for one in events if one.type == "customer.updated" and one.time <= moment]
    return bool(said) and moment < datetime.fromisoformat(
        said[-1].data["customer"]["preferences"]["paused_until"]
    )


def check(policy: Policy, events: Sequence[Event], messages: Sequence[Message]) -> None:
    """Every promise that the rules make of what a simulation tells."""
    for one in going(messages):
        assert not (policy.purposes[one.purpose].consent_required and paused_at(events, one.at))
        quiet = policy.quiet_hours.get(one.channel or "")
        assert quiet is None or quiet_until(quiet, one.at, policy.zone) is None
        assert one.at <= one.not_after
    for cap in policy.caps:
        counted = [one for one in going(messages) if covers(cap, one.channel or "", one.purpose)]
        for one in counted:
            if "caps" not in policy.purposes[one.purpose].ignores:
                before = counted[: counted.index(one)]
                open_ = [other for other in before if cap.within.after(other.at, policy.zone) > one.at]
                assert len(open_) < cap.at_most
    told = defaultdict(list)
    for one in messages:
        told[one.id].append(one)
    for lines in told.values():
        assert [one.status for one in lines[:-1]] == [Status.HELD] * (len(lines) - 1)
        assert lines[-1].status is not Status.HELD
        for one, following in pairwise(lines):
            assert one.held_until is None or one.at < one.held_until <= one.not_after
            assert following.at <= (one.held_until or one.not_after)
        if lines[-1].status is Status.SKIPPED and len(lines) > 1 and lines[-1].reason in _HOLDS:
            assert lines[-1].at == lines[-1].not_after


_HOLDS = {Reason.CAPPED, Reason.QUIET_HOURS, Reason.COMPLAINT_OPEN, Reason.PAUSED}


@settings(max_examples=100)
@given(events=histories())
def test_no_more_than_the_caps_allow_nothing_in_quiet_hours_and_one_last_line_for_each(
    program: Program, events: list[Event]
) -> None:
    check(program.policy, events, simulated(program, events, END))


@settings(max_examples=60)
@given(data=st.data())
def test_duplicates_anywhere_change_nothing(program: Program, data: st.DataObject) -> None:
    events = data.draw(histories())
    doubled = [one for one in events for _ in range(data.draw(st.integers(1, 2)))]
    late = data.draw(st.lists(st.sampled_from(events), max_size=3))
    assert simulated(program, [*doubled, *late], END) == simulated(program, [*events, *late], END)


@settings(max_examples=80)
@given(data=st.data())
def test_what_arrives_before_it_matters_may_arrive_in_any_order(
    program: Program, data: st.DataObject
) -> None:
    """Everything happened within eleven hours, and nothing falls due in fourteen."""
    events = data.draw(histories(days=0, most=8))
    events = [replace(one, time=BEGIN + timedelta(minutes=37 * n)) for n, one in enumerate(events)]
    shuffled = data.draw(st.permutations(events))
    all_in = BEGIN + timedelta(hours=11)
    first, second = (
        simulated(program, [replace(one, recorded=all_in) for one in order], END)
        for order in (events, shuffled)
    )
    assert sorted(map(_told, first)) == sorted(map(_told, second))


def _told(one: Message) -> tuple[str, ...]:
    return tuple(map(str, (one.at, one.id, one.status, one.reason, one.channel, one.held_until)))


def test_the_rules_do_something_here(program: Program) -> None:
    """Each reason comes about, so that the properties say something."""
    found: set[Reason | None] = set()

    @settings(max_examples=60, database=None)
    @given(events=histories())
    def look(events: list[Event]) -> None:
        messages = simulated(program, events, END)
        found.update(one.reason for one in messages if one.status is Status.HELD)

    look()
    assert found == _HOLDS
