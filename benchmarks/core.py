"""Speed, measured: `python -m benchmarks` (or `make bench`) prints a table; it takes about three minutes.

All figures are CPU time of one core. The cases are run in turns, and a figure is the median of its rounds, since
the speed of a shared machine drifts; trust ratios more than absolutes.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.speed import Case, cases, history
from engine.cli.context import spare_collector

CUSTOMERS = 1000
ROUNDS = 5


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks core", description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="size of the generated history")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--only", default="", help="cases whose name is one of these (care,empty), and decode"
    )
    arguments = parser.parse_args(given)
    only = {"decode", *arguments.only.split(",")} if arguments.only else set()
    with tempfile.TemporaryDirectory() as folder:
        lines = history(arguments.customers)
        chosen = [case for case in cases(lines, Path(folder)) if not only or case.name in only]
        spare_collector()
        print(f"{len(lines)} events of {arguments.customers} customers", file=sys.stderr)
        measured: dict[str, list[float]] = {case.name: [] for case in chosen}
        for _ in range(arguments.rounds):
            for case in chosen:
                measured[case.name].append(_seconds(case.run) / case.count)
                print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    _print(chosen, measured)


def _seconds(run: Callable[[], None]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def _print(chosen: list[Case], measured: Mapping[str, list[float]]) -> None:
    """`× decode` is the median of the rounds' own ratios, so a slow round does not count against a case."""
    print(f"{'what':<54}{'µs each':>11}{'a second':>12}{'× decode':>10}")
    for case in chosen:
        seconds = statistics.median(measured[case.name])
        times = _ratio(measured[case.name], measured["decode"])
        print(f"{case.title:<54}{seconds * 1e6:>11,.1f}{1 / seconds:>12,.0f}{times:>10.2f}")
    if "care" in measured and "empty" in measured:
        share = _ratio(measured["empty"], measured["care"])
        print(f"\nThe care plan by events goes at {share:.2f} of the speed with nothing to decide.")


def _ratio(one: list[float], other: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(one, other, strict=True))
