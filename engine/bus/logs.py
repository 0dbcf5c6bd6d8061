"""What a worker says of itself: one JSON object a line, and nothing about a person in it.

An exception of our own (`MilepostError`) is written to be read by the operator. The message of any other may quote what
was being worked on, such as a database's that names the key that is there twice: of those the log has the type and the
places in the code, also where another library passes one as an argument.
"""

import json
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

from engine.model.errors import MilepostError

OF_FAUST = logging.getLogger("faust.milepost")
"""For what Faust says in our classes' names."""

_OWN = "engine"
_CHATTY = ("aiokafka", "mode.timers")  # they warn of every rebalance, of every commit that waits
_MOST_KEPT = 1000

SELDOM_S = 10.0

log = logging.getLogger(__name__)
_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {
    "message",
    "asctime",
    "taskName",
}


class JsonLines(logging.Formatter):
    """`at` (UTC), `level`, `logger`, `message`, then whatever was given as `extra`, and `error` with its `places`, from
    the outermost to where it was raised."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        line.update((name, value) for name, value in record.__dict__.items() if name not in _STANDARD)
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line["error"] = told(error)
            line["places"] = places(error)
        return json.dumps(line, ensure_ascii=False, default=str)


def told(error: BaseException) -> str:
    """What may be said of an exception, wherever it came from."""
    name = type(error).__qualname__
    return f"{name}: {error}" if isinstance(error, MilepostError) else name


def places(error: BaseException) -> list[str]:
    """`file.py:12 function` for each frame."""
    return [
        f"{_short(frame.filename)}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]


def stacks() -> dict[str, list[str]]:
    """Where each thread is now."""
    return {
        str(number): [
            f"{_short(one.filename)}:{one.lineno} {one.name}" for one in traceback.extract_stack(frame)
        ]
        for number, frame in sys._current_frames().items()
    }


class Seldom(logging.Filter):
    """Lets a message of another library pass once in a while, however often it comes, as some do a hundred times a
    second while a broker is away; the next one tells how many there were (`unsaid`)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] == _OWN:
            return True
        key = record.name, str(record.msg)
        now = self._clock()
        said_at, unsaid = self._said.get(key, (-SELDOM_S, 0))
        if now - said_at < SELDOM_S:
            self._said[key] = said_at, unsaid + 1
            return False
        if len(self._said) >= _MOST_KEPT:
            self._said.clear()
        self._said[key] = now, 0
        if unsaid:
            record.unsaid = unsaid
        return True


def log_to(stream: TextIO, level: int = logging.INFO) -> None:
    """All logging goes to `stream` from now on: ours from `level` up, other libraries' from warnings up; and what
    Python itself would print of an exception that nobody caught."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    handler.addFilter(Seldom())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_OWN).setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.captureWarnings(True)
    sys.excepthook = lambda _kind, error, _trace: _uncaught("the program", error)
    threading.excepthook = lambda seen: _uncaught(
        seen.thread.name if seen.thread else "a thread", seen.exc_value
    )
    sys.unraisablehook = lambda seen: _uncaught("a clean-up", seen.exc_value)


def _uncaught(where: str, error: BaseException | None) -> None:
    log.critical("%s was ended by an exception", where, exc_info=error)


def _message(record: logging.LogRecord) -> str:
    arguments = record.args
    if isinstance(arguments, tuple):
        record = logging.makeLogRecord(record.__dict__)
        record.args = tuple(told(one) if isinstance(one, BaseException) else one for one in arguments)
    return record.getMessage()


def _short(filename: str) -> str:
    """The last two parts of a path: enough to find it, without the machine's folders."""
    return "/".join(filename.replace("\\", "/").split("/")[-2:])
