"""What nobody can tell whether it was sent is left, given up or sent again, as the policy has it."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from engine.model.messages import Status
from engine.model.policy import AfterAll, Policy, Unsettled
from engine.model.times import Duration
from engine.ports import MessageFilter, Store
from engine.runtime.deliver import Deliverer
from engine.runtime.settling import AT_A_TIME, EVERY, Settling
from tests.contracts.samples import customer, day, message
from tests.contracts.stores import on_postgres
from tests.runtime.deliver_world import SHANGHAI, FixedClock, PlainRenderer, Provider, may_send

POLICY = Policy(zone=SHANGHAI, locale="zh-CN", brand="michelin", channels=("letter",), purposes={})


@pytest.fixture(params=["memory_store", "sqlite_store", on_postgres("share")])
def store(request: pytest.FixtureRequest) -> Store:
    made: Store = request.getfixturevalue(request.param)
    return made


def rule(then: AfterAll, days: int = 3) -> Policy:
    return replace(POLICY, unsettled=Unsettled(after=Duration(days=days), then=then))


def lost(store: Store, count: int = 1) -> None:
    """So many messages, too late after a week, of which nobody has told since the first day."""
    with store.unit() as unit:
        unit.put(customer(n) for n in range(count))
        unit.add_messages(message(n) for n in range(count))
    rows = store.claim(day(1), count)
    store.settle(
        replace(row, message=replace(row.message, status=Status.UNKNOWN), tried_at=day(1), note="time-out")
        for row in rows
    )


def statuses(store: Store) -> set[Status]:
    return {row.message.status for row in store.messages(MessageFilter())}


def test_it_is_left_alone_unless_the_policy_says_otherwise(memory_store: Store) -> None:
    lost(memory_store)
    assert Settling(memory_store, lambda: POLICY).settle(day(300)).failed == 0
    assert statuses(memory_store) == {Status.UNKNOWN}


def test_it_has_failed_when_nobody_has_told_for_so_long(store: Store) -> None:
    lost(store, 2)
    assert Settling(store, lambda: rule(AfterAll.FAILED)).settle(day(4) - timedelta(seconds=1)).failed == 0
    assert Settling(store, lambda: rule(AfterAll.FAILED)).settle(day(4)).failed == 2
    rows = list(store.messages(MessageFilter()))
    assert {row.message.status for row in rows} == {Status.FAILED}
    assert {row.note for row in rows} == {"within 3 days nobody has told whether it was sent"}


def test_it_is_sent_again_where_it_is_not_too_late(store: Store) -> None:
    lost(store)
    provider = Provider("letter")
    now = day(5)
    sender = Deliverer(
        store,
        PlainRenderer(),
        {"letter": provider},
        may_send,
        FixedClock(now),
        settling=Settling(store, lambda: rule(AfterAll.SEND_AGAIN)),
    )
    assert sender.deliver_some(now), "it is said that there is more to do"
    sender.deliver_some(now)
    assert provider.taken == [message(0).id]
    assert statuses(store) == {Status.SENT}


def test_what_is_too_late_to_be_sent_again_has_failed(store: Store) -> None:
    lost(store)
    assert Settling(store, lambda: rule(AfterAll.SEND_AGAIN)).settle(day(8)).failed == 1
    assert statuses(store) == {Status.FAILED}


def test_all_of_many_are_settled(memory_store: Store) -> None:
    lost(memory_store, AT_A_TIME + 3)
    assert Settling(memory_store, lambda: rule(AfterAll.FAILED)).settle(day(4)).failed == AT_A_TIME + 3


def test_it_is_not_looked_for_all_the_time(memory_store: Store) -> None:
    settling = Settling(memory_store, lambda: rule(AfterAll.FAILED))
    settling.settle(day(9))
    lost(memory_store)
    assert settling.settle(day(9) + EVERY / 2).failed == 0
    assert settling.settle(day(9) + EVERY).failed == 1


@pytest.mark.parametrize("status", [Status.SENT, Status.FAILED, Status.DELIVERED])
def test_nothing_else_is_given_up(store: Store, status: Status) -> None:
    with store.unit() as unit:
        unit.add_messages([message(0)])
    [row] = store.claim(day(1), 1)
    store.settle([replace(row, message=replace(row.message, status=status))])
    assert store.unsettled(day(99), 9) == []
    assert store.give_up([message(0).id, "unknown"], "…") == 0
    assert statuses(store) == {status}
