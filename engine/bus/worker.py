"""A worker process, from its start to its exit code."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any, TypeVar

import faust
from aiokafka.errors import KafkaError
from faust.exceptions import FaustError

from engine.bus.app import BusApp
from engine.bus.companions import Companion
from engine.bus.logs import stacks
from engine.bus.meters import Meters
from engine.bus.metrics import PrometheusMetrics
from engine.bus.settings import BusSettings
from engine.bus.supervisor import end_with_supervisor, restarts_so_far
from engine.bus.topics import require
from engine.bus.web import add_pages, require_port
from engine.model.errors import MilepostError, ServiceUnavailable
from engine.ports import Bus, Metrics, Produced, Stage

T = TypeVar("T")

log = logging.getLogger(__name__)


def nothing_to_check() -> None:
    """The stages need nothing that could be away."""


def nothing_to_note(_ids: Mapping[str, str]) -> None:
    """The stages do not keep how far they have come."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """`stages` by topic; `writes` are the other topics that are written to; `found` is told, before anything else, by
    which id the broker knows each of all these; `companions` work beside the stages; `check` raises where what they
    need cannot be reached. `close` is called at the end of an orderly stop."""

    stages: Mapping[str, Stage]
    writes: Sequence[str] = ()
    found: Callable[[Mapping[str, str]], None] = nothing_to_note
    companions: Sequence[Companion] = ()
    check: Callable[[], None] = nothing_to_check
    close: Callable[[], None] = nothing_to_check


def run_worker(settings: BusSettings, work: Callable[[Bus], Work]) -> int:
    """Works until it is told to stop (SIGTERM, SIGINT), in the main thread. Returns the exit code: 0 when it was told
    to, 1 when something failed, and that of a `MilepostError` at the start. Needs `log_to` before it."""
    end_with_supervisor()
    metrics = PrometheusMetrics()
    bus = RunningBus(metrics, settings.request_timeout_s)
    try:
        require_port(settings, again=restarts_so_far() > 0)
        doing = work(bus)
        doing.found(require(settings, [*doing.stages, *doing.writes]))
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        app = BusApp(settings, doing.stages, doing.companions, Meters(metrics, restarts_so_far()))
    except MilepostError as error:
        log.critical("%s", error.message, extra={"hint": error.hint})
        return error.exit_code
    add_pages(app, metrics, doing.check)
    bus.connect(app)
    code = _run(app, loop)
    app.stopped()
    doing.close()
    log.info("stopped", extra={"code": code})
    return code


def _run(app: BusApp, loop: asyncio.AbstractEventLoop) -> int:
    worker = _FaustWorker(app, loop=loop, quiet=True, override_logging=False, redirect_stdouts=False)
    try:
        worker.execute_from_commandline()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1


class _FaustWorker(faust.Worker):
    """Signals and the loop are Faust's; what it would print, and a debugger that anyone may start, are not wanted."""

    def __init__(self, app: BusApp, **options: Any) -> None:
        super().__init__(app, **options)
        self.spinner = None

    def _on_sigusr1(self) -> None:
        log.warning("asked where the threads are", extra={"stacks": stacks()})

    def _on_sigusr2(self) -> None:
        self._on_sigusr1()


class RunningBus:
    """The port `Bus`, for the stages of a worker."""

    def __init__(self, metrics: PrometheusMetrics, timeout_s: float) -> None:
        self.metrics: Metrics = metrics
        self._timeout_s = timeout_s
        self._app: BusApp | None = None

    def connect(self, app: BusApp) -> None:
        self._app = app

    def publish(self, records: Sequence[Produced]) -> None:
        self._ask("take records", lambda app: app.write(records))

    def end_offsets(self, topic: str) -> Mapping[int, int]:
        ends = self._ask("say where its topics end", lambda app: app.end_offsets(topic))
        if not ends:
            raise ServiceUnavailable(
                f"Where {topic} ends is not known: this worker does not read it.", "Ask a worker that does."
            )
        return ends

    def _ask(self, what: str, call: Callable[[BusApp], Coroutine[Any, Any, T]]) -> T:
        if self._app is None or not self._app.started:
            raise ServiceUnavailable("The worker has not begun yet.")
        try:
            return asyncio.run_coroutine_threadsafe(call(self._app), self._app.loop).result(self._timeout_s)
        except (KafkaError, FaustError, TimeoutError, CancelledError, RuntimeError) as error:
            raise ServiceUnavailable(
                f"The broker did not {what}: {type(error).__name__}.", "See whether it can be reached."
            ) from error
