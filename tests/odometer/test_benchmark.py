"""The benchmark runs, and says that the estimator is better than the simple ones."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("network")
    _run("-m", "engine.sim.network", "--customers", "120", "--days", "725", "--seed", "5", "--out", folder)
    return folder


@pytest.fixture(scope="module")
def printed(folder) -> str:
    script = ROOT / "benchmarks" / "odometer.py"
    return _run(script, folder / "events.jsonl", folder / "truth.json", "--charts", folder / "charts")


def _run(*arguments: object) -> str:
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _errors(printed: str, name: str) -> tuple[float, float]:
    """The median and the mean of the estimator of this name."""
    line = next(line for line in printed.splitlines() if line.startswith(name))
    median, mean = line[len(name) :].split()[1:3]
    return float(median), float(mean)


def test_it_beats_the_simple_estimators_in_median_and_mean(printed):
    milepost = _errors(printed, "Milepost  ")
    for other in ("38 km a day from the last reading", "shrunken average"):
        median, mean = _errors(printed, other)
        assert milepost[0] < median
        assert milepost[1] < mean


def test_it_draws(printed, folder):
    for name in ("odometer-errors.svg", "odometer-car.svg"):
        assert (folder / "charts" / name).read_text("utf-8").startswith("<svg")
