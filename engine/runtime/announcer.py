"""Tells other systems what has become of messages, and of the events that journeys make: from the store, which keeps
each until it was told, to the topics of messages and of events.

The steps, whose numbers the code repeats and crash tests are named by:

1. Read what was not announced of the partitions that this worker owns.
2. Write it to the topic, under the customers' ids, and wait until the broker has it.
3. Forget it.

A crash before 3 announces it again, with the same ids: whoever reads the topic knows them by these. Nothing waits for
it: neither decisions nor sending, which leave the outcomes here, nor a change of owner. A broker that is away for long
makes the store keep them for as long.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from math import inf

from engine.model.announcements import Announcement, announcement_event
from engine.model.errors import ServiceUnavailable
from engine.model.events import to_cloud_event
from engine.ports import Fenced, Produced, Publication, SharedStore, TryAgain
from engine.runtime.crashpoints import reach
from engine.runtime.patience import Patience

AT_A_TIME = 500

NAP_S = 0.5
"""How long it waits when there is nothing to tell."""

LONGEST_PAUSE_S = 15.0

HEADERS = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)

_log = logging.getLogger(__name__)


class Announcer:
    """Outcomes go to `topic`; events that journeys have made to `events_topic`, the log, where the engine itself finds
    them to be duplicates: they were decided on when they were made. `publish` returns when the broker has the records,
    and raises `ServiceUnavailable` where it has not taken them. `on_announced` is told how many were."""

    def __init__(
        self,
        store: SharedStore,
        publish: Callable[[Sequence[Produced]], None],
        topic: str,
        events_topic: str,
        on_announced: Callable[[int], None] = lambda _count: None,
    ) -> None:
        self._store = store
        self._publish = publish
        self._topic = topic
        self._events_topic = events_topic
        self._on_announced = on_announced
        self._turn = threading.Lock()
        self._share: SharedStore | None = None
        self._patience = Patience(inf, longest_s=LONGEST_PAUSE_S)
        self.idle_at: float | None = None
        """When (monotonic seconds) it began to look the last time and found nothing to tell; None while there is."""

    def owned(self, tokens: Mapping[int, int]) -> None:
        """The partitions that are owned from now on."""
        share = self._store.share(tokens) if tokens else None
        with self._turn:
            self._share = share

    def run(self, stopped: threading.Event) -> None:
        """Announces until told to stop. What cannot be told, as the broker or the database is away, is kept and tried
        again, for however long: it is nothing to end a worker for."""
        while not stopped.is_set():
            try:
                pause_s = 0.0 if self._step() else NAP_S
                self._patience.done()
            except (ServiceUnavailable, TryAgain) as error:
                self.idle_at = None
                pause_s = self._patience.pause_s(error)
                if self._patience.growing:
                    _log.warning("outcomes are announced later: %s", error.message)
            if pause_s:
                stopped.wait(pause_s)

    def _step(self) -> bool:
        """Whether anything was told."""
        began, share = time.monotonic(), self._share
        found = share.announcements(AT_A_TIME) if share is not None else []  # 1
        made = share.published(AT_A_TIME) if share is not None else []
        self.idle_at = None if found or made else began
        if share is None or not (found or made):
            return False
        reach("announcer.1")
        self._publish([*map(self._record, found), *map(self._event, made)])  # 2
        reach("announcer.2")
        try:
            share.announced(found)  # 3
            share.told(made)
        except Fenced:  # taken over: the new owner tells them once more
            self._let_go(share)
            return False
        reach("announcer.3")
        self._on_announced(len(found) + len(made))
        return True

    def _let_go(self, share: SharedStore) -> None:
        with self._turn:
            if self._share is share:
                self._share = None

    def _record(self, one: Announcement) -> Produced:
        return Produced(self._topic, one.message.customer_id.encode(), announcement_event(one), HEADERS)

    def _event(self, one: Publication) -> Produced:
        return Produced(self._events_topic, one.customer_id.encode(), to_cloud_event(one.event))
