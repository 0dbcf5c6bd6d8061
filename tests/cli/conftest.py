"""Calling the command in this process: as the console script does, but without waiting for an interpreter."""

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

# pytest's workers say how wide their terminal is, and a screen that is made while that is said keeps to it for ever.
os.environ.pop("COLUMNS", None)

from engine.cli.main import run
from tests.support import CACHE


class Done(NamedTuple):
    code: int
    stdout: str
    stderr: str


Call = Callable[..., Done]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """`call("lookup", "京A12345", cwd=folder, COLUMNS="60")`, by the events' clock."""

    def called(*arguments: object, cwd: Path, **environment: str) -> Done:
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["milepost", *map(str, arguments)])
        for name, value in {"MILEPOST_CLOCK": "events", "MILEPOST_CACHE_DIR": CACHE, **environment}.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        try:
            run()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    thresholds = gc.get_threshold()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield called
    for number, handler in handlers.items():
        signal.signal(number, handler)
    gc.unfreeze()
    gc.set_threshold(*thresholds)
