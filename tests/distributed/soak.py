"""The crash test that counts: three workers, a history with duplicates and late events, all the while workers killed
and stopped, the broker and the database restarted. At the end the ledger is what `milepost simulate` says.

    python -m tests.distributed.soak [--minutes 10] [--seed 7]        (or: make soak MINUTES=10 SEED=7)

Without a seed one is drawn, and printed: with it, the same history meets the same mishaps, though not to the moment.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from engine.intake.parse import Parser
from engine.model.events import Event
from engine.store.postgres import PostgresStore
from tests.distributed.history import LANGUAGE, OWN_EVENTS, RULES, Line, history
from tests.distributed.world import Chaos, Feeding, World
from tests.services.broker import Kafka, prepare
from tests.services.database import Postgres, find_programs
from tests.support import POLICY

WORKERS = 3
AFTER = timedelta(days=60)
"""How long time goes on after the last event: for two newsletters, and whoever waits for a month."""


def soak(
    world: World, lines: list[Line], seed: int, *, rate: float, every_s: float, tell: Callable[[str], None]
) -> list[str]:
    """Returns what the ledger and the simulation do not agree on: nothing, if all is well."""
    workers = [world.worker(number) for number in range(WORKERS)]
    chaos = Chaos(world, workers, seed, every_s)
    feeding = Feeding(world)
    try:
        for worker in workers:
            worker.start()
        feeding.send(lines, rate, chaos.step)
        tell(f"seed {seed}: {len(lines)} lines sent; {dict(Counter(chaos.done))}")
        chaos.end()
        for worker in workers:
            worker.stop()
        settle(world, end_of(lines), len(lines) / 10, tell)
    finally:
        chaos.end()
        feeding.close()
        for worker in workers:
            worker.end()
    return differences(world, lines)


def whole_language(folder: Path, kafka: Kafka, postgres: Postgres) -> World:
    """A project that has a journey for each word of the language."""
    files = {"journeys/events.yaml": OWN_EVENTS}
    return World(folder, kafka, postgres, "soak", journeys=LANGUAGE, policy=POLICY + RULES, files=files)


def end_of(lines: list[Line]) -> str:
    parser = Parser(country="CN")
    read = (parser.parse(line.value) for line in lines)
    return (max(one.arrived for one in read if isinstance(one, Event)) + AFTER).date().isoformat()


def settle(world: World, until: str, patience_s: float, tell: Callable[[str], None]) -> None:
    """One worker more, which does what is left, lets time pass to the end, and stops."""
    began = time.monotonic()
    last = world.worker(WORKERS)
    last.start("--until-idle", "--until", until)
    try:
        code = last.wait(600 + patience_s)
    finally:
        last.end()
    if code:
        raise AssertionError(f"the last worker ended with {code}\n{last.log()[-4000:]}")
    tell(f"settled in {time.monotonic() - began:.0f} s")


def differences(world: World, lines: list[Line]) -> list[str]:
    file = world.folder / "history.jsonl"
    file.write_bytes(b"\n".join(line.value for line in lines) + b"\n")
    said = world.run("simulate", file, "--until", end_of(lines), "--format", "jsonl").stdout.splitlines()
    last = {one["message_id"]: one for one in map(json.loads, said)}  # behind those that say that it is held
    wanted = Counter(map(_of_simulation, last.values()))
    found = Counter(_of_ledger(row) for row in world.ledger())
    missing = [f"missing: {one}" for one in (wanted - found).elements()]
    surplus = [f"too much: {one}" for one in (found - wanted).elements()]
    return [*missing, *surplus, *_wrongly_refused(world, lines)]


def _wrongly_refused(world: World, lines: list[Line]) -> list[str]:
    """Lines that are refused here and not by who reads them one after another, or the other way round."""
    parser = Parser(country="CN")
    wanted = {line.value for line in lines if not isinstance(parser.parse(line.value), Event)}
    with closing(PostgresStore.open(world.settings["MILEPOST_DATABASE_URL"])) as store:
        found = {row.raw: row.reason for row in store.rejections()}
    return [
        *(f"not refused: {raw!r}" for raw in sorted(wanted - found.keys())),
        *(f"refused as {found[raw]}: {raw!r}" for raw in sorted(found.keys() - wanted)),
    ]


def _of_simulation(line: dict[str, Any]) -> tuple[Any, ...]:
    return (*_common(line), line["outcome"], line["message_id"])


def _of_ledger(row: dict[str, Any]) -> tuple[Any, ...]:
    return (*_common(row), row["status"], row["message_id"])


def _common(one: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(
        one[name] for name in ("at", "journey", "step", "customer", "vehicle", "channel", "brand", "reason")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--rate", type=float, default=150.0)
    parser.add_argument("--every", type=float, default=10.0)
    asked = parser.parse_args()
    sys.stdout.write(f"seed {asked.seed}, {asked.minutes:g} minutes\n")
    lines = history(asked.seed, 40_000, 500)[: int(asked.minutes * 60 * asked.rate)]
    with (
        tempfile.TemporaryDirectory() as folder,
        Kafka(prepare(), quick=True) as kafka,
        Postgres(find_programs(), quick=True) as postgres,
    ):
        world = whole_language(Path(folder), kafka, postgres)
        off = soak(world, lines, asked.seed, rate=asked.rate, every_s=asked.every, tell=print)
    sys.stdout.write("\n".join(off[:50]) + "\n")
    sys.exit(1 if off else 0)


if __name__ == "__main__":
    main()
