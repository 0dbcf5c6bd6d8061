"""What is measured."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from engine.intake.identify import Identification
from engine.intake.parse import Parser
from engine.model.events import Event
from engine.model.messages import Message, Status
from engine.model.program import Program
from engine.model.scope import Scope
from engine.ports import MessageFilter
from engine.render import TemplateRenderer
from engine.runtime.advance import Advance
from engine.sim import Simulation
from engine.sim.network import generate
from engine.store.sqlite import SqliteStore
from engine.wiring.projects import load, runnable

ROOT = Path(__file__).parent.parent
BATCH = 500
LETTERS = 500
OTHERS = 2000


class Case(msgspec.Struct):
    """One measurement: `run` does `count` of the thing."""

    name: str
    title: str
    count: int
    run: Callable[[], None]
    against: str = ""


def history(customers: int) -> list[bytes]:
    """Two years of a network, as lines in order of arrival."""
    return [
        one if isinstance(one, bytes) else one.encode()
        for one in generate(seed=1, customers=customers, days=730).lines()
    ]


def cases(lines: list[bytes], folder: Path) -> Iterator[Case]:
    loaded = load(ROOT)
    program = runnable(loaded, ROOT, drafts=False)
    parser = Parser(program.event_types, program.policy.country)
    n = len(lines)
    names = (f"{number}.db" for number in itertools.count())

    def parse() -> None:
        for line in lines:
            parser.parse(line)

    yield Case("decode", "decode and check an event", n, parse)
    yield _condition(program)
    yield Case(
        "simulate", "simulate: decode, check, identify, decide", n, lambda: _simulate(program, parser, lines)
    )
    empty = replace(program, journeys={}, starting={}, stopping={}, scheduled=())
    yield Case(
        "empty",
        f"embedded, batches of {BATCH}, no journeys",
        n,
        lambda: _embedded(empty, parser, lines, folder / next(names)),
    )
    yield Case(
        "embedded",
        f"embedded, batches of {BATCH}: decode … durable write, care plan",
        n,
        lambda: _embedded(program, parser, lines, folder / next(names)),
        against="empty",
    )
    renderer = TemplateRenderer(ROOT, loaded.templates, program.policy, links_base="https://care.example.com")
    messages = _messages(program, parser, lines)
    for channel, most in (("sms", OTHERS), ("email", OTHERS), ("letter", LETTERS)):
        some = [one for one in messages if one.channel == channel][:most]
        yield Case(
            f"render-{channel}", f"render: {channel}", len(some), lambda some=some: _render(renderer, some)
        )


def _condition(program: Program) -> Case:
    journey = program.journeys["welcome-pack"]
    when = journey.start.when  # type: ignore[union-attr]
    assert when is not None
    event = Event(
        source="s",
        id="i",
        type="purchase.recorded",
        time=datetime.now(UTC),
        data={"tyres": [{"quantity": 2}]},
    )
    scope = Scope(
        now=event.time,
        zone=program.policy.zone,
        odometer=program.odometer,
        dealers=program.dealers,
        event=event,
    )
    times = 500_000

    def run() -> None:
        for _ in range(times):
            when(scope)

    return Case("condition", "a condition (event.tyre_count >= 1)", times, run)


def _simulate(program: Program, parser: Parser, lines: list[bytes]) -> list[Message]:
    messages: list[Message] = []
    simulation = Simulation(program, Identification(), messages.append)
    for line in lines:
        event = parser.parse(line)
        if isinstance(event, Event):
            simulation.event(event)
    return messages


def _embedded(program: Program, parser: Parser, lines: list[bytes], path: Path) -> None:
    store = SqliteStore(path)
    advance = Advance(program, store, Identification(), None)
    for first in range(0, len(lines), BATCH):
        parsed = [parser.parse(line) for line in lines[first : first + BATCH]]
        advance.take([one for one in parsed if isinstance(one, Event)])
    advance.catch_up()
    sum(1 for _ in store.messages(MessageFilter(), 1))
    store.close()


def _messages(program: Program, parser: Parser, lines: list[bytes]) -> list[Message]:
    return [one for one in _simulate(program, parser, lines) if one.status is Status.QUEUED]


def _render(renderer: TemplateRenderer, messages: list[Message]) -> None:
    for message in messages:
        renderer.render(message)
