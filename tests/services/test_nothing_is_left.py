"""However pytest ends, its servers end with it, and so do their folders."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.services.server import is_free
from tests.support import ROOT

# Where the broker is somebody else's, or none is wanted, it is not ours to end.
KAFKA = [] if {"MILEPOST_TEST_KAFKA", "MILEPOST_SKIP_KAFKA"} & set(os.environ) else ["kafka"]
USING = """\
import json, time
from pathlib import Path

def test_servers(NAMES):
    told = [{"pid": one.pid, "folder": str(one.folder), "ports": one.ports} for one in (NAMES,)]
    path = Path(__file__).with_name("told")
    path.with_suffix(".part").write_text(json.dumps(told))
    path.with_suffix(".part").rename(path)
    while not path.with_name("enough").exists():
        time.sleep(0.01)
"""


LISTENING = """
import signal, sys, pytest
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(pytest.main(sys.argv[1:]))
"""
"""Pytest that listens to SIGINT. In a shell's background it is ignored, by whatever is started from there."""


class Session:
    """Another pytest, with a test that uses servers until it is told that it is enough."""

    def __init__(self, folder: Path, names: list[str], *options: str) -> None:
        (folder / "conftest.py").write_text('pytest_plugins = ["tests.services.fixtures"]\n', "utf-8")
        (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
        (folder / "test_using.py").write_text(USING.replace("NAMES", ", ".join(names)), "utf-8")
        self.folder = folder
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", LISTENING, "-q", *options, str(folder)],
            cwd=folder,
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdout=(folder / "output").open("w"),
            stderr=subprocess.STDOUT,
        )

    def servers(self) -> list[dict[str, Any]]:
        """What runs, once it does."""
        told = self.folder / "told"
        wait(lambda: told.exists() or self.process.poll() is not None)
        assert told.exists(), (self.folder / "output").read_text("utf-8")
        found: list[dict[str, Any]] = json.loads(told.read_text("utf-8"))
        return found


def wait(done: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def assert_nothing_is_left(servers: list[dict[str, Any]]) -> None:
    # Its folder is the last that a keeper sees to.
    wait(lambda: not any(Path(one["folder"]).exists() for one in servers))
    for one in servers:
        assert not runs(one["pid"])
        assert all(is_free(port) for port in one["ports"])


def test_when_it_ends_by_itself(tmp_path: Path) -> None:
    session = Session(tmp_path, [*KAFKA, "postgres"])
    servers = session.servers()
    assert all(runs(one["pid"]) and Path(one["folder"]).exists() for one in servers)
    (tmp_path / "enough").touch()
    assert session.process.wait(60) == 0
    assert_nothing_is_left(servers)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_when_it_is_interrupted(tmp_path: Path, number: signal.Signals) -> None:
    session = Session(tmp_path, ["postgres"])
    servers = session.servers()
    session.process.send_signal(number)
    assert session.process.wait(60) != 0
    assert_nothing_is_left(servers)


def test_when_it_is_killed_while_its_worker_uses_a_server(tmp_path: Path) -> None:
    session = Session(tmp_path, ["postgres"], "-n", "1")
    servers = session.servers()
    session.process.kill()
    session.process.wait()
    assert_nothing_is_left(servers)
