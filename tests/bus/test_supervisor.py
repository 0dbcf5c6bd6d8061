"""The process that starts workers anew. The workers here are small scripts, but for the last."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bus.world import until

ROOT = Path(__file__).parents[2]
SUPERVISOR = """
import sys
from engine.bus import supervisor
supervisor.FIRST_PAUSE_S = 0.05
supervisor.log.addHandler(supervisor.logging.StreamHandler())
until_done = sys.argv[1] == "until done"
sys.exit(supervisor.supervise([sys.executable, "-c", *sys.argv[2:]], until_done=until_done))
"""
COUNTS = "import os, sys; from pathlib import Path; p = Path(sys.argv[1]); "
STAYS = (
    "import os, signal, sys, time; from pathlib import Path\n"
    "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
    "Path(sys.argv[1]).write_text(str(os.getpid()))\n"
    "time.sleep(60)"
)


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for one in processes:
        one.kill()
        one.communicate()


def supervise(
    started: list[subprocess.Popen[str]], script: str, path: Path, how: str = "for ever"
) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, how, script, str(path)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    started.append(process)
    return process


def test_a_worker_that_ends_is_started_again_and_knows_how_often(
    tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    path = tmp_path / "starts"
    script = (
        COUNTS
        + "from engine.bus.supervisor import restarts_so_far as r; p.open('a').write(f'{r()}\\n'); sys.exit(1)"
    )
    process = supervise(started, script, path)
    until(lambda: path.exists() and path.read_text().split()[:3] == ["0", "1", "2"])
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) in (1, 128 + signal.SIGTERM)


def test_one_that_was_called_wrongly_is_not(tmp_path: Path, started: list[subprocess.Popen[str]]) -> None:
    path = tmp_path / "starts"
    process = supervise(started, COUNTS + "p.open('a').write('x'); sys.exit(2)", path)
    assert process.wait(10) == 2
    assert path.read_text() == "x"


def test_one_that_is_to_end_does_when_a_service_was_away_from_the_beginning(
    tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    """A cron job that never ends would tell nobody."""
    path = tmp_path / "starts"
    process = supervise(started, COUNTS + "p.open('a').write('x'); sys.exit(3)", path, "until done")
    assert process.wait(10) == 3
    assert path.read_text() == "x"


def test_one_that_is_to_end_is_started_again_when_a_service_went_away_later(
    tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    path = tmp_path / "starts"
    script = COUNTS + "p.open('a').write('x'); sys.exit({1: 1, 2: 3, 3: 0}[len(p.read_text())])"
    process = supervise(started, script, path, "until done")
    assert process.wait(10) == 0
    assert path.read_text() == "xxx"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_tells_the_worker_and_ends_with_its_code(
    number: signal.Signals, tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    path = tmp_path / "pid"
    process = supervise(started, STAYS.replace("SIGTERM", number.name), path)
    until(lambda: path.exists() and path.read_text())
    process.send_signal(number)
    assert process.wait(10) == 7


def test_a_worker_does_not_outlive_its_supervisor(
    tmp_path: Path, started: list[subprocess.Popen[str]]
) -> None:
    """Not even one that was killed with -9."""
    path = tmp_path / "pid"
    process = supervise(
        started, f"from engine.bus.supervisor import end_with_supervisor as e; e()\n{STAYS}", path
    )
    pid = int(until(lambda: path.exists() and path.read_text()))
    process.kill()
    until(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
