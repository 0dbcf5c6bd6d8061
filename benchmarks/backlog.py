"""The memory of a worker that finds a backlog: all events lie in the inbox before it starts.

Events are those of `benchmarks workers`. It prints how much memory (RSS) the worker takes by the time that each tenth
of them is decided, and how many it decided a second. After the first three, when it remembers as much of cars'
odometers as it ever will, it must not grow, which is asserted. (With few customers it does a little: each of their cars
gets many readings, so that there is more of each to remember.)
"""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from benchmarks.care_plan import care_plan_project
from benchmarks.known import KNOWN, make_known
from benchmarks.site import Site, Worker, servers
from benchmarks.traffic import EVENT_BYTES, Traffic
from engine.wiring.projects import load, runnable

EVENTS, CUSTOMERS = 100_000, 100_000
TENTHS, WARM = 10, 3
WITHIN_S = 7200.0
SAMPLE_S = 0.25
MAY_GROW_MB = 25.0


class Sample(NamedTuple):
    seconds: float
    decided: int
    rss_mb: float


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks backlog", description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="who are known before")
    asked = parser.parse_args(given)
    project = care_plan_project()
    program = runnable(load(project), project, drafts=False)
    with servers() as running:
        traffic = Traffic(asked.customers, datetime.now(UTC))
        make_known(running.database, program, traffic)
        site = Site(running, "backlog", running.database.copy(KNOWN, "backlog"))
        began = time.perf_counter()
        site.produce(traffic.events(asked.events))
        print(f"{asked.events} events lie there, after {time.perf_counter() - began:.0f} s", file=sys.stderr)
        tenths = _by_tenths(_samples(site, asked.events), asked.events)
    print(_table(tenths, asked.events))
    memory = [one.rss_mb for one in tenths]
    grown = max(memory[WARM:]) - max(memory[:WARM])
    if grown > MAY_GROW_MB:
        sys.exit(f"{grown:.0f} MB more than in the first {WARM} tenths")


def _samples(site: Site, count: int) -> list[Sample]:
    """Until all are decided; asserts that they are, each once."""
    [(before,)] = site.ask("SELECT count(*) FROM events")
    found = [Sample(0.0, 0, 0.0)]
    with Worker(site) as worker:
        began = time.perf_counter()
        while found[-1].decided < count:
            time.sleep(SAMPLE_S)
            seconds = time.perf_counter() - began
            found.append(Sample(seconds, site.progress()["events"], worker.rss_bytes() / 1e6))
            if seconds > WITHIN_S:
                raise TimeoutError(f"{found[-1].decided} of {count} events are decided\n{worker.log()}")
    [(after,)] = site.ask("SELECT count(*) FROM events")
    if after - before != count:
        raise AssertionError(f"{after - before} events were decided, of {count}")
    return found


def _by_tenths(samples: Sequence[Sample], count: int) -> list[Sample]:
    """The most memory in each, and when it ended."""
    found = []
    for tenth in range(TENTHS):
        low, high = count * tenth / TENTHS, count * (tenth + 1) / TENTHS
        its = [one for one in samples if low <= one.decided < high]
        last = next(one for one in samples if one.decided >= high)
        found.append(Sample(last.seconds, last.decided, max(one.rss_mb for one in [*its, last])))
    return found


def _table(tenths: Sequence[Sample], count: int) -> str:
    """In Markdown."""
    lines = [
        f"| of {count:,} events of {EVENT_BYTES} bytes | decided | a second | RSS at most, MB |",
        "|--:|--:|--:|--:|",
    ]
    before = Sample(0.0, 0, 0.0)
    for number, one in enumerate(tenths, 1):
        rate = (one.decided - before.decided) / max(one.seconds - before.seconds, 0.001)
        lines.append(f"| {100 * number // TENTHS} % | {one.decided:,} | {rate:,.0f} | {one.rss_mb:.0f} |")
        before = one
    return "\n".join(lines)
