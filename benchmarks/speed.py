"""What is measured, each as a case that can be run again and again."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from benchmarks.care_plan import care_plan_project
from engine.intake.identify import Identification
from engine.intake.parse import Parser
from engine.model.events import Event
from engine.model.journeys import ScheduleStart
from engine.model.links import SAMPLE_KEY, Links
from engine.model.messages import Message, Status
from engine.model.program import Program
from engine.model.scope import Scope
from engine.render import TemplateRenderer
from engine.runtime.advance import Advance
from engine.runtime.schedules import first_after
from engine.sim import Simulation
from engine.sim.network import generate
from engine.store.sqlite import SqliteStore
from engine.wiring.projects import load, runnable, untold

ROOT = Path(__file__).parent.parent
BATCH = 500
LETTERS = 500
OTHERS = 2000
CONDITIONS = 200_000


class Case(msgspec.Struct):
    """One measurement: `run` does `count` of the thing."""

    name: str
    title: str
    count: int
    run: Callable[[], None]


def history(customers: int) -> list[bytes]:
    """Two years of a network, as lines in order of arrival."""
    return [
        one if isinstance(one, bytes) else one.encode()
        for one in generate(seed=1, customers=customers, days=730).lines()
    ]


def cases(lines: list[bytes], folder: Path) -> Iterator[Case]:
    project = care_plan_project()
    loaded = load(project)
    program = runnable(loaded, project, drafts=False)
    parser = Parser(program.event_types, program.policy.country)
    yield Case("decode", "decode and check an event", len(lines), lambda: _parse(parser, lines))
    yield _condition(program)
    yield from _replays(program, parser, lines, folder)
    yield _fan_out(program, parser, lines, folder)
    renderer = TemplateRenderer(
        project, loaded.templates, program.policy, links=Links("https://care.example.com", SAMPLE_KEY)
    )
    messages = _messages(program, parser, lines)
    for channel, title, most in (
        ("sms", "render an SMS", OTHERS),
        ("email", "render an email", OTHERS),
        ("letter", f"render a letter to PDF, {LETTERS} in a run", LETTERS),
    ):
        some = [one for one in messages if one.channel == channel][:most]
        yield Case(f"render-{channel}", title, len(some), lambda some=some: _render(renderer, some))
    emails = [one for one in messages if one.channel == "email"][:OTHERS]
    yield Case(
        "render-form",
        "render an email as a form and values",
        len(emails),
        lambda: _render(renderer, emails, as_form=True),
    )


def _replays(program: Program, parser: Parser, lines: list[bytes], folder: Path) -> Iterator[Case]:
    """The same events with nothing to decide, with what events begin, and with the newsletter too."""
    n = len(lines)
    care = only(program, lambda scheduled: not scheduled)
    empty = only(program, lambda _: False)
    names = (f"{number}.db" for number in itertools.count())
    for name, title, chosen in (
        ("simulate", "simulate: care plan by events", care),
        ("simulate-all", "simulate: with the newsletter", program),
    ):
        lean = untold(chosen)
        yield Case(name, title, n, lambda lean=lean: _simulate(lean, parser, lines, lambda _: None))
    for name, title, chosen in (
        ("empty", f"embedded, batches of {BATCH}: nothing to decide", empty),
        ("care", f"embedded, batches of {BATCH}: care plan by events", care),
        ("care-all", f"embedded, batches of {BATCH}: with the newsletter", program),
    ):
        yield Case(
            name,
            title,
            n,
            lambda chosen=chosen: _embedded(chosen, parser, lines, folder / next(names)),
        )


def only(program: Program, wanted: Callable[[bool], bool]) -> Program:
    """The program with only the journeys that a schedule begins, or only the others, or none."""
    journeys = {
        one.id: one for one in program.journeys.values() if wanted(isinstance(one.start, ScheduleStart))
    }
    return replace(
        program,
        journeys=journeys,
        starting={
            on: tuple(one for one in found if one.id in journeys) for on, found in program.starting.items()
        },
        stopping={
            on: tuple(one for one in found if one.id in journeys) for on, found in program.stopping.items()
        },
        scheduled=tuple(one for one in program.scheduled if one.id in journeys),
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
    scope = Scope(program=program, now=event.time, event=event)

    def run() -> None:
        for _ in range(CONDITIONS):
            when(scope)

    return Case("condition", "a condition (event.tyre_count >= 1)", CONDITIONS, run)


def _parse(parser: Parser, lines: list[bytes]) -> None:
    for line in lines:
        parser.parse(line)


def _simulate(
    program: Program, parser: Parser, lines: list[bytes], on_message: Callable[[Message], None]
) -> None:
    simulation = Simulation(program, Identification(), on_message)
    for line in lines:
        event = parser.parse(line)
        if isinstance(event, Event):
            simulation.event(event)


def _embedded(program: Program, parser: Parser, lines: list[bytes], path: Path) -> None:
    """The whole way, from lines to a closed database."""
    store = SqliteStore(path)
    _take(Advance(program, store, Identification(), None), parser, lines)
    store.close()
    path.unlink()


def _take(advance: Advance, parser: Parser, lines: list[bytes]) -> None:
    for first in range(0, len(lines), BATCH):
        parsed = [parser.parse(line) for line in lines[first : first + BATCH]]
        advance.take([one for one in parsed if isinstance(one, Event)])


def _fan_out(program: Program, parser: Parser, lines: list[bytes], folder: Path) -> Case:
    """The newsletter's next moment, each time, to all customers of a history with the care plan's runs. The
    program that is timed has no other journey, so that no timer is among it."""
    store = SqliteStore(folder / "fan-out.db")
    _take(
        Advance(only(program, lambda scheduled: not scheduled), store, Identification(), None), parser, lines
    )
    newsletter = only(program, lambda scheduled: scheduled)
    advance = Advance(newsletter, store, Identification(), None)

    def run() -> None:
        now = advance.now()
        assert now is not None
        moments = (first_after(one, now, program.policy.zone) for one in newsletter.scheduled)
        advance.catch_up(min(moment.at for moment in moments if moment is not None))

    run()  # what the care plan left due goes with the first
    with store.unit() as unit:
        known = sum(1 for _ in unit.after("", len(lines)))
    return Case("fan-out", "newsletter fan-out, a customer", known, run)


def _messages(program: Program, parser: Parser, lines: list[bytes]) -> list[Message]:
    messages: list[Message] = []
    _simulate(program, parser, lines, messages.append)
    return [one for one in messages if one.status is Status.QUEUED]


def _render(renderer: TemplateRenderer, messages: list[Message], *, as_form: bool = False) -> None:
    for message in messages:
        renderer.render(message, as_form=as_form)
