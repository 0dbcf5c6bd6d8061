"""Loading a project folder, with the estimator that its policy asks for."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from engine.intake.parse import Parser
from engine.language import Loaded, load_project
from engine.language.journey_tests import Parse
from engine.model.diagnostics import Diagnostic
from engine.model.errors import MilepostError
from engine.model.event_types import EventType
from engine.model.journeys import Journey, Send, Status, Step
from engine.model.program import Program
from engine.model.watching import Watch
from engine.odometer import FleetOdometer


def load_to_look(project: Path, watch: Watch | None = None) -> Loaded:
    """The project as one needs it who only looks at what it decided and will decide: its templates' texts are not gone
    through, which takes a second where there are many."""
    return load_project(project, FleetOdometer, watch=watch, texts=False)


def load(
    project: Path, only: Sequence[Path] | None = None, *, tests: bool = False, watch: Watch | None = None
) -> Loaded:
    """The project, checked: its program, if it has no errors, and all its diagnostics. With `tests`, its journey
    tests too. `watch` is told what the journeys' expressions see."""
    return load_project(project, FleetOdometer, only=only, parser=_parser if tests else None, watch=watch)


def _parser(event_types: Mapping[str, EventType], country: str | None) -> Parse:
    return Parser(event_types, country).parse


def load_runnable(project: Path, *, drafts: bool) -> Program:
    """The project's program. Raises `MilepostError` where the project has errors. With `drafts`, journeys
    with `status: draft` run too."""
    return runnable(load(project), project, drafts=drafts)


def runnable(loaded: Loaded, project: Path, *, drafts: bool) -> Program:
    """The program of what was loaded, on the terms of `load_runnable`."""
    errors = [one for one in loaded.diagnostics if one.is_error]
    if loaded.program is not None and not errors:
        return replace(loaded.program, drafts=drafts)
    check_there(project)
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    where = "" if project == Path() else f" --project {project}"
    raise MilepostError(
        f"The project has errors: {place_of(first)}: {first.message}{more}",
        f"milepost validate{where} tells them all.",
    )


def is_project(folder: Path) -> bool:
    """Whether there are journeys to be read, right or wrong."""
    return (folder / "journeys").is_dir()


def check_there(project: Path) -> None:
    """Raises `MilepostError` where there is no project."""
    if not is_project(project):
        raise MilepostError(
            f"There is no project in {project.absolute()}: it has no folder journeys/.",
            "A project is a folder with journeys/ and templates/; go there, or name it by --project DIR.",
        )


def place_of(fault: Diagnostic) -> str:
    """`journeys/welcome.yaml:3:5`, or the file alone where the fault has no place in it."""
    return f"{fault.file}:{fault.line}:{fault.column}" if fault.line else fault.file


def for_looking(loaded: Loaded) -> Program:
    """What there is of the project to look at the store with: its program; where it has errors, one without
    journeys, on what could be read of the policy."""
    policy = loaded.policy
    if loaded.program is not None:
        return loaded.program
    return Program(journeys={}, policy=policy, odometer=FleetOdometer(policy.fleet))


def untold(program: Program) -> Program:
    """The same program, whose messages do not carry what they would be rendered with: what is sent to whom
    and when is the same, and a simulation is spared the telling."""
    return _with_each(program, lambda one: replace(one, steps=tuple(map(_untold_step, one.steps))))


def without_holdouts(program: Program) -> Program:
    """The same program, in which no run is held out: a test tells what a journey sends, not whom the lot falls on."""
    return _with_each(program, lambda one: replace(one, holdout=0.0))


def _with_each(program: Program, changed: Callable[[Journey], Journey]) -> Program:
    """The program with each of its journeys changed, wherever it stands."""
    journeys = {one.id: changed(one) for one in program.journeys.values()}

    def index(found: Mapping[str, tuple[Journey, ...]]) -> dict[str, tuple[Journey, ...]]:
        return {on: tuple(journeys[one.id] for one in several) for on, several in found.items()}

    return replace(
        program,
        journeys=journeys,
        starting=index(program.starting),
        stopping=index(program.stopping),
        scheduled=tuple(journeys[one.id] for one in program.scheduled),
        broadcast=index(program.broadcast),
        dated=tuple(journeys[one.id] for one in program.dated),
    )


def _untold_step(step: Step) -> Step:
    return replace(step, context={}, values={}) if isinstance(step, Send) else step


def drafts_of(program: Program) -> list[str]:
    return [one.id for one in program.journeys.values() if one.status is Status.DRAFT]
