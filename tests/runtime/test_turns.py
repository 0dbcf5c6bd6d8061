"""A lane on which messages go slowly keeps no other waiting, and nobody who wants to stop."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.ports import Answer, Lane, MessageFilter, Outgoing
from engine.runtime.deliver import Deliverer
from engine.runtime.turns import MOST_ROWS, Size, Turns
from engine.store.sqlite import SqliteStore
from tests.contracts.samples import customer, day, message
from tests.runtime.deliver_world import FixedClock, PlainRenderer, Provider, may_send

SLOW_S = 0.1


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Timed(Provider):
    """Takes a while over each message."""

    def __init__(self, name: str, seconds: Seconds, each_s: float) -> None:
        super().__init__(name)
        self._seconds = seconds
        self._each_s = each_s

    def deliver(self, outgoings: Sequence[Outgoing]) -> list[Answer]:
        self._seconds.now += len(outgoings) * self._each_s
        return super().deliver(outgoings)


@pytest.mark.parametrize(
    ("each_s", "rows"), [(0.00001, MOST_ROWS), (0.001, 400), (0.02, 50), (0.5, 1), (9, 1)]
)
def test_as_many_are_taken_as_are_sent_in_about_a_second(each_s: float, rows: int) -> None:
    size = Size(100)
    for _ in range(20):
        size.took(size.rows, size.rows * each_s)
    assert size.rows == rows


def test_where_there_were_few_nothing_is_learnt_of_many() -> None:
    size = Size(100)
    size.took(3, 0.001)
    assert size.rows == 100


def test_a_slow_channel_gets_its_turns_and_no_more(tmp_path: Path) -> None:
    """By SMS, all of which were ready first, ten go a second."""
    seconds = Seconds()
    sms, email = Timed("sms", seconds, SLOW_S), Timed("email", seconds, 0.001)
    store = SqliteStore(tmp_path / "milepost.db")
    with store.unit() as unit:
        unit.put(customer(n) for n in range(900))
        unit.add_messages(message(n, channel="sms") for n in range(300))
        unit.add_messages(message(n, day(0.1), channel="email") for n in range(300, 900))
    sender = Deliverer(
        store,
        PlainRenderer(),
        {"sms": sms, "email": email},
        may_send,
        FixedClock(day(1)),
        turns=Turns(seconds),
    )
    longest_s, email_done_at_s = 0.0, 0.0
    while True:
        began_s = seconds.now
        if not sender.deliver_some(day(1)):
            break
        longest_s = max(longest_s, seconds.now - began_s)
        if len(email.taken) == 600 and not email_done_at_s:
            email_done_at_s = seconds.now
    assert longest_s <= 2.5
    assert email_done_at_s <= 5.0
    assert seconds.now == pytest.approx(300 * SLOW_S + 600 * 0.001)
    oldest_first = sorted(message(n).id for n in range(300))
    assert sms.taken == oldest_first
    assert Counter(row.attempts for row in store.messages(MessageFilter())) == {1: 900}
    store.close()


def test_it_is_passed_over_until_others_have_had_as_much_time() -> None:
    seconds = Seconds()
    turns = Turns(seconds)
    slow, quick = Lane("sms", "michelin"), Lane("email", "michelin")

    def send(lane: Lane, took_s: float) -> None:
        with turns.round(lambda: 1), turns.turn(lane, 1):
            seconds.now += took_s

    send(slow, 3.0)
    assert turns.ahead() == [slow]
    send(quick, 0.9)
    assert turns.ahead() == [slow]
    send(quick, 0.9)
    send(quick, 1.3)
    assert turns.ahead() == [quick]
    turns.forget()
    assert turns.ahead() == []
