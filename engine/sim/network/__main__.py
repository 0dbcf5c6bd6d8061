"""Writes a network's history into a folder; see the package."""

import argparse
import sys
from datetime import date
from pathlib import Path

from engine.sample import events_path
from engine.sim.network.history import SAMPLE, Setting, made


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m engine.sim.network", description=__doc__)
    parser.add_argument("--customers", type=int, default=300)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--start", type=date.fromisoformat, default=date(2025, 1, 1))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--km-per-day", type=float, default=40.0, help="what the median car is driven")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, help="the folder to write into")
    where.add_argument(
        "--sample", action="store_true", help="writes the sample data that comes with Milepost"
    )
    args = parser.parse_args()
    if args.sample:
        with made(SAMPLE) as network, events_path().open("wb") as file:
            file.writelines(line + b"\n" for line in network.lines())
        return
    setting = Setting(
        seed=args.seed,
        customers=args.customers,
        start=args.start,
        days=args.days,
        km_per_day=args.km_per_day,
    )
    with made(setting) as network:
        network.write(args.out)
        sys.stderr.write(f"{network.counts}\n")


if __name__ == "__main__":
    main()
