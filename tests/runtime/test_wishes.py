"""What is said on pages, as events: it always counts, and it counts once."""

from datetime import UTC, datetime, timedelta

import msgspec

from engine.decide import agreed
from engine.decide.draft import Draft
from engine.decide.facts import take_in
from engine.intake.parse import Parser
from engine.model.customer import ConsentStatement, Customer, Stated
from engine.model.event_types import EVENT_TYPES
from engine.model.events import Event
from engine.model.policy import Purpose
from engine.model.program import Program
from engine.odometer import FleetOdometer
from engine.runtime.wishes import CloudEvent, Said, wishes_of
from tests.render.samples import POLICY, message

NOW = datetime(2025, 4, 8, 2, 0, tzinfo=UTC)
CARE = msgspec.structs.replace(POLICY, purposes={"care": Purpose(True), "service": Purpose(False)})
PROGRAM = Program(journeys={}, policy=CARE, odometer=FleetOdometer(CARE.fleet))
PERSON = {
    "mobile": Stated("+8613800000001", NOW - timedelta(days=9)),
    "email": Stated("w@example.cn", NOW - timedelta(days=9)),
}


def customer(**more: object) -> Customer:
    yes = {"email/care": ConsentStatement(True, NOW - timedelta(days=9), 1)}
    return Customer(**{"id": "c", "profile": PERSON, "consents": yes, **more})  # type: ignore[arg-type]


def after(known: Customer, *said: CloudEvent | None) -> Customer:
    """The customer when those have been taken in, as intake reads them."""
    for one in said:
        assert one is not None
        event = Parser(EVENT_TYPES, "CN").parse(msgspec.json.encode(one))
        assert isinstance(event, Event)
        draft = Draft(PROGRAM, known, NOW)
        draft.learn()
        take_in(draft, event, None)
        draft.settle()
        known = draft.finish(None)[0]
    return known


def may(known: Customer) -> bool:
    return agreed(known, CARE, "email", "care")


def test_a_no_counts_though_something_else_was_said_in_the_future() -> None:
    tomorrow = ConsentStatement(True, NOW + timedelta(days=1), 1)
    known = customer(consents={"all/all": tomorrow})
    assert may(known)
    assert not may(after(known, Said(message(), known, NOW).stop()))


def test_the_same_page_says_it_once_and_another_one_again() -> None:
    known = customer()
    first, again = (Said(message(), known, NOW + timedelta(minutes=n), "17").stop() for n in (0, 5))
    assert first is not None and again is not None
    assert first["id"] == again["id"]
    other = Said(message(), known, NOW, "18").stop()
    assert other is not None and other["id"] != first["id"]


def test_without_a_page_it_is_said_once_until_something_else_was_said() -> None:
    known = customer()
    first, again = Said(message(), known, NOW).stop(), Said(message(), known, NOW + timedelta(hours=1)).stop()
    assert first is not None and again is not None and first["id"] == again["id"]
    stopped = after(known, first)
    assert Said(message(), stopped, NOW).stop() is None
    resumed = after(stopped, Said(message(), stopped, NOW + timedelta(minutes=1), "2").go_on())
    assert may(resumed)
    once_more = Said(message(), resumed, NOW + timedelta(minutes=2)).stop()
    assert once_more is not None and once_more["id"] != first["id"]
    assert not may(after(resumed, once_more))


def test_what_can_be_chosen_is_what_needs_consent_or_was_said_no_to() -> None:
    known = customer()
    assert [one.name for one in wishes_of(CARE, known, NOW).topics] == ["care"]
    assert wishes_of(CARE, known, NOW).wanted == {"email/care"}
    no = {"sms/service": ConsentStatement(False, NOW, 2)}
    assert [one.name for one in wishes_of(CARE, customer(consents=no), NOW).topics] == ["care", "service"]
    [topic] = wishes_of(CARE, known, NOW).topics
    assert set(topic.channels) == {"email", "sms"}  # there is no postal address


def test_a_pause_ends_when_it_is_ended_though_it_began_in_the_future() -> None:
    known = customer()
    event, until = Said(message(), known, NOW + timedelta(days=1), "1").pause(CARE)
    paused = after(known, event)
    assert paused.paused_until == until == datetime(2025, 5, 9, 2, 0, tzinfo=UTC)
    assert wishes_of(CARE, paused, NOW).paused_until == until
    ended = after(paused, Said(message(), paused, NOW, "2").end_pause())
    assert wishes_of(CARE, ended, NOW).paused_until is None
