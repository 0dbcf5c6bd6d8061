"""What a worker's log says, and what it does not."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from engine.bus.logs import SELDOM_S, Seldom, log_to
from engine.model.errors import ServiceUnavailable

SECRET = "+8613800000001"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    stream = io.StringIO()
    log_to(stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_line_is_an_object(stream: io.StringIO) -> None:
    logging.getLogger("engine.bus").info("%d batches\nin a row", 3, extra={"topic": "care.events", "lag": 7})
    [line] = lines(stream)
    assert line.pop("at")
    assert line == {
        "level": "info",
        "logger": "engine.bus",
        "message": "3 batches\nin a row",
        "topic": "care.events",
        "lag": 7,
    }


def test_what_an_exception_says_stays_out_unless_it_is_ours(stream: io.StringIO) -> None:
    for error in (ValueError(SECRET), ServiceUnavailable("the broker is away")):
        logging.getLogger("engine.x").error("failed: %r", error, exc_info=error)
    foreign, ours = lines(stream)
    assert (foreign["message"], foreign["error"]) == ("failed: 'ValueError'", "ValueError")
    assert ours["error"] == "ServiceUnavailable: the broker is away"
    assert SECRET not in stream.getvalue()


def test_other_libraries_are_heard_only_when_something_is_wrong(stream: io.StringIO) -> None:
    for name in ("faust.app", "kafka.conn", "mode"):
        logging.getLogger(name).info("chatter")
        logging.getLogger(name).warning("trouble")
    logging.getLogger("aiokafka.consumer").warning("a rebalance, as there are many")
    assert [line["message"] for line in lines(stream)] == ["trouble"] * 3


def test_an_exception_that_nobody_catches_is_told_no_further(stream: io.StringIO) -> None:
    def fail() -> None:
        raise ValueError(SECRET)

    thread = threading.Thread(target=fail, name="sender")
    thread.start()
    thread.join()
    [line] = lines(stream)
    assert (line["message"], line["error"]) == ("sender was ended by an exception", "ValueError")
    assert SECRET not in stream.getvalue()


def test_what_another_library_says_over_and_over_is_told_seldom() -> None:
    now = [0.0]
    seldom = Seldom(lambda: now[0])

    def passes(name: str, message: str) -> logging.LogRecord | None:
        record = logging.LogRecord(name, logging.ERROR, "", 0, message, (), None)
        return record if seldom.filter(record) else None

    assert passes("aiokafka", "cannot connect")
    assert not any(passes("aiokafka", "cannot connect") for _ in range(57))
    assert passes("aiokafka", "something else")
    assert all(passes("engine.bus", "ours") for _ in range(3))
    now[0] += SELDOM_S
    again = passes("aiokafka", "cannot connect")
    assert again is not None
    assert again.unsaid == 57  # type: ignore[attr-defined]
