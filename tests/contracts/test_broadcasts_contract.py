"""What every store promises of broadcasts (`engine/ports/broadcasts.py`)."""

from datetime import timedelta

from msgspec.structs import replace

from engine.model.messages import Reason, Status
from engine.ports import FanOut, MessageFilter, Store
from engine.store.postgres import PostgresStore
from tests.contracts.samples import customer, customer_id, day, message

NEWS = "news"


def fan_out(n: int = 1, *, journey: str = NEWS, only_to: str = "") -> FanOut:
    return FanOut(id=f"f{n}", journey=journey, at=day(n), by_hand=True, only_to=only_to)


def is_shared(store: Store) -> bool:
    """Whether it is what an owner of partitions works on."""
    return isinstance(store, PostgresStore) and store.partitions == 1


def begin(store: Store, *those: FanOut) -> None:
    for one in those:
        assert store.begin_broadcast(one, shared=is_shared(store))


def decided(store: Store, *numbers: int, journey: str = NEWS) -> None:
    with store.unit() as unit:
        unit.add_messages(message(n, day(n), journey=journey) for n in numbers)


def test_a_broadcast_is_begun_once(store: Store) -> None:
    begin(store, fan_out(only_to="faulty"))
    assert not store.begin_broadcast(replace(fan_out(), only_to="other"), shared=is_shared(store))
    assert not store.begin_broadcast(fan_out(2), shared=is_shared(store)), "the first is under way"
    with store.unit() as unit:
        [found] = unit.fan_outs()
    assert (found.by_hand, found.only_to, found.paused, found.delay) == (True, "faulty", False, timedelta())


def test_those_of_a_journey_are_told_newest_first_done_or_not(store: Store) -> None:
    begin(store, fan_out(1))
    with store.unit() as unit:
        unit.put_fan_out(replace(fan_out(1), cursor="c7", begun=5, done=True))
    begin(store, fan_out(2), fan_out(3, journey="other"))
    found = [one.fan_out for one in store.courses_of(NEWS)]
    assert [(one.id, one.cursor, one.begun, one.done) for one in found] == [
        ("f2", "", 0, False),
        ("f1", "c7", 5, True),
    ]


def test_a_pause_holds_the_journeys_messages_and_fan_outs_and_no_others(store: Store) -> None:
    begin(store, fan_out(1), fan_out(2, journey="other"))
    decided(store, 1, 2)
    decided(store, 3, journey="other")
    assert store.pause(NEWS, day(4))
    assert not store.pause(NEWS, day(5))
    assert store.paused() == {NEWS: day(4)}
    with store.unit() as unit:
        assert {one.id: one.paused for one in unit.fan_outs()} == {"f1": True, "f2": False}
    assert [row.message.journey for row in store.claim(day(20), 10)] == ["other"]

    assert store.resume(NEWS, day(6))
    assert not store.resume(NEWS, day(7))
    assert store.paused() == {}
    assert len(store.claim(day(20), 10)) == 2
    [resumed] = [one.fan_out for one in store.courses_of(NEWS)]
    assert (resumed.paused, resumed.delay) == (False, timedelta(days=2))


def test_the_time_of_several_pauses_is_added_and_counts_from_the_beginning_at_most(store: Store) -> None:
    assert store.pause(NEWS, day(1))
    begin(store, fan_out(3))
    assert store.resume(NEWS, day(5))
    assert store.pause(NEWS, day(7))
    assert store.resume(NEWS, day(8))
    assert store.courses_of(NEWS)[0].fan_out.delay == timedelta(days=3)


def test_where_a_fan_out_stands_is_written_and_its_delay_is_not(store: Store) -> None:
    begin(store, fan_out(1))
    store.pause(NEWS, day(2))
    with store.unit() as unit:
        [before] = unit.fan_outs()
        unit.put_fan_out(replace(before, cursor="c1", begun=1, paused=False))
    store.resume(NEWS, day(3))
    with store.unit() as unit:
        unit.put_fan_out(replace(before, cursor="c2", begun=2))
        [after] = unit.fan_outs()
    assert (after.cursor, after.begun, after.delay) == ("c2", 2, timedelta(days=1))


def test_stopping_ends_what_is_open_and_skips_what_waits(store: Store) -> None:
    begin(store, fan_out(2))
    decided(store, 1, 2, 3)
    decided(store, 4, journey="other")
    assert store.stop_broadcasts(NEWS, day(5), shared=is_shared(store)) == 2, (
        "the first was decided before it began"
    )
    assert [(one.fan_out.done, one.fan_out.stopped) for one in store.courses_of(NEWS)] == [(True, day(5))]
    stopped = store.messages(MessageFilter(statuses=frozenset({Status.SKIPPED})))
    assert [(row.message.id, row.message.reason) for row in stopped] == [
        (message(2).id, Reason.STOPPED),
        (message(3).id, Reason.STOPPED),
    ]
    assert {row.message.id for row in store.claim(day(20), 10)} == {message(1).id, message(4).id}
    assert store.stop_broadcasts(NEWS, day(5), shared=is_shared(store)) is None


def finished(store: Store, one: FanOut) -> None:
    with store.unit() as unit:
        unit.put_fan_out(replace(one, done=True))


def test_one_whose_messages_wait_is_under_way_and_can_be_stopped_though_all_is_decided(store: Store) -> None:
    begin(store, fan_out(1))
    decided(store, 2, 3)
    finished(store, fan_out(1))
    assert store.under_way(NEWS) == day(1)
    assert not store.begin_broadcast(fan_out(4), shared=is_shared(store))
    assert store.stop_broadcasts(NEWS, day(5), shared=is_shared(store)) == 2
    assert store.under_way(NEWS) is None
    assert store.claim(day(20), 10) == []
    begin(store, fan_out(4))


def test_what_is_held_or_claimed_is_under_way_too(store: Store) -> None:
    begin(store, fan_out(1))
    held = message(2, day(2), journey=NEWS, status=Status.HELD, reason=Reason.CAPPED, held_until=day(9))
    with store.unit() as unit:
        unit.add_messages([held])
    finished(store, fan_out(1))
    assert store.under_way(NEWS) == day(1)
    assert store.stop_broadcasts(NEWS, day(5), shared=is_shared(store)) == 1
    decided(store, 3)
    [claimed] = store.claim(day(20), 10)
    assert store.under_way(NEWS) == day(1)
    store.settle([replace(claimed, message=replace(claimed.message, status=Status.SENT), sent_at=day(4))])
    assert store.under_way(NEWS) is None


def test_one_that_was_stopped_is_not_begun_again_by_who_was_at_it(store: Store) -> None:
    begin(store, fan_out(1))
    store.stop_broadcasts(NEWS, day(2), shared=is_shared(store))
    with store.unit() as unit:
        unit.put_fan_out(replace(fan_out(1), cursor="c9", begun=9))
        assert unit.fan_outs() == []


def test_how_far_it_has_come_is_told_and_stays_so_when_it_is_stopped(store: Store) -> None:
    begin(store, fan_out(1))
    with store.unit() as unit:
        unit.put_fan_out(replace(fan_out(1), cursor="40" + "0" * 30, begun=7))
    assert [one.share for one in store.courses_of(NEWS)] == [0.25]
    store.stop_broadcasts(NEWS, day(2), shared=is_shared(store))
    begin(store, fan_out(3))
    finished(store, fan_out(3))
    told = [(one.share, one.fan_out.begun, one.fan_out.stopped) for one in store.courses_of(NEWS)]
    assert told == [(1.0, 0, None), (0.25, 7, day(2))]


def test_whom_one_by_hand_has_come_to_is_known(store: Store) -> None:
    begin(store, fan_out(1))
    with store.unit() as unit:
        unit.put([customer(1)])
        unit.put_fan_out(FanOut(id="by its schedule", journey=NEWS, at=day(1)))
        unit.put_fan_out(replace(fan_out(1), cursor=customer_id(1), begun=1))
    [found] = store.fan_outs_to(customer_id(1))
    before, after = customer_id(1)[:-1], customer_id(1) + "0"
    assert [found.has_reached(one) for one in (before, customer_id(1), after)] == [True, True, False]
    store.pause(NEWS, day(2))
    assert [(one.paused, one.stopped) for one in store.fan_outs_to(customer_id(1))] == [(True, None)]
    store.stop_broadcasts(NEWS, day(3), shared=is_shared(store))
    [found] = store.fan_outs_to(customer_id(1))
    assert (found.stopped, found.has_reached(after)) == (day(3), False)


def test_what_became_of_a_journeys_messages_is_counted_since_a_moment(store: Store) -> None:
    decided(store, 1, 2, 3)
    decided(store, 4, journey="other")
    [claimed] = [row for row in store.claim(day(20), 10) if row.message.id == message(3).id]
    sent = replace(claimed, message=replace(claimed.message, status=Status.SENT), sent_at=day(4))
    store.settle([sent])
    channel = message(1).channel
    assert store.tally(NEWS, day(2)) == {(channel, Status.CLAIMED, None): 1, (channel, Status.SENT, None): 1}


def test_recipients_are_those_who_got_a_message_of_the_template_or_perhaps_did(store: Store) -> None:
    decided(store, 1, 2, 3, 4)
    with store.unit() as unit:
        unit.add_messages([replace(message(5), template="another")])
    became = {1: Status.SENT, 2: Status.UNKNOWN, 3: Status.FAILED, 5: Status.SENT}  # 4 is being handed over
    by_id = {message(n).id: status for n, status in became.items()}
    store.settle(
        replace(row, message=replace(row.message, status=by_id[row.message.id]), sent_at=day(9))
        for row in store.claim(day(20), 10)
        if row.message.id in by_id
    )
    asked = [customer_id(n) for n in (1, 3, 4, 5, 6)]
    with store.unit() as unit:
        assert unit.recipients(message(1).template, asked) == {customer_id(1), customer_id(4)}
        assert unit.recipients(message(1).template, [customer_id(2)]) == {customer_id(2)}
        assert unit.recipients("nothing", asked) == set()
