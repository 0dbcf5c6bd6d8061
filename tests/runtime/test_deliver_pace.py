"""What a provider's rate, or a trouble that passes, lets go later only, waits in the ledger and not in the channel:
there a withdrawal stops it, and a crash finds it untouched."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.channels.rate import Rate
from engine.model.customer import ConsentStatement
from engine.model.errors import ServiceUnavailable, Unsettled
from engine.model.messages import Reason, Status
from engine.ports import MessageFilter, MessageRow, Store
from engine.runtime.deliver import Deliverer
from engine.runtime.deliver_outcomes import Counts
from engine.runtime.outages import Resting
from engine.runtime.paces import Paces
from engine.runtime.turns import FIRST_OF_LANE
from engine.store.sqlite import SqliteStore
from tests.contracts.samples import customer, day, message
from tests.runtime.deliver_world import FixedClock, PlainRenderer, Provider, fill, may_send

BUSY = ServiceUnavailable("The provider asks for fewer requests.", retry_after_s=12, passing=True)
LOST = Unsettled("No answer came.")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = SqliteStore(tmp_path / "milepost.db")
    yield store
    store.close()


class World:
    """One process's sender, and its seconds, which pass when a test says so."""

    def __init__(self, store: Store, *channels: Provider, per_s: float = 0.0) -> None:
        self.clock = FixedClock(day(1))
        self.seconds = 0.0
        self.channels = channels
        for one in channels:
            one.rate = Rate(per_s, seconds=self.now_s)
        self.sender = Deliverer(
            store,
            PlainRenderer(),
            {one.name: one for one in channels},
            may_send,
            self.clock,
            resting=Resting(seconds=self.now_s),
            paces=Paces(self.now_s),
        )

    def now_s(self) -> float:
        return self.seconds

    def send(self, after_s: float = 0.0) -> Counts:
        self.seconds += after_s
        self.clock.moment += timedelta(seconds=after_s)
        return self.sender.deliver_due(self.clock.moment)


def rows(store: Store) -> list[MessageRow]:
    return list(store.messages(MessageFilter()))


def withdraw(store: Store, n: int) -> None:
    with store.unit() as unit:
        unit.put([customer(n, consents={"letter/care": ConsentStatement(False, day(1), 2)}, version=2)])


# The rate


def test_only_what_the_rate_lets_go_is_begun_and_the_others_wait_untouched(store: Store) -> None:
    fill(store, 5, channel="sms")
    provider = Provider(repeatable=False)
    world = World(store, provider, per_s=0.05)
    assert world.send() == Counts(claimed=1, sent=1)
    waiting = [row for row in rows(store) if row.message.status is Status.QUEUED]
    assert [(row.attempts, row.tried_at, row.claimed_at, row.note) for row in waiting] == [
        (0, None, None, "")
    ] * 4
    assert world.sender.outages() == []
    assert world.sender.again_in_s() == 20
    assert world.send(after_s=19) == Counts()
    assert [world.send(after_s=20).sent for _ in range(4)] == [1] * 4
    assert world.send(after_s=20) == Counts()
    assert world.sender.again_in_s() is None


def test_a_consent_withdrawn_while_a_message_waits_for_the_rate_counts(store: Store) -> None:
    messages = fill(store, 3, channel="sms")
    provider = Provider(repeatable=False)
    world = World(store, provider, per_s=0.05)
    assert world.send().sent == 1
    for n in range(3):
        withdraw(store, n)
    assert world.send(after_s=20) == Counts(claimed=2, skipped=2)
    assert len(provider.taken) == 1
    skipped = [row.message.reason for row in rows(store) if row.message.id not in provider.taken]
    assert skipped == [Reason.NO_CONSENT] * (len(messages) - 1)


def test_a_group_is_as_large_as_the_rate_lets_it_be_from_the_first_one_on(store: Store) -> None:
    fill(store, 3 * FIRST_OF_LANE, channel="sms")
    provider = Provider(repeatable=False)
    world = World(store, provider, per_s=50)
    world.send()
    assert [len(one) for one in provider.groups] == [5]
    for _ in range(11):
        world.send(after_s=world.sender.again_in_s() or 0.0)
    assert [len(one) for one in provider.groups] == [5] * 12
    assert world.seconds == pytest.approx(1.1)


def test_the_rate_is_the_channels_and_other_channels_go_on(store: Store) -> None:
    with store.unit() as unit:
        unit.put(customer(n) for n in range(300))
        unit.add_messages(message(n, channel="sms", brand=("michelin", "warrior")[n % 2]) for n in range(10))
        unit.add_messages(message(n, day(0.1), channel="email") for n in range(10, 300))
    sms, email = Provider(), Provider("email")
    world = World(store, sms, email)
    sms.rate = Rate(0.1, seconds=world.now_s)
    assert world.send().sent == 291
    for n in range(2, 11):
        assert world.send(after_s=10) == Counts(claimed=1, sent=1)
        assert len(sms.taken) == n
    ids = {row.message.id: row.message for row in rows(store)}
    assert sms.taken == sorted(sms.taken, key=lambda one: ids[one].at)


# What passes


def test_a_consent_withdrawn_while_the_provider_wants_to_be_left_alone_counts(store: Store) -> None:
    fill(store, 1, channel="sms")
    provider = Provider(repeatable=False)
    provider.fault = BUSY
    world = World(store, provider)
    assert world.send() == Counts()
    assert world.sender.again_in_s() == 12
    assert world.sender.outages() == []  # it passes
    withdraw(store, 0)
    provider.fault = None
    assert world.send(after_s=12) == Counts(claimed=1, skipped=1)
    assert provider.taken == []


def test_what_does_not_pass_after_all_is_told_and_waited_for_no_longer(store: Store) -> None:
    fill(store, 1, channel="sms")
    provider = Provider(repeatable=False)
    provider.fault = ServiceUnavailable("The provider is busy.", passing=True)
    world = World(store, provider)
    waits, told = [], []
    while True:
        world.send(after_s=waits[-1] if waits else 0.0)
        told.append(len(world.sender.outages()))
        if (wait_s := world.sender.again_in_s()) is None:
            break
        waits.append(wait_s)
    assert waits == [1, 2, 4]
    assert told == [0, 1, 1, 1]


def test_what_asks_for_a_long_rest_is_told_at_once(store: Store) -> None:
    fill(store, 1, channel="sms")
    provider = Provider()
    provider.fault = ServiceUnavailable("Enough for this hour.", retry_after_s=600, passing=True)
    world = World(store, provider)
    world.send()
    assert len(world.sender.outages()) == 1
    assert world.sender.again_in_s() is None


# What nobody can tell


def test_after_an_answer_that_was_lost_the_lane_rests_a_second_and_goes_on(store: Store) -> None:
    fill(store, 100, channel="sms")
    provider = Provider(repeatable=False)
    provider.fault = LOST
    world = World(store, provider)
    assert world.send() == Counts(claimed=FIRST_OF_LANE, unknown=FIRST_OF_LANE)
    assert world.sender.again_in_s() == 1
    assert world.sender.outages() == []
    provider.fault = None
    assert world.send(after_s=1) == Counts(claimed=80, sent=80)
    assert world.sender.again_in_s() is None


def test_where_every_answer_is_lost_few_messages_are(store: Store) -> None:
    fill(store, 100, channel="sms")
    provider = Provider(repeatable=False)
    provider.fault = LOST
    world = World(store, provider)
    for _ in range(60):
        world.send(after_s=1)
    assert sum(row.message.status is Status.UNKNOWN for row in rows(store)) == FIRST_OF_LANE + 5
    assert [one.waiting for one in world.sender.outages()] == [100 - FIRST_OF_LANE - 5]
