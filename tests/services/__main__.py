"""Servers for people: `python -m tests.services up` starts a Kafka and a PostgreSQL, prints the settings that lead
Milepost to them, and ends them at ctrl-c. `… fetch` only brings what tests need into the cache."""

import argparse
import os
import signal
import sys
from collections.abc import Collection
from contextlib import ExitStack

from tests.services.broker import Kafka, prepare
from tests.services.database import Postgres, find_programs
from tests.services.server import ServerError

NAMES = ("kafka", "postgres")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.services", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    starting = commands.add_parser("up", help="start them, until ctrl-c")
    starting.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(NAMES)}; else both")
    starting.add_argument(
        "--quick",
        action="store_true",
        help="as tests have them: start sooner, take less memory, never sync the disk",
    )
    commands.add_parser("fetch", help="fetch what is not here yet; only says so when it cannot")
    arguments = parser.parse_args()
    if arguments.command == "fetch":
        fetch()
        return
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    try:
        up(arguments.names or NAMES, quick=arguments.quick)
    except ServerError as error:
        sys.exit(str(error))


def up(names: Collection[str], *, quick: bool) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit())
    with ExitStack() as running:
        if "kafka" in names:
            kafka = running.enter_context(Kafka(prepare(tell=say), quick=quick))
            say(f"export MILEPOST_KAFKA_BOOTSTRAP={kafka.bootstrap}")
        if "postgres" in names:
            postgres = running.enter_context(Postgres(find_programs(), quick=quick))
            say(f"export MILEPOST_DATABASE_URL={postgres.url('milepost')}")
        say("# They run until ctrl-c; then all their data go.")
        signal.pause()


def fetch() -> None:
    """What the tests' first run needs. A failure is only told here: the tests that need it will fail by it."""
    if os.environ.get("MILEPOST_SKIP_KAFKA") == "1" or os.environ.get("MILEPOST_TEST_KAFKA"):
        return
    try:
        prepare(tell=say)
    except ServerError as error:
        say(str(error))


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
