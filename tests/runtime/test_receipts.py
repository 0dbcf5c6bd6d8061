"""What providers tell comes back as events: it settles messages, takes addresses off the lists, and withdraws consent,
all in one transaction, whatever the order and however often."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.decide.consent import agreed
from engine.intake.identify import Identification
from engine.model.customer import Customer
from engine.model.events import Event
from engine.model.messages import Message, Status
from engine.model.program import Program
from engine.model.suppression import Address, Cause
from engine.ports import MessageFilter, MessageRow, Store
from engine.runtime.advance import Advance, Taken
from engine.sim import Simulation
from engine.store.sqlite import SqliteStore
from tests.support import event, local, program_of, purchase, write_project

JOURNEYS = {
    "hello": "purpose: care\nstart: {on: purchase.recorded, per: customer, again: ignore}\n"
    "steps:\n  - send: hello\n    by: email\n",
    "sorry": "purpose: service\nstart: {on: message.bounced, per: customer, again: restart}\n"
    "steps:\n  - send: hello\n    by: sms\n",
}
MAIL = Address("email", "w@example.cn")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return program_of(write_project(tmp_path_factory.mktemp("project"), JOURNEYS))


class World:
    """A store and the engine on it, by the events' clock, with one message that was sent."""

    def __init__(self, store: Store, program: Program) -> None:
        self.store = store
        self.advance = Advance(program, store, Identification(), None)
        self.policy = program.policy
        self.take(purchase("2025-03-01 10:00"))
        [row] = store.claim(local("2025-03-02 10:00"), 9)
        self.row = row
        self.message = row.message
        self.settle(Status.SENT, attempts=1, sent_at=local("2025-03-02 10:00"))

    def take(self, *events: Event) -> Taken:
        return self.advance.take(events)

    def settle(self, status: Status, **members: Any) -> None:
        self.store.settle([replace(self.row, message=replace(self.row.message, status=status), **members)])

    def receipt(self, kind: str, at: str = "2025-03-03 10:00", **data: Any) -> Event:
        return receipt(self.message, kind, at, **data)

    def consent(self, kind: str, at: str, source: str = "/gateway", **data: Any) -> Event:
        told = {"channel": "email", "purpose": "all", **data}
        return replace(event(f"consent.{kind}", at, plate=None, **told), source=source)

    @property
    def customer(self) -> Customer:
        return self.store.customers([self.message.customer_id])[self.message.customer_id]

    @property
    def became(self) -> MessageRow:
        return next(self.store.messages(MessageFilter(ids=frozenset({self.message.id}))))

    @property
    def agrees(self) -> bool:
        return agreed(self.customer, self.policy, "email", "care")

    @property
    def causes(self) -> set[Cause]:
        return {row.cause for row in self.store.suppressions(MAIL)}

    def logged(self) -> list[str]:
        return [one.event.type for one in self.store.events_of(self.message.customer_id)]


def receipt(message: Message, kind: str, at: str = "2025-03-03 10:00", **data: Any) -> Event:
    return Event(
        source="/providers/sendgrid",
        id=f"{kind} {at} {message.id}",
        type=f"message.{kind}",
        time=local(at),
        data={"message_id": message.id, **data},
    )


@pytest.fixture
def world(tmp_path: Path, program: Program) -> Iterator[World]:
    store = SqliteStore(tmp_path / "milepost.db")
    yield World(store, program)
    store.close()


def test_a_message_was_delivered(world: World) -> None:
    taken = world.take(world.receipt("delivered", provider_id="sg-1"))
    assert (taken.accepted, taken.unplaced) == (1, [])
    assert (world.became.message.status, world.became.provider_id) == (Status.DELIVERED, "sg-1")
    assert world.logged() == ["purchase.recorded", "message.delivered"]
    assert world.agrees
    assert world.causes == set()


@pytest.mark.parametrize("kind", ["opened", "clicked"])
def test_what_was_opened_was_delivered(world: World, kind: str) -> None:
    world.take(world.receipt(kind))
    assert world.became.message.status is Status.DELIVERED


def test_a_bounce_for_good_suppresses_the_address_and_withdraws_the_consent(world: World) -> None:
    world.take(world.receipt("bounced", reason="550 5.1.1 <w@example.cn>: user unknown", permanent=True))
    assert world.became.message.status is Status.BOUNCED
    assert world.became.note == "550 5.1.1 <…>: user unknown"
    assert world.causes == {Cause.BOUNCED}
    assert world.store.suppressed([MAIL]) == {MAIL}
    assert not world.agrees
    [withdrawn] = [
        one.event for one in world.store.events_of(world.message.customer_id) if "consent" in one.event.type
    ]
    assert withdrawn.source == "/receipts"
    assert withdrawn.time == local("2025-03-03 10:00")
    assert withdrawn.data["channel"] == "email"
    assert withdrawn.data["customer"] == {"mobile": "+8613800000001", "email": "w@example.cn"}


def test_a_bounce_that_may_pass_leaves_address_and_consent_alone(world: World) -> None:
    world.take(world.receipt("bounced", permanent=False))
    assert world.became.message.status is Status.BOUNCED
    assert world.causes == set()
    assert world.agrees


def test_a_complaint_does_the_same_for_a_message_that_stays_delivered(world: World) -> None:
    world.take(world.receipt("complained"))
    assert (world.became.message.status, world.became.note) == (Status.DELIVERED, "reported as spam")
    assert world.causes == {Cause.COMPLAINED}
    assert not world.agrees


def test_the_same_receipt_again_changes_nothing(world: World) -> None:
    world.take(world.receipt("bounced"))
    before = world.became, world.customer, list(world.store.suppressions()), world.logged()
    taken = world.take(world.receipt("bounced"), world.receipt("bounced"))
    assert (taken.accepted, taken.duplicates) == (0, 2)
    assert (world.became, world.customer, list(world.store.suppressions()), world.logged()) == before


def test_a_receipt_may_come_before_the_sender_has_written_that_it_sent(
    tmp_path: Path, program: Program
) -> None:
    store = SqliteStore(tmp_path / "milepost.db")
    advance = Advance(program, store, Identification(), None)
    advance.take([purchase("2025-03-01 10:00")])
    [row] = store.claim(local("2025-03-02 10:00"), 9)
    advance.take([receipt(row.message, "bounced")])
    store.settle([replace(row, message=replace(row.message, status=Status.SENT), attempts=1, place="p")])
    known = next(store.messages(MessageFilter(ids=frozenset({row.message.id}))))
    assert (known.message.status, known.attempts, known.place) == (Status.BOUNCED, 1, "p")
    assert store.suppressed([MAIL]) == {MAIL}
    store.close()


def test_a_journey_may_begin_with_a_receipt(world: World) -> None:
    world.take(world.receipt("bounced"))
    told = [(row.message.journey, row.message.channel) for row in world.store.messages(MessageFilter())]
    assert told == [("hello", "email"), ("sorry", "sms")]


def test_a_receipt_for_a_message_that_nobody_knows_is_kept_and_can_be_sent_in_again(world: World) -> None:
    unknown = replace(world.message, id="f" * 32)
    lost = receipt(unknown, "delivered")
    taken = world.take(lost, world.receipt("delivered"))
    assert (taken.accepted, taken.duplicates, len(taken.unplaced)) == (1, 0, 1)
    [kept] = world.store.rejections()
    assert (kept.field, kept.status) == ("data.message_id", "open")
    assert "no message of this id" in kept.reason
    again = world.advance.take([lost], retried=[(lost.key, kept.id)])
    assert (again.accepted, len(again.unplaced)) == (0, 1)
    assert [row.id for row in world.store.rejections()] == [kept.id]
    with world.store.unit() as unit:
        unit.add_messages([unknown])
    again = world.advance.take([lost], retried=[(lost.key, kept.id)])
    assert (again.accepted, again.unplaced) == (1, [])
    assert list(world.store.rejections()) == []


# What people say


def test_whoever_wants_no_more_by_a_messages_link_is_not_written_to_there(world: World) -> None:
    """It is the message's customer, and its address, whomever and whatever address the event names."""
    world.take(
        world.consent("withdrawn", "2025-03-04 10:00", message_id=world.message.id, mobile="+8613800000009")
    )
    assert world.causes == {Cause.UNSUBSCRIBED}
    assert not world.agrees
    assert world.customer.fact("mobile") == "+8613800000001"


def test_an_answer_to_a_provider_does_the_same(world: World) -> None:
    world.take(world.consent("withdrawn", "2025-03-04 10:00", source="/providers/twilio", channel="all"))
    listed = {(row.channel, row.cause) for row in world.store.suppressions()}
    assert listed == {(channel, Cause.UNSUBSCRIBED) for channel in ("email", "sms", "letter")}


@pytest.mark.parametrize("said", [{"purpose": "care"}, {"message_id": None}])
def test_a_no_to_one_purpose_or_told_to_a_dealer_is_a_matter_of_consent_alone(
    world: World, said: dict[str, Any]
) -> None:
    told = {"message_id": world.message.id, **said}
    world.take(
        world.consent("withdrawn", "2025-03-04 10:00", **{name: one for name, one in told.items() if one})
    )
    assert world.causes == set()
    assert not world.agrees


def test_a_later_yes_takes_the_address_off_the_list_and_an_earlier_one_does_not(world: World) -> None:
    world.take(world.consent("withdrawn", "2025-03-04 10:00", message_id=world.message.id))
    world.take(world.consent("granted", "2025-03-03 10:00"))
    assert world.causes == {Cause.UNSUBSCRIBED}
    world.take(world.consent("granted", "2025-03-05 10:00", channel="all"))
    assert world.causes == set()
    assert world.agrees


def test_a_no_that_comes_after_a_later_yes_changes_nothing(world: World) -> None:
    world.take(world.consent("granted", "2025-03-05 10:00"))
    world.take(world.consent("withdrawn", "2025-03-04 10:00", message_id=world.message.id))
    assert world.causes == set()
    assert world.agrees


def test_no_yes_takes_an_address_off_the_list_that_came_back_or_complained(world: World) -> None:
    world.take(world.receipt("bounced"), world.receipt("complained"))
    world.take(world.consent("granted", "2025-03-05 10:00"))
    assert world.causes == {Cause.BOUNCED, Cause.COMPLAINED}


# As in a simulation


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_a_simulation_says_the_same_of_a_history_with_receipts(
    tmp_path: Path, program: Program, batch: int
) -> None:
    """Where the message was decided in the same batch, too; and of one that nobody knows."""
    first = simulated(program, [purchase("2025-03-01 10:00")])
    [message] = first.values()
    history = [
        purchase("2025-03-01 10:00"),
        receipt(message, "delivered", "2025-03-01 11:00"),
        receipt(message, "bounced", "2025-03-02 11:00"),
        receipt(replace(message, id="f" * 32), "bounced", "2025-03-02 12:00"),
        event("consent.granted", "2025-03-05 10:00", plate=None, channel="email", purpose="care"),
        receipt(message, "complained", "2025-03-06 11:00"),
        event(
            *("consent.withdrawn", "2025-03-07 10:00"),
            plate=None,
            mobile="+8613800000009",
            message_id=message.id,
            channel="sms",
            purpose="service",
        ),
        purchase(
            "2025-03-08 10:00", mobile="+8613800000002", plate="京B2345", customer={"email": "x@example.cn"}
        ),
    ]
    store = SqliteStore(tmp_path / "milepost.db")
    advance = Advance(program, store, Identification(), None)
    for begin in range(0, len(history), batch):
        advance.take(history[begin : begin + batch])
    advance.catch_up(local("2025-04-01 00:00"))
    simulation = Simulation(program, Identification(), lambda _message: None)
    for one in history:
        simulation.event(one)
    simulation.run_until(local("2025-04-01 00:00"))
    said = {one.id: one for one in simulation.customers}
    kept = store.customers(list(said))
    assert {one.id: replace(one, scheduled_until=None) for one in kept.values()} == said
    assert simulation.notes["unknown message"] == 1
    assert {row.message.id: row.message.values for row in store.messages(MessageFilter())} == {
        one.id: one.values for one in simulated(program, history).values()
    }
    assert len(said) == 2
    store.close()


def simulated(program: Program, history: list[Event]) -> dict[str, Message]:
    found: dict[str, Message] = {}
    simulation = Simulation(program, Identification(), lambda one: found.update({one.id: one}))
    for one in history:
        simulation.event(one)
    simulation.run_until(history[-1].arrived + timedelta(days=20))
    return found
