"""`python -m benchmarks` measures what it says, on a history as small as one likes."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_one_run_prints_one_table_with_the_ratio_that_matters() -> None:
    asked = ["--customers", "8", "--rounds", "1", "--only", "empty,care,fan-out"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    head, *rows, blank, ratio = done.stdout.splitlines()
    assert head.split("  ")[0] == "what"
    titles = ["decode and check", "embedded", "embedded", "newsletter fan-out"]
    assert [row.startswith(title) for row, title in zip(rows, titles, strict=True)] == [True] * 4
    assert not blank
    form = r"The care plan by events goes at \d+\.\d\d of the speed with nothing to decide\."
    assert re.fullmatch(form, ratio)
