"""A newsletter to all customers: how many a second one worker decides for, and the memory that it takes.

The customers are those of a generated network of 500, whose two years end yesterday, over and over under other ids and
addresses. The journeys are the care plan's, but for the newsletter's moment, which was five minutes ago, and its pace,
which is lifted. A worker is `milepost run` as it is; beside deciding it renders and sends what it has decided. Time is
that from when the first partition has begun until all are done.

It is done twice, for a tenth of the customers first: the memory must be the same, which is asserted.
"""

import argparse
import re
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from benchmarks.care_plan import care_plan_project
from benchmarks.site import PARTITIONS, Servers, Site, Worker, servers, until
from engine.intake.identify import Identification
from engine.intake.parse import Parser
from engine.model.customer import Customer, Stated
from engine.model.events import Event
from engine.model.ids import derive
from engine.model.program import Program
from engine.runtime.advance import Advance
from engine.sim import Simulation
from engine.sim.network import generate
from engine.store.postgres import PostgresStore, migrate
from engine.wiring.projects import load, runnable

CUSTOMERS, ORIGINALS, DAYS, BATCH = 100_000, 500, 730, 2000
JOURNEY = "quarterly-newsletter"
PASSED = timedelta(minutes=5)
WITHIN_S = 3600.0
SAMPLE_S = 0.25
MAY_GROW_MB = 25.0


class Found(NamedTuple):
    customers: int
    messages: int
    seconds: float
    cpu_s: float
    database_s: float
    first_mb: float
    peak_mb: float


class Stopped:
    """A clock."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks fan-out", description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    asked = parser.parse_args(given)
    with servers() as running:
        project = _project(running.folder / "project", datetime.now(UTC) - PASSED)
        program = runnable(load(project), project, drafts=False)
        originals = _originals(program, min(ORIGINALS, asked.customers // 10))
        found = [
            _fan_out(running, project, program, originals, count)
            for count in (asked.customers // 10, asked.customers)
        ]
    print(_table(found))
    small, large = found
    if large.peak_mb > small.peak_mb + MAY_GROW_MB:
        sys.exit(f"{large.peak_mb - small.peak_mb:.0f} MB more for ten times as many customers")


def _project(folder: Path, at: datetime) -> Path:
    shutil.copytree(care_plan_project(), folder)
    file = folder / "journeys" / f"{JOURNEY}.yaml"
    text = file.read_text("utf-8")
    zone = runnable(load(folder), folder, drafts=False).policy.zone
    local = at.astimezone(zone)
    moment = f'schedule: "{local.minute} {local.hour} {local.day} {local.month} *"\n'
    text, begun = re.subn(r'schedule: quarterly\n +at: "10:00"\n', moment, text)
    text, paced = re.subn(r"(?m)^pace: .*\n", "", text)
    if not begun or not paced:
        raise ValueError(f"{file} is not as this benchmark expects it")
    file.write_text(text, "utf-8")
    return folder


def _originals(program: Program, count: int) -> list[Customer]:
    """Of the network, as they are now, in the middle of their journeys."""
    now = datetime.now(UTC)
    begin = (now - timedelta(days=DAYS)).date()
    simulation = Simulation(program, Identification(), lambda _: None)
    parser = Parser(program.event_types, program.policy.country)
    for line in generate(seed=1, customers=count, start=begin, days=DAYS).lines():
        event = parser.parse(line if isinstance(line, bytes) else line.encode())
        if isinstance(event, Event) and event.arrived < now - 2 * PASSED:
            simulation.event(event)
    simulation.run_until(now - 2 * PASSED)
    return [replace(one, scheduled_until=None) for one in simulation.customers if one.known]


def _fan_out(
    running: Servers, project: Path, program: Program, originals: Sequence[Customer], count: int
) -> Found:
    name = f"fan{count}"
    site = Site(running, name, running.database.url(name), project)
    _fill(site.url, program, originals, count)
    with Worker(site) as worker:
        until("the fan-out has begun", lambda: any(_fan_outs(site)), WITHIN_S, SAMPLE_S)
        began, cpu_s, server_s = time.perf_counter(), worker.cpu_s(), site.server_cpu_s()["database"]
        first = peak = worker.rss_bytes()
        while _fan_outs(site)[1] < PARTITIONS:
            time.sleep(SAMPLE_S)
            peak = max(peak, worker.rss_bytes())
            if time.perf_counter() - began > WITHIN_S:
                raise TimeoutError(f"the fan-out does not end\n{worker.log()}")
        seconds = time.perf_counter() - began
        used_s, used_server_s = worker.cpu_s() - cpu_s, site.server_cpu_s()["database"] - server_s
    messages = _messages(site)
    print(f"{count} customers: {seconds:.0f} s", file=sys.stderr)
    return Found(count, messages, seconds, used_s / count, used_server_s / count, first / 1e6, peak / 1e6)


def _fill(url: str, program: Program, originals: Sequence[Customer], count: int) -> None:
    """The customers, and partitions whose schedules began before the newsletter's moment."""
    migrate(url)
    store = PostgresStore.open(url, partitions=PARTITIONS)
    for part in range(PARTITIONS):
        share = store.share({part: store.take_over(part, "benchmark")})
        clock = Stopped(datetime.now(UTC) - 2 * PASSED)
        Advance(program, share, Identification(), clock, share=1 / PARTITIONS).catch_up()
    filling = _copies(originals, count)
    while batch := list(islice(filling, BATCH)):
        with store.unit() as unit:
            unit.put(batch)
    store.close()


def _copies(originals: Sequence[Customer], count: int) -> Iterator[Customer]:
    for number, one in zip(range(count), cycle(originals), strict=False):
        own = {"mobile": f"+861{number:010}", "email": f"c{number}@example.cn"}
        profile = {
            name: Stated(own[name], stated.at) if stated.value and name in own else stated
            for name, stated in one.profile.items()
        }
        yield replace(one, id=derive("customer", "copy", str(number)), profile=profile)


def _fan_outs(site: Site) -> tuple[int, int]:
    """How many partitions have begun, and how many are done."""
    [(begun, done)] = site.ask("SELECT count(*), count(*) FILTER (WHERE done) FROM fan_outs")
    return int(begun), int(done)


def _messages(site: Site) -> int:
    """Asserts that everybody who began the journey has one message of it."""
    [(messages, customers)] = site.ask(
        "SELECT count(*), count(DISTINCT customer_id) FROM messages WHERE journey = %s", JOURNEY
    )
    [(begun,)] = site.ask("SELECT sum(begun)::bigint FROM fan_outs")
    if not messages == customers == begun:
        raise AssertionError(f"{messages} messages to {customers} customers, of whom {begun} began")
    return int(messages)


def _table(found: Sequence[Found]) -> str:
    """In Markdown."""
    lines = [
        "| customers | messages | customers a second | worker's CPU µs a customer | database's | "
        "RSS at the beginning, MB | at most |",
        "|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {one.customers:,} | {one.messages:,} | {one.customers / one.seconds:,.0f} | {1e6 * one.cpu_s:.0f} "
        f"| {1e6 * one.database_s:.0f} | {one.first_mb:.0f} | {one.peak_mb:.0f} |"
        for one in found
    ]
    return "\n".join(lines)
