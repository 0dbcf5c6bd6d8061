"""What passes by itself is tried again, less and less often, for a while."""

from datetime import UTC, datetime

import pytest

from engine.channels.backoff import Backoff, Tries, retry_after_s


class Seconds:
    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now


def pauses(backoff: Backoff, chance: float, asked_s: float | None = None) -> list[float]:
    seconds = Seconds()
    tries = Tries(backoff, chance=lambda: chance, seconds=seconds)
    found = []
    while (pause_s := tries.pause_s(asked_s)) is not None:
        found.append(pause_s)
        seconds.now += pause_s
    assert tries.made == len(found) + 1
    return found


def test_the_pauses_double_up_to_the_longest_and_the_tries_end() -> None:
    backoff = Backoff(most=6, first_s=1, longest_s=5, deadline_s=100)
    assert pauses(backoff, 1.0) == [1, 2, 4, 5, 5]
    assert pauses(backoff, 0.5) == [0.5, 1, 2, 2.5, 2.5]
    assert pauses(backoff, 0.0) == [0, 0, 0, 0, 0]


def test_none_is_begun_after_the_deadline() -> None:
    assert pauses(Backoff(most=99, first_s=1, longest_s=100, deadline_s=10), 1.0) == [1, 2, 4]


def test_the_provider_is_left_alone_for_as_long_as_it_asks() -> None:
    backoff = Backoff(most=4, first_s=1, longest_s=5, deadline_s=20)
    assert pauses(backoff, 0.5, asked_s=3) == [3.5, 4, 5]
    assert pauses(backoff, 0.5, asked_s=21) == []


NOW = datetime(2025, 3, 8, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sat, 08 Mar 2025 06:02:00 GMT", 120.0),
        ("Sat, 08 Mar 2025 06:02:00", 120.0),
        ("Sat, 08 Mar 2025 05:02:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("１２", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, NOW) == seconds
