"""A provider's rate is kept, and whoever asks first goes first."""

import threading

import pytest

from engine.channels.rate import Rate


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def went_at(rate: Rate, seconds: Seconds, messages: int) -> list[float]:
    moments = []
    for _ in range(messages):
        rate.wait()
        moments.append(round(seconds.now - 100.0, 6))
    return moments


def test_they_go_evenly() -> None:
    seconds = Seconds()
    rate = Rate(4, seconds=seconds, sleep=seconds.sleep)
    assert went_at(rate, seconds, 5) == [0, 0.25, 0.5, 0.75, 1.0]


def test_after_a_rest_a_burst_goes_at_once_and_no_more_is_saved_up() -> None:
    seconds = Seconds()
    rate = Rate(4, burst=3, seconds=seconds, sleep=seconds.sleep)
    assert went_at(rate, seconds, 5) == [0, 0, 0, 0.25, 0.5]
    seconds.now = 1100.0
    assert went_at(rate, seconds, 5) == [1000, 1000, 1000, 1000.25, 1000.5]


def test_what_goes_together_is_counted_in_full() -> None:
    seconds = Seconds()
    rate = Rate(1000, seconds=seconds, sleep=seconds.sleep)
    assert [rate.reserve(500) for _ in range(3)] == pytest.approx([0.0, 0.5, 1.0])


def test_each_is_given_its_moment_in_the_order_of_asking_by_several_threads_too() -> None:
    rate = Rate(10, seconds=lambda: 0.0)
    given: list[float] = []
    threads = [
        threading.Thread(target=lambda: given.extend(rate.reserve() for _ in range(50))) for _ in range(4)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(given) == pytest.approx([n / 10 for n in range(200)])


def test_while_the_provider_asks_to_be_left_alone_nothing_goes() -> None:
    seconds = Seconds()
    rate = Rate(4, burst=4, seconds=seconds, sleep=seconds.sleep)
    rate.rest(10)
    assert went_at(rate, seconds, 2)[0] >= 9


def test_none_is_none() -> None:
    assert [Rate(0).reserve(1000) for _ in range(3)] == [0.0, 0.0, 0.0]
