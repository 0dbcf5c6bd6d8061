"""Every outcome of a message is told to other systems, at least once, whatever goes away meanwhile."""

import json
import threading
from collections.abc import Callable, Sequence

import jsonschema
import pytest

from engine.intake.asyncapi import asyncapi
from engine.model.announcements import Announcement, announcement_event
from engine.model.errors import ServiceUnavailable
from engine.model.messages import Reason, Status
from engine.ports import Produced
from engine.runtime.announcer import Announcer
from engine.runtime.patience import Patience
from engine.store.postgres import PostgresStore
from tests.bus.world import until
from tests.contracts.samples import ADDRESS, customer_id, day, message
from tests.contracts.stores import one_server
from tests.store.test_postgres_shares import own

SKIPPED = {"status": Status.SKIPPED, "reason": Reason.NO_CONSENT, "channel": None, "locale": None}


class Topic:
    """What was written; `first` is done before, each time."""

    def __init__(self) -> None:
        self.written: list[Produced] = []
        self.first: Callable[[], None] = lambda: None

    def publish(self, records: Sequence[Produced]) -> None:
        self.first()
        self.written += records


class World:
    """A store with outcomes, whose announcer runs until it has nothing to tell."""

    def __init__(self, store: PostgresStore) -> None:
        self.store = store
        self.share = own(store, 0, 1, 2, 3)
        self.topic = Topic()
        self.told = 0
        self.announcer = Announcer(store, self.topic.publish, "care.messages", "care.events", self._count)
        self._stopped = threading.Event()

    def _count(self, count: int) -> None:
        self.told += count

    def skip(self, *numbers: int) -> None:
        with self.share.unit() as unit:
            unit.add_messages(message(n, **SKIPPED) for n in numbers)

    def own(self) -> None:
        self.announcer.owned({part: self.store.take_over(part, "another") for part in range(4)})

    def announce(self) -> list[str]:
        """The messages that are told, in order."""
        thread = threading.Thread(target=self.announcer.run, args=(self._stopped,))
        before = len(self.topic.written)
        thread.start()
        try:
            until(lambda: self.announcer.idle_at is not None or not thread.is_alive())
        finally:
            self._stopped.set()
            thread.join()
        self._stopped.clear()
        self.announcer.idle_at = None
        return [json.loads(one.value)["subject"] for one in self.topic.written[before:]]


@pytest.fixture
def world(shared_store: PostgresStore) -> World:
    return World(shared_store)


@one_server
def test_outcomes_are_told_once_when_nothing_goes_wrong(world: World) -> None:
    world.skip(*range(1200))
    world.own()
    assert sorted(world.announce()) == sorted(message(n).id for n in range(1200))
    assert world.announce() == []
    assert world.told == 1200
    assert {one.topic for one in world.topic.written} == {"care.messages"}
    assert {one.key for one in world.topic.written} == {customer_id(n).encode() for n in range(1200)}


@one_server
def test_who_owns_nothing_tells_nothing(world: World) -> None:
    world.skip(1)
    assert world.announce() == []
    world.own()
    world.announcer.owned({})
    assert world.announce() == []


@one_server
def test_a_broker_that_is_away_delays_it(world: World) -> None:
    left = [3]

    def away() -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise ServiceUnavailable("The broker did not take records.")

    world.topic.first = away
    world.skip(1, 2)
    world.own()
    assert sorted(world.announce()) == sorted(message(n).id for n in (1, 2))


@one_server
def test_one_that_was_taken_over_in_between_leaves_it_to_the_next(world: World) -> None:
    world.skip(1)
    world.own()
    world.topic.first = lambda: [world.store.take_over(part, "another") for part in range(4)] and None
    assert world.announce() == [message(1).id]
    assert world.announce() == []
    world.topic.first = lambda: None
    world.own()
    assert world.announce() == [message(1).id]
    first, again = world.topic.written
    assert first == again
    assert world.told == 1


def announcement(**members: object) -> Announcement:
    whole = {"partition": 0, "number": 7, "message": message(1, **SKIPPED), "at": day(1), "attempts": 0}
    return Announcement(**{**whole, "note": "", **members})  # type: ignore[arg-type]


def told(one: Announcement) -> dict[str, object]:
    """As it is written to the topic."""
    found: dict[str, object] = json.loads(announcement_event(one))
    return found


def test_it_is_told_as_it_is_described() -> None:
    described = asyncapi()
    payload = described["components"]["messages"]["message.settled"]["payload"]
    for one in (
        announcement(),
        announcement(message=message(1, status=Status.FAILED), note="no such template", attempts=3),
    ):
        jsonschema.validate(told(one), payload, format_checker=jsonschema.FormatChecker())
    data = told(announcement())["data"]
    assert isinstance(data, dict)
    assert set(data) == set(payload["properties"]["data"]["required"])


def test_nothing_in_it_tells_of_the_person() -> None:
    whole = json.dumps(told(announcement()), ensure_ascii=False)
    known = [*ADDRESS.values(), message(1).customer or "", message(1).vehicle or "", "胎压表"]
    assert [one for one in known if one in whole] == []


def test_each_outcome_has_an_id_of_its_own_which_stays_the_same() -> None:
    one = announcement()
    assert told(one)["id"] == told(announcement())["id"]
    others = [
        announcement(number=8),
        announcement(at=day(2)),
        announcement(message=message(2, **SKIPPED)),
    ]
    assert len({told(each)["id"] for each in (one, *others)}) == 4


def test_patience_waits_longer_each_time_and_ends() -> None:
    now = [100.0]
    patience = Patience(10.0, longest_s=0.4, seconds=lambda: now[0])
    trouble = ServiceUnavailable("away")
    assert [patience.pause_s(trouble) for _ in range(5)] == [0.05, 0.1, 0.2, 0.4, 0.4]
    assert not patience.growing
    now[0] += 9.9
    patience.pause_s(trouble)
    patience.done()
    now[0] += 5.0
    assert patience.pause_s(trouble) == 0.05
    now[0] += 10.0
    with pytest.raises(ServiceUnavailable):
        patience.pause_s(trouble)
