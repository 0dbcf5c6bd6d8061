"""A parser may be used by several threads, from the first line on."""

import subprocess
import sys

from tests.support import ROOT

FIRST_LINES_AT_ONCE = """
import sys, threading
from engine.intake.parse import Parser
from engine.sample import events_path

sys.setswitchinterval(1e-6)
lines = events_path().read_bytes().splitlines()[:20]
for _ in range(10):
    parser, together = Parser(), threading.Barrier(4)

    def read():
        together.wait()
        for line in lines:
            parser.parse(line)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
"""


def test_threads_that_read_their_first_lines_at_once_do_no_harm() -> None:
    done = subprocess.run([sys.executable, "-c", FIRST_LINES_AT_ONCE], cwd=ROOT, check=False)
    assert done.returncode == 0  # it was -11: a segmentation fault
