"""Loading a project folder, with the estimator that its policy asks for."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from engine.language import Loaded, load_project
from engine.model.errors import MilepostError
from engine.model.journeys import Journey, Send, Status, Step
from engine.model.program import Program
from engine.odometer import FleetOdometer


def load(project: Path, only: Sequence[Path] | None = None) -> Loaded:
    """The project, checked: its program, if it has no errors, and all its diagnostics."""
    return load_project(project, FleetOdometer, only=only)


def load_runnable(project: Path, *, drafts: bool) -> Program:
    """The project's program. Raises `MilepostError` where the project has errors. With `drafts`, journeys
    with `status: draft` run too."""
    return runnable(load(project), project, drafts=drafts)


def runnable(loaded: Loaded, project: Path, *, drafts: bool) -> Program:
    errors = [one for one in loaded.diagnostics if one.is_error]
    if errors or loaded.program is None:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise MilepostError(
            f"The project has errors: {first.file}:{first.line}:{first.column}: {first.message}{more}",
            f"milepost --project {project} validate tells them all.",
        )
    return replace(loaded.program, drafts=drafts)


def untold(program: Program) -> Program:
    """The same program, whose messages do not carry what they would be rendered with: what is sent to whom
    and when is the same, and a simulation is spared the telling."""
    lean = {
        one.id: replace(one, steps=tuple(map(_untold_step, one.steps))) for one in program.journeys.values()
    }

    def index(journeys: Mapping[str, tuple[Journey, ...]]) -> dict[str, tuple[Journey, ...]]:
        return {on: tuple(lean[one.id] for one in found) for on, found in journeys.items()}

    return replace(
        program,
        journeys=lean,
        starting=index(program.starting),
        stopping=index(program.stopping),
        scheduled=tuple(lean[one.id] for one in program.scheduled),
    )


def _untold_step(step: Step) -> Step:
    return replace(step, context={}, values={}) if isinstance(step, Send) else step


def drafts_of(program: Program) -> list[str]:
    return [one.id for one in program.journeys.values() if one.status is Status.DRAFT]
