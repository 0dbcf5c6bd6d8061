"""Units on PostgreSQL that get in one another's way: nothing is lost by it, and none is done by halves."""

from urllib.parse import urlsplit

import pytest

from engine.model.errors import MilepostError, ServiceUnavailable
from engine.model.partitions import partition_of
from engine.ports import AlreadyLogged, MessageFilter
from engine.ports.errors import TryAgain
from engine.store.postgres import PostgresStore, Timeouts
from tests.contracts.samples import customer, customer_id, day, event, logged, message, rejection
from tests.contracts.stores import PARTITIONS, one_server
from tests.store.meanwhile import Meanwhile, in_a_unit, others_wait
from tests.store.proxy import Proxy

pytestmark = one_server

Two = tuple[PostgresStore, PostgresStore]


@pytest.fixture
def two(shared_store: PostgresStore) -> Two:
    """The shares of two workers."""
    first, second = (shared_store.share({n: shared_store.take_over(n, f"worker {n}")}) for n in (0, 1))
    return first, second


def arrivals(store: PostgresStore) -> dict[str, int]:
    return {one.id: one.arrivals for one in store.customers([customer_id(n) for n in range(9)]).values()}


def test_a_customer_that_is_worked_on_is_waited_for(two: Two, database: str) -> None:
    first, second = two
    with first.unit() as unit:
        unit.put([customer(1, arrivals=1)])
    with first.unit() as unit:
        unit.customers([customer_id(1)])
        other = Meanwhile(in_a_unit(second, lambda unit: unit.customers([customer_id(1)])))
        others_wait(database)
        unit.put([customer(1, arrivals=2)])
    assert other.result()[customer_id(1)].arrivals == 2


def test_who_is_due_is_asked_again_after_waiting(two: Two, database: str) -> None:
    """What was due of a customer may have been done by the one whom it was waited for."""
    first, second = two
    numbers = [n for n in range(100) if partition_of(customer_id(n), PARTITIONS) == 1][:2]
    with second.unit() as unit:
        unit.put(customer(n, day(1)) for n in numbers)
    with first.unit() as unit:  # a car of theirs changes hands
        unit.customers([customer_id(numbers[0])])
        due = Meanwhile(in_a_unit(second, lambda unit: unit.due(day(5), 9)))
        others_wait(database)
        unit.put([customer(numbers[0], day(9))])
    assert due.result() == [customer(numbers[1], day(1))]


def test_of_two_that_wait_for_one_another_one_gives_up(two: Two, database: str) -> None:
    first, second = two
    with first.unit() as unit:
        unit.put([customer(1), customer(2)])

    def both_ways(store: PostgresStore, mine: int, others: int) -> str:
        try:
            with store.unit() as unit:
                unit.customers([customer_id(mine)])
                if mine == 2:
                    waits.append(Meanwhile(lambda: both_ways(first, 1, 2)))
                    others_wait(database)
                unit.customers([customer_id(others)])
                unit.put([customer(1, arrivals=mine), customer(2, arrivals=mine)])
        except TryAgain:
            return "gave way"
        return "done"

    waits: list[Meanwhile] = []
    outcomes = {both_ways(second, 2, 1), waits[0].result()}
    assert outcomes == {"done", "gave way"}
    assert len(set(arrivals(first).values())) == 1  # all of the one, nothing of the other


def test_a_lock_that_does_not_come_is_not_waited_for_for_ever(two: Two, database: str) -> None:
    first, _ = two
    with first.unit() as unit:
        unit.put([customer(1)])
    hurried = PostgresStore.open(database, timeouts=Timeouts(lock_ms=30))
    with first.unit() as unit:
        unit.customers([customer_id(1)])
        asked = Meanwhile(in_a_unit(hurried, lambda unit: unit.customers([customer_id(1)])))
        with pytest.raises(TryAgain, match="lock timeout"):
            asked.result()
    hurried.close()


def test_a_customer_whom_two_units_make_is_made_by_one(two: Two) -> None:
    first, second = two
    with pytest.raises(TryAgain, match="same customers"), first.unit() as unit:
        assert unit.customers([customer_id(1)]) == {}
        Meanwhile(in_a_unit(second, lambda unit: unit.put([customer(1, arrivals=7)]))).result()
        unit.put([customer(1, arrivals=1), customer(2)])
        unit.add_messages([message(1)])
    assert arrivals(first) == {customer_id(1): 7}
    assert list(first.messages(MessageFilter())) == []


def test_an_event_that_two_units_log_is_logged_by_one(two: Two) -> None:
    first, second = two
    with pytest.raises(TryAgain, match="same event"), first.unit() as unit:
        assert unit.seen([event(1).key]) == set()
        Meanwhile(in_a_unit(second, lambda unit: unit.log([logged(1)]))).result()
        unit.log([logged(1)])
    with first.unit() as unit:
        assert unit.seen([event(1).key]) == {event(1).key}
    with pytest.raises(AlreadyLogged), first.unit() as unit:
        unit.log([logged(1)])


def test_an_identifier_that_two_units_learn_leads_where_the_first_said(two: Two, database: str) -> None:
    first, second = two
    mobile, plate = ("mobile", "+1"), ("plate", "京A1")
    with first.unit() as unit:
        assert unit.learn_new({mobile: "c1"}) == {mobile: "c1"}
        other = Meanwhile(in_a_unit(second, lambda unit: unit.learn_new({plate: "c2", mobile: "c2"})))
        others_wait(database)
    assert other.result() == {plate: "c2", mobile: "c1"}
    with first.unit() as unit:
        assert unit.learn_new({}) == {}
        unit.learn({mobile: "c3"})
        assert unit.learn_new({mobile: "c4"}) == {mobile: "c3"}


def test_units_of_many_threads_that_learn_the_same_crosswise_all_end(shared_store: PostgresStore) -> None:
    named = [("mobile", f"+{n}") for n in range(40)]
    orders = (named, named[::-1], named[20:] + named[:20])
    learning = [
        Meanwhile(
            in_a_unit(shared_store, lambda unit, order=order: unit.learn_new(dict.fromkeys(order, "c1")))
        )
        for order in orders
    ]
    assert all(one.result() == dict.fromkeys(named, "c1") for one in learning)


# The store as a whole


def test_units_of_the_whole_store_decide_one_after_another(
    shared_store: PostgresStore, database: str
) -> None:
    """As on SQLite: what one reads of the clock, of events, of customers who are new, no other changes meanwhile."""
    with shared_store.unit() as unit:
        assert unit.get("clock") is None
        other = Meanwhile(in_a_unit(shared_store, lambda unit: unit.get("clock")))
        others_wait(database)
        unit.set("clock", "1")
    assert other.result() == "1"


def test_learning_and_refusing_waits_for_nobody_who_decides(shared_store: PostgresStore) -> None:
    with shared_store.unit() as unit:
        unit.seen([event(1).key])

        def inbox(unit: object) -> object:
            shared_store.customers([customer_id(1)])
            unit.add_rejections([rejection(1)])  # type: ignore[attr-defined]
            return unit.learn_new({("mobile", "+1"): "c1"})  # type: ignore[attr-defined]

        assert Meanwhile(in_a_unit(shared_store, inbox)).result() == {("mobile", "+1"): "c1"}


def test_a_unit_that_went_on_after_an_error_is_not_taken_for_done(shared_store: PostgresStore) -> None:
    with pytest.raises(MilepostError, match="not committed"), shared_store.unit() as unit:
        unit.put([customer(1)])
        unit.log([logged(1), logged(1)])
        with pytest.raises(Exception, match="duplicate"):
            unit.customers([customer_id(2)])
    assert arrivals(shared_store) == {}


def test_a_unit_that_wrote_on_after_an_error_is_a_fault_and_not_the_servers_trouble(
    shared_store: PostgresStore,
) -> None:
    with pytest.raises(MilepostError, match="not committed") as told, shared_store.unit() as unit:
        unit.log([logged(1), logged(1)])
        with pytest.raises(Exception, match="duplicate"):
            unit.customers([customer_id(2)])
        unit.put([customer(1)])
    assert not isinstance(told.value, ServiceUnavailable), "that would be tried again"
    assert arrivals(shared_store) == {}


def test_what_texts_cannot_hold_is_replaced_and_found_again(shared_store: PostgresStore) -> None:
    member = ("member", "a\0b")
    with shared_store.unit() as unit:
        unit.learn({member: customer_id(1)})
        unit.put([customer(1)])
        unit.add_rejections([rejection(1, reason="no such type: \0", file="\0.jsonl", raw=b"\0")])
        assert unit.owners([member]) == {member: customer_id(1)}
    assert shared_store.find([member]) == [customer(1)]
    [row] = shared_store.rejections()
    assert (row.reason, row.file, row.raw) == ("no such type: \ufffd", "\ufffd.jsonl", b"\0")


def test_a_customer_is_filed_where_its_events_come_from(shared_store: PostgresStore, database: str) -> None:
    with shared_store.unit() as unit:
        unit.put(customer(n, day(n)) for n in range(50))
        unit.add_messages(message(n) for n in range(50))
    by_part = {
        part: {one.id for one in _due(shared_store.share({part: shared_store.take_over(part, "")}))}
        for part in range(PARTITIONS)
    }
    assert by_part == {
        part: {customer_id(n) for n in range(50) if partition_of(customer_id(n), PARTITIONS) == part}
        for part in range(PARTITIONS)
    }


def _due(store: PostgresStore) -> list[object]:
    with store.unit() as unit:
        return list(unit.due(day(1000), 100))


def test_a_unit_takes_a_round_trip_for_each_question_and_three(database: str) -> None:
    """However much it writes; over a network each is a wait."""
    there = urlsplit(database)
    with Proxy(there.hostname or "", there.port or 0) as network:
        url = database.replace(f":{there.port}/", f":{network.port}/")
        whole = PostgresStore.open(url, partitions=PARTITIONS)
        share = whole.share({0: whole.take_over(0, "worker")})

        def unit_with(number: int) -> int:
            before = network.answers
            with share.unit() as unit:
                unit.seen([event(number).key])
                unit.customers([customer_id(number)])
                unit.log([logged(number)])
                unit.put([customer(number)])
                unit.add_messages([message(number)])
            return network.answers - before

        unit_with(1)  # its statements are made ready
        assert unit_with(2) == 2 + 3
        whole.close()
