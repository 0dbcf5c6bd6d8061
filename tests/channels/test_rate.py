"""A provider's rate is kept, message by message, however they go together."""

import threading

import pytest

from engine.channels.rate import Rate


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def went_at(rate: Rate, seconds: Seconds, messages: int) -> list[float]:
    """Each as soon as there is room for it."""
    moments: list[float] = []
    while len(moments) < messages:
        room = rate.room()
        taken = min(room.messages, messages - len(moments))
        rate.take(taken)
        moments += [round(seconds.now - 100.0, 6)] * taken
        seconds.now += room.again_s
    return moments


def test_they_go_evenly() -> None:
    seconds = Seconds()
    assert went_at(Rate(4, seconds=seconds), seconds, 5) == [0, 0.25, 0.5, 0.75, 1.0]


def test_many_a_second_go_together_from_the_first_moment_on_and_no_more_is_saved_up() -> None:
    seconds = Seconds()
    rate = Rate(30, seconds=seconds)
    assert went_at(rate, seconds, 9) == [0, 0, 0, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2]
    seconds.now = 1100.0
    assert went_at(rate, seconds, 7) == pytest.approx([1000] * 4 + [1000 + 1 / 12] * 3, abs=0.02)


def test_a_process_that_has_just_begun_may_send_no_more_than_any_other() -> None:
    assert Rate(0.05).room().messages == 1


def test_more_than_there_was_room_for_is_made_up_for() -> None:
    seconds = Seconds()
    rate = Rate(4, seconds=seconds)
    rate.take(5)
    assert (rate.room().messages, rate.room().again_s) == (0, 1.25)


def test_several_threads_take_from_one_rate() -> None:
    rate = Rate(1, seconds=lambda: 0.0)
    threads = [threading.Thread(target=lambda: [rate.take() for _ in range(50)]) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert rate.room().again_s == 200


def test_none_is_none() -> None:
    rate = Rate(0)
    rate.take(10_000)
    assert rate.room().messages > 10_000
