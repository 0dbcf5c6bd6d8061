"""What the memory store promises beyond the contract: little memory, and messages handed on."""

import random
import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.model.messages import Message
from engine.ports import MessageFilter
from engine.store.memory import MemoryStore, SeenKeys
from tests.contracts.samples import customer, day, logged, message


def test_to_know_a_duplicate_costs_less_than_twenty_bytes_an_event() -> None:
    """At every moment: no table doubles."""
    chance = random.Random(1)
    seen = SeenKeys()
    worst = 0.0
    tracemalloc.start()
    for n in range(1, 30_001):
        seen.add(chance.randbytes(16))
        if n >= 10_000 and n % 500 == 0:
            worst = max(worst, tracemalloc.get_traced_memory()[1] / n)
            tracemalloc.reset_peak()
    tracemalloc.stop()
    assert len(seen) == 30_000
    assert worst < 20


@given(st.lists(st.tuples(st.sampled_from(["add", "discard", "ask"]), st.integers(0, 400)), max_size=900))
def test_seen_keys_are_a_set(steps: list[tuple[str, int]]) -> None:
    """Held against Python's own; keys of few different bytes, so that they overlap in their bucket."""
    seen, expected = SeenKeys(), set[bytes]()
    for step, n in steps:
        key = bytes(4) + bytes((n >> bit) & 1 for bit in range(12))
        if step == "add":
            assert seen.add(key) == (key not in expected)
            expected.add(key)
        elif step == "discard":
            seen.discard([key])
            expected.discard(key)
        assert (key in seen) == (key in expected)
        assert len(seen) == len(expected)


def test_seen_keys_are_a_set_when_there_are_many() -> None:
    chance = random.Random(2)
    keys = [chance.randbytes(16) for _ in range(30_000)]
    seen = SeenKeys()
    assert all(seen.add(key) for key in keys)
    assert not any(seen.add(key) for key in keys)
    seen.discard(keys[::2])
    assert [key in seen for key in keys] == [False, True] * 15_000


def test_no_event_is_kept_unless_asked_for() -> None:
    store = MemoryStore()
    one = logged(1, "c1")
    references = sys.getrefcount(one.event)
    with store.unit() as unit:
        unit.log([one])
    references_after = sys.getrefcount(one.event)
    assert references_after == references
    assert store.events_of("c1") == []


def test_messages_are_handed_on_when_their_unit_has_ended() -> None:
    handed: list[Message] = []
    store = MemoryStore(on_message=handed.append)
    with store.unit() as unit:
        unit.add_messages([message(2), message(1)])
        assert handed == []
    assert handed == [message(2), message(1)]
    assert list(store.messages(MessageFilter())) == []


def test_messages_of_a_unit_that_fails_are_not() -> None:
    handed: list[Message] = []
    store = MemoryStore(on_message=handed.append)
    with pytest.raises(ZeroDivisionError), store.unit() as unit:
        unit.add_messages([message(1)])
        raise ZeroDivisionError
    assert handed == []


def test_nobody_gets_lost_or_comes_up_twice_when_untrue_timers_are_cleared_away() -> None:
    store = MemoryStore()
    with store.unit() as unit:
        unit.put([customer(2, day(2)), customer(3, day(3))])
        for n in range(3000):
            unit.put([customer(1, day(6 + n % 7))])
        unit.put([customer(1, day(7))])
        assert unit.due(day(1000), 100) == [customer(2, day(2)), customer(3, day(3)), customer(1, day(7))]


def test_timers_grow_with_customers_not_with_their_events() -> None:
    store = MemoryStore()
    document = customer(1, day(0))
    tracemalloc.start()
    with store.unit() as unit:
        unit.put([document])
    before = tracemalloc.get_traced_memory()[0]
    for n in range(5_000):
        with store.unit() as unit:
            unit.put([replace(document, next_due_at=day(n))])
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 400_000
