"""The gateway under the load of dealers' software, killed with -9 again and again: what was answered by 202 is in the
database, what was not is sent again, and everything counts once."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

import httpx
import pytest

from engine.store.sqlite import SqliteStore
from tests.support import write_project
from tests.web.dealers import EVENTS, purchase
from tests.web.gateways import JOURNEY, Gateway, Site

THREADS = 6
EACH = 60
KILLED = 3


class Load:
    """Threads that send events of their own, one after the other, each until it is answered by 202. `answered` has an
    item for each that was."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._address = threading.Condition()
        self._url = ""
        self.answered: SimpleQueue[str] = SimpleQueue()
        self.taken: set[str] = set()
        self.unanswered = 0
        self._threads = [threading.Thread(target=self._send, args=(one,)) for one in range(THREADS)]
        for one in self._threads:
            one.start()

    def at(self, url: str) -> None:
        with self._address:
            self._url = url
            self._address.notify_all()

    def join(self) -> None:
        for one in self._threads:
            one.join(120)

    def _send(self, number: int) -> None:
        url = ""
        for place in range(EACH):
            event = purchase(number * EACH + place)
            while not self._posted(url, event):
                with self._address:
                    self._address.wait_for(lambda tried=url: self._url != tried, 60)
                    url = self._url
            self.taken.add(event["id"])
            self.answered.put(event["id"])

    def _posted(self, url: str, event: dict[str, object]) -> bool:
        if not url:
            return False
        with suppress(httpx.TransportError):
            headers = {"authorization": f"Bearer {self._key}"}
            answer = httpx.post(url + EVENTS, json=event, headers=headers, timeout=30)
            assert answer.status_code == 202, answer.text
            return True
        self.unanswered += 1
        return False


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    write_project(tmp_path, {"hello": JOURNEY})
    yield Site(tmp_path)


def test_no_event_that_was_answered_by_202_is_lost(site: Site) -> None:
    key = json.loads(site.run("keys", "create", "--dealer", "d001", "--format", "json"))["key"]
    load = Load(key)
    for _ in range(KILLED):
        gateway = Gateway(site, {})
        load.at(gateway.url)
        for _ in range(THREADS * EACH // (2 * KILLED)):
            load.answered.get(timeout=60)
        gateway.end(signal.SIGKILL)
        assert load.taken.copy() <= set(logged(site))
    with site.gateway() as last:
        load.at(last.url)
        load.join()
    assert load.unanswered > 0  # it was hit
    assert sorted(load.taken) == logged(site)
    assert len(load.taken) == THREADS * EACH


def logged(site: Site) -> list[str]:
    """The ids of all events in the database, as often as they are there."""
    store = SqliteStore(site.project / "milepost.db")
    try:
        ids = [one.id for one in store.known_after("", 100_000)]
        return sorted(one.event.id for one in store.arrivals(ids))
    finally:
        store.close()
