"""Putting a worker together that shares the work with others: stages on the stream, the sender beside them."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from engine.bus.worker import Work
from engine.intake.identify import Identification
from engine.intake.parse import Parser, joined
from engine.model.diagnostics import Rejection
from engine.model.errors import ServiceUnavailable
from engine.model.events import Event
from engine.ports import Bus, SharedStore, TryAgain
from engine.runtime.advance import Advance
from engine.runtime.announcer import Announcer
from engine.runtime.deliver_outcomes import Counts
from engine.runtime.sender import Sender
from engine.runtime.stages import EventsStage, InboxStage, Topics, Watermark
from engine.runtime.stages.events import STAGE as EVENTS
from engine.runtime.stages.inbox import STAGE as INBOX
from engine.wiring.assembly import clock_of
from engine.wiring.delivery import deliverer_for
from engine.wiring.deployed import Projects
from engine.wiring.desks import desk_for
from engine.wiring.settings import Settings

log = logging.getLogger(__name__)

LOOK_S = 0.25
"""How often a worker that is to stop when it is idle looks whether it is."""


def work_for(
    projects: Projects,
    folder: Path,
    store: SharedStore,
    settings: Settings,
    *,
    until_idle: bool = False,
    until: datetime | None = None,
) -> Callable[[Bus], Work]:
    """What the bus is to run. `until_idle`: it stops when nothing is left to be done; by the events' clock, after time
    has passed to `until` too."""

    def make(bus: Bus) -> Work:
        topics = Topics.prefixed(settings.kafka_prefix)
        clock = clock_of(settings)
        watermark = Watermark(store, bus.end_offsets, topics)
        sent = bus.metrics.counter(
            "milepost_messages_total", "Messages handed over, by what became of them.", ["outcome"]
        )

        def count(counts: Counts) -> None:
            for outcome in ("sent", "skipped", "held", "failed", "put_off", "unknown", "recovered"):
                if n := getattr(counts, outcome):
                    sent.add(n, outcome=outcome)

        def now() -> datetime | None:
            return clock.now() if clock is not None else events.reached()

        def owned(tokens: Mapping[int, int]) -> None:
            projects.renew()  # what another worker has decided of these, it may have decided by a newer one
            sender.owned(tokens)
            announcer.owned(tokens)

        announced = bus.metrics.counter(
            "milepost_announced_total", "Outcomes of messages told to other systems."
        )
        announcer = Announcer(store, bus.publish, topics.messages, topics.events, announced.add)
        sender = Sender(store, lambda share: deliverer_for(projects, share, settings), now, count)
        events = EventsStage(
            lambda share: Advance(
                projects.present.program,
                share,
                Identification(),
                clock,
                leads=False,
                share=1 / store.partitions,
                renew=projects.renew,
            ),
            store,
            f"{socket.gethostname()}:{os.getpid()}",
            topics,
            bus.metrics,
            watermark=watermark if clock is None else None,
            on_owned=owned,
        )
        inbox = InboxStage(_parse(projects), Identification(), store, topics, clock)
        stop = _StopWhenIdle(events, sender, announcer, watermark, until if clock is None else None)
        desk = desk_for(projects, store, folder, settings, now=now, tell=_tell)
        return Work(
            stages={topics.inbox: inbox, topics.events: events},
            writes=(topics.rejected, topics.messages, topics.events),
            found=lambda ids: _follow(store, {INBOX: topics.inbox, EVENTS: topics.events}, ids),
            companions=[
                sender.run,
                announcer.run,
                *([partial(desk.run, last=until_idle)] if desk is not None else []),
                *([stop.run] if until_idle else []),
            ],
            check=lambda: _reachable(store),
            close=store.close,
        )

    return make


def _tell(text: str, name: str, it: dict[str, Any]) -> None:
    log.info("%s", text, extra={"event": name, **{f"letters_{key}": value for key, value in it.items()}})


def _parse(projects: Projects) -> Callable[[bytes, str, int], Event | Rejection]:
    """What is refused is looked at once more by the newest deployment: it may be what knows such events."""

    @lru_cache(maxsize=2)
    def parser_of(deployment: int) -> Parser:
        del deployment  # what is kept is that of the present program, which its number stands for
        program = projects.present.program
        return Parser(program.event_types, program.policy.country)

    def parse(value: bytes, file: str, line: int) -> Event | Rejection:
        known = projects.present.program.deployment
        parsed = parser_of(known).parse(value, file, line)
        if isinstance(parsed, Event):
            return parsed
        newest = projects.renew().deployment
        if newest != known:
            parsed = parser_of(newest).parse(value, file, line)
        return parsed if isinstance(parsed, Event) else joined(parsed)

    return parse


def _follow(store: SharedStore, stages: Mapping[str, str], ids: Mapping[str, str]) -> None:
    """What was noted of a topic says nothing of another one that has its name, after a broker's disk was lost, say."""
    for stage, topic in stages.items():
        if store.follow(stage, ids[topic]):
            log.warning(
                "%s was made anew: it is read from its beginning, and what was in the former one comes no more",
                topic,
            )


def _reachable(store: SharedStore) -> None:
    store.progress("events")


class _StopWhenIdle:
    """Tells this process to stop once every event has been decided, what is due is done, what can be sent is sent, and
    all outcomes are announced; by the events' clock, once more after time has passed to its end."""

    def __init__(
        self,
        events: EventsStage,
        sender: Sender,
        announcer: Announcer,
        watermark: Watermark,
        until: datetime | None,
    ) -> None:
        self._events = events
        self._sender = sender
        self._announcer = announcer
        self._watermark = watermark
        self._until = until
        self._decided_at: float | None = None
        self._sent_at: float | None = None

    def run(self, stopped: threading.Event) -> None:
        while not stopped.wait(LOOK_S):
            # Of a database that is away the stages tell, which wait for it.
            with suppress(ServiceUnavailable, TryAgain):
                if self._is_idle() and self._is_end():
                    os.kill(os.getpid(), signal.SIGTERM)
                    return

    def _is_end(self) -> bool:
        """Whether that was all; else lets time pass to its end."""
        if self._until is None:
            return True
        reached = self._watermark.reached()
        self._events.finish_at(self._until if reached is None else max(self._until, reached))
        self._until = self._decided_at = self._sent_at = None
        return False

    def _is_idle(self) -> bool:
        """Whether the sender has found nothing to send after nothing was left to be decided, and the announcer nothing
        to tell after that."""
        self._watermark.reached()
        if not (self._watermark.drained and self._events.idle_everywhere):
            self._decided_at = self._sent_at = None
            return False
        if self._decided_at is None:
            self._decided_at = time.monotonic()
        sent_at = self._sender.idle_at
        if sent_at is None or sent_at <= self._decided_at:
            self._sent_at = None
            return False
        if self._sent_at is None:
            self._sent_at = sent_at
        told_at = self._announcer.idle_at
        return told_at is not None and told_at > self._sent_at
