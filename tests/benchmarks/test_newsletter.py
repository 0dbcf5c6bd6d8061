"""The newsletter's benchmark reaches every recipient once, by each way, on each store; that it asserts itself."""

import subprocess
import sys

import pytest

from tests.support import ROOT


def rows(*arguments: str) -> list[list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "newsletter", "--recipients", "300", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines()[2:]]


def test_each_way_on_a_file() -> None:
    found = rows("--store", "sqlite")
    assert [row[:3] for row in found] == [
        ["batches", "sqlite", "1"],
        ["single", "sqlite", "1"],
        ["smtp", "sqlite", "1"],
    ]


@pytest.mark.xdist_group("postgres")
def test_two_senders_share_a_server() -> None:
    [row] = rows("--store", "postgres", "--processes", "2", "--way", "batches")
    assert row[:3] == ["batches", "postgres", "2"]
