"""Measurements: `python -m benchmarks [NAME] [options]`; each tells with `--help` what it measures, and how.

    core       what deciding, keeping and rendering cost, on SQLite; without a NAME it is this one
    storing    PostgreSQL held against SQLite
    sizes      what events leave in PostgreSQL and in the topics, in bytes
    sending    how fast a dealer's process sends
    workers    from the inbox to committed decisions: one worker, two, and bare consumers beside them
    fan-out    a newsletter to all customers, and the memory that it takes
    newsletter from the ledger to a provider, in batches, one by one, by SMTP
    backlog    the memory of a worker that finds a backlog

Those with servers start their own, as the tests do, and end them. The speed of a shared machine drifts: cases are run
in turns, a figure is the median of its rounds, and ratios are to be trusted more than absolutes.
"""

import sys
from importlib import import_module

NAMES = ("core", "storing", "sizes", "sending", "workers", "fan-out", "newsletter", "backlog")


def main() -> None:
    given = sys.argv[1:]
    if given[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return
    named = bool(given) and not given[0].startswith("-")
    name, options = (given[0], given[1:]) if named else ("core", given)
    if name not in NAMES:
        sys.exit(f"There is no benchmark {name}; there are: {', '.join(NAMES)}.")
    import_module(f"benchmarks.{name.replace('-', '_')}").main(options)


if __name__ == "__main__":
    main()
