"""From the inbox to committed decisions: one worker, two workers, and beside them what reads the same topic and only
decodes it (a bare Faust agent, aiokafka alone).

Each round has a topic and a database of its own, with customers who have been known for weeks. The events (1 KB, of
the care plan, see `benchmarks.traffic`) lie in the inbox before anybody reads. A worker is `milepost run` as it is,
with its sender. Its figures are of a window: from when every worker has begun until 95 of 100 events are decided and
committed; an event counts when both stages have done it. At the end all must be there, once.

Then one worker gets events at half the speed that it was found to have. The latency is from when an event is given to
the producer to when the transaction is committed that queues its message.

Broker, database and workers share the machine: with two cores a second worker cannot be quicker, only as cheap an
event.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import NamedTuple

from benchmarks.care_plan import care_plan_project
from benchmarks.known import KNOWN, make_known
from benchmarks.site import Servers, Site, Worker, servers, until
from benchmarks.speed import ROOT
from benchmarks.traffic import CYCLE, EVENT_BYTES, TELLING, Traffic, checked
from engine.model.program import Program
from engine.store.codec import decode_event
from engine.wiring.projects import load, runnable

EVENTS, CUSTOMERS, ROUNDS, LATENCY_S = 40_000, 20_000, 3, 30.0
YARDSTICK = "decode and check an event"
WITHIN_S = 900.0
SAMPLE_S = 0.25
MEASURED_SHARE = 0.95


class Speed(NamedTuple):
    """Of a round: events a second by the clock; processor time an event, in seconds, of what is measured and of the
    servers."""

    rate: float
    cpu_s: float
    broker_s: float = 0.0
    database_s: float = 0.0


class Latency(NamedTuple):
    """In seconds."""

    rate: float
    median_s: float
    p99_s: float
    count: int


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks workers", description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS, help="of a round")
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="who are known before")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--latency", type=float, default=LATENCY_S, metavar="SECONDS", help="0: not measured")
    asked = parser.parse_args(given)
    project = care_plan_project()
    program = runnable(load(project), project, drafts=False)
    with servers() as running:
        traffic = Traffic(asked.customers, datetime.now(UTC))
        make_known(running.database, program, traffic)
        found: dict[str, list[Speed]] = {}
        for number in range(asked.rounds):
            _round(running, program, traffic, number, asked.events, found)
        print(_table(found))
        if asked.latency:
            half = statistics.median(one.rate for one in found["1 worker"]) / 2
            print(_told(_latency(running, Traffic(asked.customers, datetime.now(UTC)), half, asked.latency)))


def _round(
    running: Servers,
    program: Program,
    traffic: Traffic,
    number: int,
    count: int,
    found: dict[str, list[Speed]],
) -> None:
    records = list(traffic.events(count))
    found.setdefault(YARDSTICK, []).append(_decoding(program, [one.value for one in records]))
    for workers in (1, 2) if number % 2 == 0 else (2, 1):
        name = f"round{number}workers{workers}"
        site = Site(running, name, running.database.copy(KNOWN, name))
        site.produce(records)
        if workers == 1:
            found.setdefault("aiokafka alone", []).append(_bare("consumer", site, count))
            found.setdefault("a bare Faust agent", []).append(_bare("agent", site, count))
        speed = _measured(site, workers, count)
        found.setdefault(f"{workers} worker{'s' if workers > 1 else ''}", []).append(speed)
        print(f"{name}: {speed.rate:,.0f} events/s", file=sys.stderr)


def _decoding(program: Program, lines: Sequence[bytes]) -> Speed:
    clock, cpu = time.perf_counter(), time.process_time()
    checked(program, lines)
    return Speed(len(lines) / (time.perf_counter() - clock), (time.process_time() - cpu) / len(lines))


def _bare(kind: str, site: Site, count: int) -> Speed:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bare", kind, site.bootstrap, site.topics.inbox, str(count)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=WITHIN_S,
    )
    clock_s, processor_s = map(float, done.stdout.split())
    return Speed(count / clock_s, processor_s / count)


class _Sample(NamedTuple):
    at: float
    done: int
    cpu_s: float
    servers_s: dict[str, float]


def _measured(site: Site, count_workers: int, count: int) -> Speed:
    """Asserts besides that all events are there in the end, once."""
    before = _known_events(site)
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(site, number)) for number in range(count_workers)]

        def sample() -> _Sample:
            progress = site.progress()
            used_s = sum(one.cpu_s() for one in workers)
            return _Sample(time.perf_counter(), min(progress.values()), used_s, site.server_cpu_s())

        began = first = last = sample()
        while last.done < MEASURED_SHARE * count:
            time.sleep(SAMPLE_S)
            last = sample()
            if last.done < count // 2 and not all(map(_has_begun, workers)):
                first = last  # with few events, some may never have any: then half of them must do
            if last.at - began.at > WITHIN_S:
                raise TimeoutError(f"{last.done} of {count} events are decided\n{workers[0].log()}")
        until("all events are decided", lambda: site.progress()["events"] >= count, WITHIN_S, SAMPLE_S)
    found = _known_events(site) - before
    if found != count:
        raise AssertionError(f"{found} events were decided, of {count}")
    n = last.done - first.done
    cost = {name: (used - first.servers_s[name]) / n for name, used in last.servers_s.items()}
    rate, used_s = n / (last.at - first.at), (last.cpu_s - first.cpu_s) / n
    return Speed(rate, used_s, cost["broker"], cost["database"])


def _known_events(site: Site) -> int:
    [(count,)] = site.ask("SELECT count(*) FROM events")
    return int(count)


def _has_begun(worker: Worker) -> bool:
    return worker.metric('milepost_records_total{topic="' + worker.site.topics.events + '"}') > 0


def _latency(running: Servers, traffic: Traffic, rate: float, for_s: float) -> Latency:
    """Of those events that queue a message at once; what came in the first fifth of the time does not count."""
    site = Site(running, "latency", running.database.copy(KNOWN, "latency"))
    count = int(rate * for_s) // CYCLE * CYCLE
    records = list(traffic.events(count))
    sent_at: list[float] = []
    with Worker(site) as worker:
        until("the worker is ready", worker.is_ready, WITHIN_S)
        began = time.monotonic()

        def sent(number: int) -> float:
            sent_at.append(time.time())
            return began + (number + 1) / rate

        site.produce(records, sent)
        took_s = time.monotonic() - began
        until("all events are decided", lambda: site.progress()["events"] >= count, WITHIN_S)
    queued = {number: at - sent_at[number] for number, at in _queued_at(site)}
    if len(queued) != count // CYCLE:
        raise AssertionError(f"{len(queued)} messages were queued by {count} events")
    counted = sorted(late_s for number, late_s in queued.items() if number >= count // 5)
    return Latency(
        count / took_s, statistics.median(counted), counted[len(counted) * 99 // 100], len(counted)
    )


def _queued_at(site: Site) -> list[tuple[int, float]]:
    """The number of each event that queues a message at once, and when (seconds since 1970) that was committed. An
    event's row is written in the same transaction as its messages, and never again."""
    rows = site.ask(
        "SELECT e.body, extract(epoch FROM pg_xact_commit_timestamp(e.xmin))::float8 FROM events AS e "
        "WHERE EXISTS (SELECT FROM messages AS m WHERE m.customer_id = e.customer_id) AND type = 'purchase.recorded'"
    )
    found = [(decode_event(body).id, at) for body, at in rows]
    return [(int(name), at) for name, at in found if name.isdecimal() and int(name) % CYCLE == TELLING]


def _table(found: dict[str, list[Speed]]) -> str:
    """In Markdown. Ratios are the medians of the rounds' own."""
    lines = [
        f"| events of {EVENT_BYTES} bytes | a second | CPU µs an event | × decode | × one worker's | broker's CPU µs "
        "| database's CPU µs | a second × the bare agent's |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, rounds in found.items():
        rate, cpu_us, broker_us, database_us = map(statistics.median, zip(*rounds, strict=True))
        costs = [f"{1e6 * used:.0f}" if used else "" for used in (broker_us, database_us)]
        ratios = [
            _ratio(rounds, found[YARDSTICK], lambda one: one.cpu_s),
            _ratio(rounds, found["1 worker"], lambda one: one.cpu_s),
            _ratio(rounds, found["a bare Faust agent"], lambda one: one.rate),
        ]
        decode, one_worker, agent = [f"{ratio:.2f}" for ratio in ratios]
        lines.append(
            f"| {name} | {rate:,.0f} | {1e6 * cpu_us:.0f} | {decode} | {one_worker} | {' | '.join(costs)} | {agent} |"
        )
    return "\n".join(lines)


def _ratio(ones: Sequence[Speed], others: Sequence[Speed], what: Callable[[Speed], float]) -> float:
    return statistics.median(what(one) / what(other) for one, other in zip(ones, others, strict=True))


def _told(latency: Latency) -> str:
    return (
        f"\nFrom an event to its queued message, one worker, {latency.rate:,.0f} events a second: median "
        f"{1000 * latency.median_s:.0f} ms, 99 of 100 within {1000 * latency.p99_s:.0f} ms ({latency.count} messages)."
    )
