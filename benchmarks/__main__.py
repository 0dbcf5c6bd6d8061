"""Speed, measured: `python -m benchmarks` (or `make bench`) prints a table.

All figures are of one core. Those that belong together are measured in turns in one run, and the ratio is of the
medians, since the speed of a shared machine drifts.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.speed import Case, cases, history

ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--customers", type=int, default=4000, help="size of the generated history")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", default="", help="cases whose name begins so")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = history(arguments.customers)
        print(f"{len(lines)} events of {arguments.customers} customers", file=sys.stderr)
        chosen = [case for case in cases(lines, Path(folder)) if case.name.startswith(arguments.only)]
        seconds: dict[str, list[float]] = {case.name: [] for case in chosen}
        for _ in range(arguments.rounds):
            for case in chosen:
                seconds[case.name].append(_seconds(case.run))
                print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    _print(chosen, {name: statistics.median(found) for name, found in seconds.items()})


def _seconds(run: Callable[[], None]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def _print(chosen: list[Case], seconds: dict[str, float]) -> None:
    print(f"{'what':<58} {'a second':>12} {'µs each':>10}")
    for case in chosen:
        rate = case.count / seconds[case.name]
        print(f"{case.title:<58} {rate:>12,.0f} {1e6 / rate:>10.1f}")
    for case in chosen:
        if case.against in seconds:
            other = next(one for one in chosen if one.name == case.against)
            ratio = (case.count / seconds[case.name]) / (other.count / seconds[other.name])
            print(f"{case.title} is {ratio:.2f} of: {other.title}")


if __name__ == "__main__":
    main()
