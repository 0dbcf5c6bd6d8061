"""A channel that cannot be used costs no message: they wait, untried, while others go on, and go out once."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from engine.model.customer import ConsentStatement
from engine.model.errors import DeliveryError, ServiceUnavailable
from engine.model.messages import Reason, Status
from engine.ports import Answer, Channel, MessageFilter, MessageRow, Outgoing, Store
from engine.runtime.deliver import Deliverer
from engine.runtime.deliver_outcomes import Counts
from engine.runtime.outages import Cause, Outage, Pauses, Resting
from engine.runtime.turns import FIRST_OF_LANE, FIRST_ROWS
from engine.store.sqlite import SqliteStore
from tests.contracts.samples import customer, day, message
from tests.runtime.deliver_world import FixedClock, PlainRenderer, Provider, fill, folders, may_send

DOWN = ServiceUnavailable("The provider does not answer.", "Look at its status page.")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = SqliteStore(tmp_path / "milepost.db")
    yield store
    store.close()


class World:
    """One process's sender, its clock and its seconds, which pass when a test says so."""

    def __init__(self, store: Store, *channels: Channel, now: float = 1) -> None:
        self.store = store
        self.clock = FixedClock(day(now))
        self.seconds = 0.0
        self.sender = Deliverer(
            store,
            PlainRenderer(),
            {one.name: one for one in channels},
            may_send,
            self.clock,
            resting=Resting(seconds=lambda: self.seconds),
        )

    def send(self, after_s: float = 0.0) -> Counts:
        self.seconds += after_s
        self.clock.moment += timedelta(seconds=after_s)
        return self.sender.deliver_due(self.clock.moment)


def rows(store: Store) -> list[MessageRow]:
    return list(store.messages(MessageFilter()))


def statuses(store: Store) -> set[Status]:
    return {row.message.status for row in rows(store)}


def only(store: Store) -> MessageRow:
    [row] = rows(store)
    return row


# What it costs


def test_an_outage_longer_than_every_try_fails_no_message(store: Store) -> None:
    fill(store, 3, channel="sms", not_after=day(9))
    provider = Provider()
    provider.fault = DOWN
    world = World(store, provider)
    for _ in range(40):
        assert world.send(after_s=3 * 3600) == Counts()
    assert statuses(store) == {Status.QUEUED}
    assert {row.attempts for row in rows(store)} == {0}
    assert "The provider does not answer." in {row.note for row in rows(store)}
    provider.fault = None
    assert world.send(after_s=300) == Counts(claimed=3, sent=3)
    assert sorted(provider.taken) == sorted(message(n).id for n in range(3))
    assert {(row.attempts, row.note) for row in rows(store)} == {(1, "")}


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_sender_begun_after_the_outage_sends_at_once(store: Store, repeatable: bool) -> None:
    fill(store, 3, channel="sms")
    provider = Provider(repeatable=repeatable)
    provider.fault = DOWN
    assert World(store, provider).send() == Counts()
    assert {row.tried_at for row in rows(store)} == {None}
    provider.fault = None
    assert World(store, provider).send() == Counts(claimed=3, sent=3)


def test_a_folder_in_which_a_file_lies_keeps_nobody_else(store: Store, tmp_path: Path) -> None:
    fill(store, 3 * FIRST_ROWS)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "sms").write_text("in the way")
    world = World(store, *folders(tmp_path / "out").values())
    assert world.send() == Counts(claimed=2 * FIRST_ROWS, sent=2 * FIRST_ROWS)
    assert world.sender.outages() == [
        Outage(
            channel="sms",
            brands=("michelin",),
            problem=f"{tmp_path}/out/sms cannot be written to: it is no folder.",
            hint=f"Make {tmp_path}/out/sms a folder that this user can write to, on a disk with room.",
            waiting=FIRST_ROWS,
        )
    ]
    (tmp_path / "out" / "sms").unlink()
    assert world.send(after_s=1) == Counts(claimed=FIRST_ROWS, sent=FIRST_ROWS)
    assert world.sender.outages() == []
    assert {row.attempts for row in rows(store)} == {1}
    assert len(list((tmp_path / "out" / "sms").rglob("*.txt"))) == FIRST_ROWS


def test_one_brands_folder_keeps_no_other_brand(store: Store, tmp_path: Path) -> None:
    """Though all of that brand's were ready first."""
    with store.unit() as unit:
        unit.put(customer(n) for n in range(20))
        unit.add_messages(message(n, brand="michelin" if n < 10 else "warrior") for n in range(20))
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "michelin").write_text("in the way")
    world = World(store, *folders(tmp_path).values())
    assert world.send().sent == 10
    assert {row.message.brand for row in rows(store) if row.message.status is Status.SENT} == {"warrior"}


def test_a_channel_that_is_not_set_up_is_waited_for(store: Store) -> None:
    fill(store, 2, channel="letter")
    world = World(store, Provider("sms"))
    assert world.send() == Counts()
    assert world.sender.causes() == {Cause("letter", "No channel 'letter' is set up.")}
    assert {row.attempts for row in rows(store)} == {0}
    assert World(store, Provider("letter")).send().sent == 2


def test_a_machine_that_has_lost_its_network_fails_no_message(store: Store) -> None:
    fill(store, 1, channel="sms")
    provider = Provider()
    provider.fault = ConnectionResetError("reset by +8613800000001")
    world = World(store, provider)
    assert world.send() == Counts()
    assert (only(store).attempts, only(store).note) == (0, "ConnectionResetError in channel sms.")


def test_what_only_one_message_meets_still_counts_as_its_own(store: Store) -> None:
    fill(store, 1, channel="sms")
    provider = Provider()
    provider.fault = DeliveryError("This number is busy.", permanent=False)
    world = World(store, provider)
    assert world.send() == Counts(claimed=1, put_off=1)
    assert (only(store).attempts, world.sender.outages()) == (1, [])


def test_by_the_events_clock_even_that_makes_the_channel_wait(store: Store) -> None:
    """All its tries would be used up in no time."""
    fill(store, 2, channel="sms")
    provider = Provider()
    provider.fault = DeliveryError("This number is busy.", permanent=False)
    sender = Deliverer(store, PlainRenderer(), {"sms": provider}, may_send, None)
    assert sender.deliver_due(day(1000)) == Counts()
    assert [one.waiting for one in sender.outages()] == [2]
    assert {(row.message.status, row.attempts) for row in rows(store)} == {(Status.QUEUED, 0)}
    provider.fault = None
    again = Deliverer(store, PlainRenderer(), {"sms": provider}, may_send, None)
    assert again.deliver_due(day(1000)).sent == 2
    assert {row.sent_at for row in rows(store)} == {row.message.at for row in rows(store)}


# While it rests


def test_a_channel_is_tried_with_one_message_and_less_and_less_often(store: Store) -> None:
    fill(store, 50, channel="sms")
    provider = Provider()
    provider.fault = DOWN
    world = World(store, provider)
    assert world.send() == Counts()
    assert len(provider.asked) == FIRST_OF_LANE  # before anything was known of it
    tried_at_s = [0]
    for second in range(1, 400):
        before = len(provider.asked)
        world.send(after_s=1)
        assert len(provider.asked) - before <= 1
        if len(provider.asked) > before:
            tried_at_s.append(second)
    assert tried_at_s == [0, 1, 3, 7, 15, 31, 63, 127, 255]
    assert [Pauses().after_s(times) for times in (9, 10, 100, 10_000)] == [256, 300, 300, 300]


def test_a_message_at_which_a_channel_stumbles_every_time_keeps_no_other(store: Store) -> None:
    fill(store, 5, channel="sms")
    provider = Provider()
    first = min(message(n).id for n in range(5))
    provider.faults[first] = DOWN
    world = World(store, provider)
    assert world.send().sent == 4
    assert world.send(after_s=1) == Counts()
    assert first not in provider.taken
    [outage] = world.sender.outages()
    assert outage.waiting == 1


def test_what_becomes_too_late_meanwhile_is_skipped_though_nothing_takes_it_up(store: Store) -> None:
    with store.unit() as unit:
        unit.put(customer(n) for n in range(300))
        unit.add_messages(message(n, channel="sms", not_after=day(9)) for n in range(150))
        unit.add_messages(message(n, day(0.1), channel="sms", not_after=day(2)) for n in range(150, 300))
    provider = Provider()
    provider.fault = DOWN
    world = World(store, provider)
    assert world.send() == Counts()
    world.clock.moment = day(2.1)
    assert world.send(after_s=2) == Counts(claimed=150, skipped=150)
    late = [row.message for row in rows(store) if row.message.status is Status.SKIPPED]
    assert {one.reason for one in late} == {Reason.TOO_LATE}
    assert {one.not_after for one in late} == {day(2)}


def test_a_consent_withdrawn_meanwhile_counts(store: Store) -> None:
    fill(store, 2, channel="sms")
    provider = Provider()
    provider.fault = DOWN
    world = World(store, provider)
    world.send()
    with store.unit() as unit:
        unit.put([customer(0, consents={"letter/care": ConsentStatement(False, day(1), 2)})])
    provider.fault = None
    assert world.send(after_s=1) == Counts(claimed=2, sent=1, skipped=1)


def test_what_is_wrong_is_told_once_a_channel_with_all_its_brands(store: Store) -> None:
    with store.unit() as unit:
        unit.put(customer(n) for n in range(9))
        unit.add_messages(
            message(n, channel="sms", brand=("michelin", "warrior", "bfgoodrich")[n % 3]) for n in range(9)
        )
    provider = Provider()
    provider.fault = DOWN
    world = World(store, provider)
    world.send()
    [outage] = world.sender.outages()
    assert str(outage) == (
        "sms (bfgoodrich, michelin, warrior): The provider does not answer. 9 messages wait. "
        "Look at its status page."
    )


# After a crash


def test_what_was_handed_over_before_the_folder_went_is_known_when_it_is_back(
    store: Store, tmp_path: Path
) -> None:
    """Meanwhile it cannot be told whether the letter was handed over. It was; so it is not skipped, though the
    consent is withdrawn and it has become too late."""
    [one] = fill(store, 1, channel="letter")
    out = tmp_path / "out"
    store.claim(day(1), 1)
    folders(out)["letter"].deliver([Outgoing(message=one, rendered=PlainRenderer().render(one))])
    out.rename(tmp_path / "away")
    out.write_text("in the way")
    with store.unit() as unit:
        unit.put([customer(0, consents={"letter/care": ConsentStatement(False, day(2), 2)})])
    world = World(store, *folders(out).values(), now=2)
    assert world.send() == Counts()
    assert [outage.waiting for outage in world.sender.outages()] == [1]
    world.clock.moment = day(9)
    assert world.send(after_s=5) == Counts()
    assert only(store).message.status is Status.CLAIMED
    out.unlink()
    (tmp_path / "away").rename(out)
    assert world.send(after_s=300) == Counts(recovered=1)
    assert only(store).message.status is Status.SENT
    assert world.sender.outages() == []


def test_a_claimed_message_of_which_nothing_can_be_told_keeps_no_other(store: Store) -> None:
    fill(store, 4, channel="sms")
    [claimed] = store.claim(day(1), 1)
    provider = Provider()
    provider.faults[claimed.message.id] = DOWN
    world = World(store, provider)
    assert world.send() == Counts(claimed=3, sent=3)
    assert [outage.waiting for outage in world.sender.outages()] == [1]
    provider.faults.clear()
    assert world.send(after_s=1) == Counts(claimed=1, sent=1, recovered=1)
    assert len(provider.taken) == 4


def test_one_at_which_every_group_stumbles_keeps_no_other(store: Store) -> None:
    """The channel gives up its whole group for it, as it cannot tell which it was."""
    fill(store, 60, channel="sms")
    provider = Provider()
    first = min(message(n).id for n in range(60))
    deliver = provider.deliver

    def stumble(outgoings: Sequence[Outgoing]) -> list[Answer]:
        if any(one.message.id == first for one in outgoings):
            raise DOWN
        return deliver(outgoings)

    provider.deliver = stumble  # type: ignore[method-assign]
    world = World(store, provider)
    for _ in range(6):
        world.send(after_s=2)
    assert len(provider.taken) == 59
    provider.deliver = deliver  # type: ignore[method-assign]
    assert world.send(after_s=300).sent == 1
