"""`python -m benchmarks sizes` measures what it says, on a history as small as one likes."""

import subprocess
import sys

from tests.support import ROOT


def test_it_tells_what_events_leave_in_the_database() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "sizes", "--customers", "12", "--alone", "3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    _, _, _, event, _, *tables, newsletter, alone = done.stdout.splitlines()
    assert event.startswith("an event ")
    assert newsletter.startswith("a newsletter ")
    assert [line.split()[0] for line in tables] == ["customers", "owners", "events", "messages"]
    pages = float(alone.split()[-4])
    assert pages > 4  # a customer's, and those of some indexes, one at a time
