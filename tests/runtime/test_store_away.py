"""A store that is away for a moment while messages are sent: nothing is lost by it, nothing is sent twice."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from engine.model.errors import ServiceUnavailable
from engine.model.messages import Status
from engine.ports import MessageFilter, MessageRow, TryAgain
from engine.runtime import sender as module
from engine.runtime.sender import Sender
from engine.store.sqlite import SqliteStore
from tests.bus.world import until
from tests.contracts.samples import day
from tests.runtime.deliver_world import Provider, deliverer, fill, folders

AWAY = ServiceUnavailable("The database cannot be used.")


class Leaving(SqliteStore):
    """Goes away in the middle of some call, before it does it or after."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.away: dict[str, tuple[str, Exception]] = {}

    def _leave(self, name: str, call: Callable[[], Any]) -> Any:
        when, error = self.away.pop(name, ("", AWAY))
        if when == "before":
            raise error
        done = call()
        if when:
            raise error
        return done

    def claim(self, *given: Any) -> list[MessageRow]:
        return self._leave("claim", lambda: super(Leaving, self).claim(*given))  # type: ignore[no-any-return]

    def begin(self, *given: Any) -> Any:
        return self._leave("begin", lambda: super(Leaving, self).begin(*given))

    def settle(self, settled: Iterable[MessageRow]) -> None:
        self._leave("settle", lambda: super(Leaving, self).settle(settled))

    def consents_of(self, ids: Any) -> Any:
        return self._leave("consents_of", lambda: super(Leaving, self).consents_of(ids))

    def claimed(self) -> list[MessageRow]:
        return self._leave("claimed", super().claimed)  # type: ignore[no-any-return]


@pytest.fixture
def store(tmp_path: Path) -> Any:
    made = Leaving(tmp_path / "milepost.db")
    yield made
    made.close()


def outcomes(store: SqliteStore) -> list[tuple[Status, int]]:
    return [(row.message.status, row.attempts) for row in store.messages(MessageFilter())]


@pytest.mark.parametrize("name", ["claim", "settle", "consents_of"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_was_under_way_is_found_out_when_it_is_back(
    store: Leaving, tmp_path: Path, name: str, when: str
) -> None:
    fill(store, 6)
    sender = deliverer(store, folders(tmp_path / "out"), day(1))
    sender.deliver_due(day(-1))  # it has looked for what a dead sender left, and found nothing
    store.away[name] = (when, AWAY)
    with pytest.raises(ServiceUnavailable):
        sender.deliver_due(day(1))
    sender.deliver_due(day(1))
    assert outcomes(store) == [(Status.SENT, 1)] * 6
    files = [one for one in (tmp_path / "out").rglob("*") if one.is_file()]
    assert len({one.stem for one in files}) == 6
    assert store.claimed() == []


def test_one_that_goes_away_while_it_is_asked_what_is_left_is_asked_again(
    store: Leaving, tmp_path: Path
) -> None:
    fill(store, 6)
    store.claim(day(1), 6)
    sender = deliverer(store, folders(tmp_path / "out"), day(1))
    for name in ("claimed", "settle", "settle"):
        store.away[name] = ("after", AWAY)
        with pytest.raises(ServiceUnavailable):
            sender.deliver_due(day(1))
    sender.deliver_due(day(1))
    assert outcomes(store) == [(Status.SENT, 1)] * 6


def test_of_a_channel_that_cannot_be_asked_nothing_is_handed_over_twice(store: Leaving) -> None:
    fill(store, 3, channel="sms")
    provider = Provider(repeatable=False)
    sender = deliverer(store, {"sms": provider}, day(1))
    sender.deliver_due(day(-1))
    store.away["begin"] = ("after", AWAY)  # that it begins is written down, and nobody knows
    with pytest.raises(ServiceUnavailable):
        sender.deliver_due(day(1))
    sender.deliver_due(day(1))
    assert provider.taken == []
    assert [status for status, _ in outcomes(store)] == [Status.UNKNOWN] * 3


class Shared(Leaving):
    """As one who owns all of it."""

    def share(self, _tokens: Any) -> "Shared":
        return self


def sender_on(store: Shared, out: Path) -> Sender:
    sender = Sender(store, lambda share: deliverer(share, folders(out), day(1)), lambda: day(1))  # type: ignore[arg-type]
    sender.owned({0: 1})
    return sender


@pytest.mark.parametrize("error", [AWAY, TryAgain("It gave way.")])
def test_the_sender_of_a_worker_waits_for_it(tmp_path: Path, error: Exception) -> None:
    store = Shared(tmp_path / "milepost.db")
    fill(store, 6)
    store.away = dict.fromkeys(("claimed", "claim", "consents_of", "settle"), ("before", error))
    sender, stopped = sender_on(store, tmp_path / "out"), threading.Event()
    thread = threading.Thread(target=sender.run, args=(stopped,))
    thread.start()
    try:
        until(lambda: (sender.idle_at is not None and not store.away) or not thread.is_alive())
    finally:
        stopped.set()
        thread.join()
    assert outcomes(store) == [(Status.SENT, 1)] * 6
    store.close()


def test_but_not_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.1)
    store = Shared(tmp_path / "milepost.db")
    monkeypatch.setattr(store, "claimed", lambda: store._leave("claimed", list))

    def leave(*_: object) -> None:
        raise AWAY

    monkeypatch.setattr(store, "_leave", leave)
    with pytest.raises(ServiceUnavailable):
        sender_on(store, tmp_path / "out").run(threading.Event())
    store.close()
