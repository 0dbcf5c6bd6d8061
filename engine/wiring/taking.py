"""Events that come in by HTTP, taken durably: into the store, by the same way as `milepost ingest`, or with a broker
into its inbox. When `take` returns, they are there for good; what comes twice counts once.
"""

import logging
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from typing import NamedTuple, Protocol

from kafka.errors import KafkaError

from engine.client.addresses import reach
from engine.client.broker import Line
from engine.client.spool import Row
from engine.intake.keys import RawKeys
from engine.intake.parse import Parser, joined
from engine.model.diagnostics import Rejection
from engine.model.errors import ServiceUnavailable
from engine.model.events import Event
from engine.ports import Store
from engine.runtime.fan_outs import CHUNK
from engine.runtime.rejections import rejection_row
from engine.runtime.stages import Topics
from engine.wiring.assembly import advance_for
from engine.wiring.deployed import Projects
from engine.wiring.feeding import Feed
from engine.wiring.settings import Settings

log = logging.getLogger(__name__)

ANSWER_S = 10.0
"""How long whoever brings an event waits for it to be taken."""

Raws = Sequence[bytes]
Refused = Sequence[Rejection]


class Taker(Protocol):
    def take(self, raws: Raws, refused: Refused = ()) -> None:
        """Takes whole events, as JSON, and keeps inputs that were refused. Raises `ServiceUnavailable` where they may
        not have been taken: then they are to be brought again."""
        ...

    def check(self) -> None:
        """Raises `ServiceUnavailable` where nothing could be taken now."""
        ...

    def close(self) -> None: ...


class _Brought(NamedTuple):
    raws: Raws
    refused: Refused
    done: Future[None]


class IntoStore:
    """One thread takes what all bring; what came in while it was at work is one transaction."""

    def __init__(self, projects: Projects, store: Store, settings: Settings) -> None:
        self._projects = projects
        self._store = store
        self._advance = advance_for(projects.present.program, store, settings, projects.renew)
        self._brought: queue.SimpleQueue[_Brought | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="taking", daemon=True)
        self._thread.start()

    def take(self, raws: Raws, refused: Refused = ()) -> None:
        one = _Brought(raws, refused, Future())
        self._brought.put(one)
        try:
            one.done.result(ANSWER_S)
        except TookTooLong:
            raise ServiceUnavailable(f"The database has not taken it within {ANSWER_S:g} s.") from None

    def check(self) -> None:
        self._store.deployment()

    def close(self) -> None:
        """What was brought before is taken first."""
        self._brought.put(None)
        self._thread.join(ANSWER_S)

    def _work(self) -> None:
        last = False
        while not last:
            together, last = self._next()
            try:
                self._take(together)
            except Exception as error:
                for one in together:
                    one.done.set_exception(error)
            else:
                for one in together:
                    one.done.set_result(None)

    def _next(self) -> tuple[list[_Brought], bool]:
        """What is there, as soon as there is anything; and whether that was the last."""
        together = []
        one = self._brought.get()
        while one is not None:
            together.append(one)
            if sum(len(one.raws) + len(one.refused) for one in together) >= CHUNK:
                return together, False
            try:
                one = self._brought.get_nowait()
            except queue.Empty:
                return together, False
        return together, True

    def _take(self, together: Sequence[_Brought]) -> None:
        program = self._projects.present.program
        parser = Parser(program.event_types, program.policy.country)
        feed = Feed(self._advance)
        for raw in (raw for one in together for raw in one.raws):
            parsed = parser.parse(raw, "gateway")
            if isinstance(parsed, Event):
                feed.event(parsed)
            else:
                feed.rejection(joined(parsed))
        for one in together:
            for refused in one.refused:
                feed.rejection(refused)
        feed.flush()


class IntoInbox:
    """What the broker is sent is checked by its workers, who keep what they refuse. What was refused before it was sent
    is kept in the `store`."""

    def __init__(self, settings: Settings, country: str | None, store: Store) -> None:
        self._store = store
        self._settings = settings
        self._topic = Topics.prefixed(settings.kafka_prefix).inbox
        self._keys = RawKeys(country)
        self._lock = threading.Lock()
        self._line: Line | None = None

    def take(self, raws: Raws, refused: Refused = ()) -> None:
        if raws:
            self._send(raws)
        if refused:
            rows = [rejection_row(one, None) for one in refused]
            with self._store.unit() as unit:
                unit.add_rejections(rows)

    def _send(self, raws: Raws) -> None:
        line = self._opened()
        try:
            under_way = [line.send(Row(0, 0, self._topic, self._keys.of(raw), raw)) for raw in raws]
            for future in under_way:
                future.get(timeout=ANSWER_S)
        except KafkaError as error:
            self._give_up(line)
            raise ServiceUnavailable(line.trouble or line.why(error)) from error
        except ServiceUnavailable:
            self._give_up(line)
            raise

    def check(self) -> None:
        reach(self._settings.kafka_bootstrap, self._settings.kafka_security)

    def close(self) -> None:
        if self._line is not None:
            self._line.close(timeout_s=2.0)

    def _opened(self) -> Line:
        """The line for all; a new one where the last one failed."""
        with self._lock:
            if self._line is None or self._line.failed:
                self.check()
                settings = self._settings
                self._line = Line(settings.kafka_bootstrap, settings.kafka_security, lambda: None)
            return self._line

    def _give_up(self, line: Line) -> None:
        """What is under way on it is brought again by those who brought it."""
        with self._lock:
            if self._line is line:
                self._line = None
        line.close(timeout_s=2.0)
