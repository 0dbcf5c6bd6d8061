"""Clicks are counted behind the back of whoever clicked."""

from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Event

import pytest

from engine.model.errors import ServiceUnavailable
from engine.model.links import Click
from engine.wiring import counting
from engine.wiring.counting import Counting, Followed, event_of

AT = datetime(2026, 1, 5, tzinfo=UTC)


def followed(number: int) -> Followed:
    return Followed(Click("0f" * 16, f"https://example.com/{number}"), AT)


def test_what_cannot_be_taken_is_tried_again_until_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "PAUSE_S", 0.01)
    taken: list[Followed] = []
    all_there = Event()
    failures = iter([ServiceUnavailable("away")] * 3)

    def take(together: Sequence[Followed]) -> None:
        for failure in failures:
            raise failure
        taken.extend(together)
        if len(taken) == 500:
            all_there.set()

    counted = Counting(take)
    assert all(counted.note(followed(n)) for n in range(500))
    assert all_there.wait(10)
    counted.close()
    assert taken == [followed(n) for n in range(500)]


def test_who_clicks_never_waits_and_is_told_when_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_WAITING", 3)
    at_work, go_on = Event(), Event()

    def take(_together: Sequence[Followed]) -> None:
        at_work.set()
        go_on.wait(10)

    counted = Counting(take)
    assert counted.note(followed(0))
    assert at_work.wait(10)
    assert [counted.note(followed(n)) for n in range(1, 5)] == [True, True, True, False]
    go_on.set()
    counted.close()


def test_who_ends_while_the_database_is_away_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "PAUSE_S", 60)
    tried = Event()

    def take(_together: Sequence[Followed]) -> None:
        tried.set()
        raise ServiceUnavailable("away")

    counted = Counting(take)
    counted.note(followed(1))
    assert tried.wait(10)
    counted.close()
    assert not counted._thread.is_alive()


def test_the_same_click_is_the_same_event() -> None:
    first, again = event_of(followed(1).click, AT), event_of(followed(1).click, datetime.now(UTC))
    assert (first["source"], first["id"]) == (again["source"], again["id"])
    assert first["id"] != event_of(followed(2).click, AT)["id"]
