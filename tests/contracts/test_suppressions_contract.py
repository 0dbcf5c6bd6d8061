"""What every store promises of its keys, and of where nothing is sent any more (`engine/ports/suppressions.py`)."""

import threading
from collections.abc import Iterable
from datetime import datetime

import pytest

from engine.model.suppression import Address, Cause, Lifting, Suppression
from engine.ports import Store
from tests.contracts.samples import day

WANG = Address("email", "w@example.cn")
LI = Address("sms", "+8613800000001")


def suppression(to: Address, cause: Cause = Cause.BOUNCED, at: datetime | None = None) -> Suppression:
    return Suppression(to=to, cause=cause, at=at or day(1), event="ab12")


def suppress(store: Store, *those: Suppression) -> None:
    with store.unit() as unit:
        unit.suppress(those)


def lift(store: Store, those: Iterable[Lifting]) -> None:
    with store.unit() as unit:
        unit.unsuppress(those)


def listed(store: Store) -> list[tuple[str, Cause, datetime]]:
    return sorted((row.channel, row.cause, row.at) for row in store.suppressions())


def test_a_key_is_made_once_and_is_the_same_for_ever(store: Store) -> None:
    first = store.secret("links")
    assert len(first) == 32
    assert store.secret("links") == first
    assert store.secret("another") != first


def test_whoever_asks_first_for_a_key_all_get_the_same(store: Store) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(store.secret("links"))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_those_are_known_that_were_put_on_the_list(store: Store) -> None:
    assert store.suppressed([WANG, LI]) == set()
    suppress(store, suppression(WANG))
    assert store.suppressed([WANG, LI]) == {WANG}
    assert store.suppressed([]) == set()
    assert store.suppressed([Address("sms", WANG.text)]) == set()


def test_many_are_asked_for_at_once(store: Store) -> None:
    many = [Address("email", f"p{n}@example.cn") for n in range(500)]
    suppress(store, *(suppression(one) for one in many[::2]))
    assert store.suppressed(many) == set(many[::2])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Address("email", "W@Example.CN "), WANG),
        (Address("email", "\uff57@example.cn"), WANG),
        (Address("sms", "0086 138-0000-0001"), LI),
        (Address("sms", "+86 138 0000 0001"), LI),
        (Address("letter", "CN, 北京市,  幸福路1号, 王芳"), Address("letter", "cn, 北京市, 幸福路1号, 王芳")),
    ],
)
def test_an_address_is_the_same_however_it_is_written(store: Store, one: Address, other: Address) -> None:
    suppress(store, suppression(one))
    assert store.suppressed([other]) == {other}


def test_the_list_tells_no_address(store: Store) -> None:
    suppress(store, suppression(WANG))
    [row] = store.suppressions()
    assert (row.channel, row.cause, row.at, row.event) == ("email", Cause.BOUNCED, day(1), "ab12")
    assert len(row.hash) == 32
    assert b"example" not in row.hash


def test_of_one_cause_the_latest_word_counts_and_each_cause_is_kept(store: Store) -> None:
    suppress(store, suppression(WANG, at=day(2)), suppression(WANG, at=day(3)))
    suppress(store, suppression(WANG, at=day(1)), suppression(WANG, Cause.COMPLAINED, day(9)))
    assert listed(store) == [("email", Cause.BOUNCED, day(3)), ("email", Cause.COMPLAINED, day(9))]


def test_what_is_lifted_is_only_what_was_said_before_and_for_that_cause(store: Store) -> None:
    suppress(store, suppression(WANG, Cause.UNSUBSCRIBED, day(2)), suppression(WANG, Cause.BOUNCED, day(1)))
    lift(store, [Lifting(to=WANG, causes=(Cause.UNSUBSCRIBED,), until=day(1))])
    assert len(listed(store)) == 2
    lift(store, [Lifting(to=WANG, causes=(Cause.UNSUBSCRIBED,), until=day(2)), Lifting(to=LI)])
    assert listed(store) == [("email", Cause.BOUNCED, day(1))]
    assert store.suppressed([WANG]) == {WANG}
    lift(store, [Lifting(to=WANG)])
    assert store.suppressed([WANG]) == set()


def test_a_unit_that_fails_changes_nothing_of_the_list(store: Store) -> None:
    suppress(store, suppression(WANG))
    with pytest.raises(ZeroDivisionError), store.unit() as unit:
        unit.suppress([suppression(LI), suppression(WANG, at=day(5))])
        unit.unsuppress([Lifting(to=WANG)])
        raise ZeroDivisionError
    assert listed(store) == [("email", Cause.BOUNCED, day(1))]


def test_a_key_first_needed_in_a_unit_that_fails_is_the_same_afterwards_for_all(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.unit() as unit:
        unit.suppress([suppression(LI)])
        raise ZeroDivisionError
    suppress(store, suppression(WANG))
    assert store.suppressed([WANG, LI]) == {WANG}


def test_what_is_about_one_address_can_be_asked_for(store: Store) -> None:
    suppress(store, suppression(WANG, Cause.COMPLAINED, day(3)), suppression(WANG), suppression(LI))
    assert [row.cause for row in store.suppressions(WANG)] == [Cause.BOUNCED, Cause.COMPLAINED]
    assert list(store.suppressions(Address("email", "nobody@example.cn"))) == []


def test_a_long_list_is_told_whole_and_counted(store: Store) -> None:
    many = [Address("email", f"p{n}@example.cn") for n in range(1100)]
    suppress(store, *(suppression(one, at=day(n % 7)) for n, one in enumerate(many)), suppression(LI))
    rows = list(store.suppressions())
    assert len({row.hash for row in rows}) == 1101
    assert [row.hash for row in rows] == sorted(row.hash for row in rows)
    assert store.count_suppressions() == {("email", Cause.BOUNCED): 1100, ("sms", Cause.BOUNCED): 1}
