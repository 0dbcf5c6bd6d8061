"""Starts a worker, and starts it anew whenever it has ended by itself.

Workers end themselves on purpose where going on would be a guess (see the package's laws). The supervisor does nothing
but that, so that little can go wrong in it. It hands a pipe to the worker whose other end it alone has: when the
supervisor dies, even by kill -9, the worker reads the pipe's end, and stops.
"""

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from types import FrameType

from engine.bus.watchdog import end_hard
from engine.model.errors import ServiceUnavailable, UsageError

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
HEALTHY_S = 300.0
"""After a worker has lived so long, the pauses begin anew with the shortest."""

STOP_S = 15.0
"""How long a worker may take to stop before it is killed; it has a shorter limit of its own."""

_PIPE = "MILEPOST_SUPERVISOR_PIPE"
_RESTARTS = "MILEPOST_RESTARTS"
_LOOK_S = 0.1
_FRUGAL = {"MALLOC_ARENA_MAX": "2"}
"""For glibc: else what threads let go of stays with each of them, and a worker is larger by an eighth."""

log = logging.getLogger(__name__)


def supervise(command: Sequence[str], *, until_done: bool = False) -> int:
    """Runs `command` until this process gets SIGTERM or SIGINT, which are passed on; then returns the worker's exit
    code (128 and the signal's number, where a signal ended it). A worker that ended because it was called wrongly (2)
    is not started again: it would end in the same way. Of those that are to run `until_done`, nor is one that ended
    well, nor one to which a service was away (3) when it was started for the first time: nobody may be there to see
    that it is waited for."""
    return _Supervisor(command, until_done=until_done).run()


def is_supervised() -> bool:
    """Whether this process is a worker that a supervisor has started."""
    return _PIPE in os.environ


def restarts_so_far() -> int:
    """In a worker: how often its supervisor has started it again."""
    return int(os.environ.get(_RESTARTS, "0"))


def end_with_supervisor() -> None:
    """In a worker: from now on it stops when its supervisor has died. Does nothing without one."""
    pipe = os.environ.pop(_PIPE, "")
    if pipe:
        threading.Thread(target=_outlive_nobody, args=(int(pipe),), name="supervisor", daemon=True).start()


def _outlive_nobody(pipe: int) -> None:
    os.read(pipe, 1)  # nothing is ever written: it returns when the other end has gone
    log.error("the supervisor has died; the worker stops")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_S)
    end_hard("It does not stop")


class _Supervisor:
    def __init__(self, command: Sequence[str], *, until_done: bool) -> None:
        self._command = list(command)
        self._until_done = until_done
        self._told = False
        self._worker: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        former = {one: signal.signal(one, self._pass_on) for one in (signal.SIGTERM, signal.SIGINT)}
        read_end, write_end = os.pipe()
        try:
            return self._run(read_end)
        finally:
            os.close(read_end)
            os.close(write_end)
            for number, handler in former.items():
                signal.signal(number, handler)

    def _run(self, pipe: int) -> int:
        pause_s, restarts = FIRST_PAUSE_S, 0
        while True:
            began = time.monotonic()
            code = self._run_once(pipe, restarts)
            if (
                self._told
                or code == UsageError.exit_code
                or (self._until_done and self._is_end(code, restarts))
            ):
                return code
            if time.monotonic() - began >= HEALTHY_S:
                pause_s = FIRST_PAUSE_S
            log.warning("the worker ended; it is started again", extra={"code": code, "pause_s": pause_s})
            self._sleep(pause_s)
            if self._told:
                return code
            pause_s, restarts = min(2 * pause_s, LONGEST_PAUSE_S), restarts + 1

    @staticmethod
    def _is_end(code: int, restarts: int) -> bool:
        return not code or (code == ServiceUnavailable.exit_code and not restarts)

    def _run_once(self, pipe: int, restarts: int) -> int:
        environment = {**_FRUGAL, **os.environ, _PIPE: str(pipe), _RESTARTS: str(restarts)}
        self._worker = subprocess.Popen(self._command, env=environment, pass_fds=[pipe])  # noqa: S603 - the caller's own
        if self._told:  # between the last look and the start
            self._pass_on(signal.SIGTERM, None)
        code = self._worker.wait()
        return code if code >= 0 else 128 - code

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        self._told = True
        if self._worker is not None and self._worker.poll() is None:
            self._worker.send_signal(number)
            limit = threading.Timer(STOP_S, self._worker.kill)
            limit.daemon = True
            limit.start()

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._told and time.monotonic() < until:
            time.sleep(_LOOK_S)
