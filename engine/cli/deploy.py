"""`milepost deploy`: puts the project's journeys, policy and templates in force."""

import sys
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from msgspec.structs import replace
from rich.prompt import Confirm

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    local,
    on_terminal,
    printable,
    project_of,
    stderr,
    tell,
    verb_app,
)
from engine.cli.plan_screen import show, told
from engine.cli.planning import DAYS, DaysOption, SampleOption, with_bar
from engine.model.deployments import Deployment
from engine.model.errors import MilepostError, UsageError
from engine.ports import DeployedMeanwhile, Store
from engine.sim.trials import run_test
from engine.wiring.assembly import deployed_to, looked_into
from engine.wiring.deployed import Candidate, candidate, chosen, folder_in_force, put_in_force
from engine.wiring.projects import check_there, for_looking, load, load_to_look, without_holdouts
from engine.wiring.settings import Settings, load_settings

app = verb_app()


@app.command(cls=VerbCommand)
def deploy(  # noqa: PLR0913, PLR0917 - one name each of the command
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="without asking, as in CI")] = False,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="what for, for the history")] = "",
    to: Annotated[
        int | None,
        typer.Option("--to", metavar="NUMBER", help="goes back to that deployment"),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="shows all deployments, the newest first")] = False,
    skip_tests: Annotated[bool, typer.Option("--skip-tests", help="though journey tests fail")] = False,
    skip_plan: Annotated[
        bool, typer.Option("--skip-plan", help="without looking at the customers first")
    ] = False,
    days: DaysOption = DAYS,
    sample: SampleOption = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Shows the plan, asks, and puts the project's folder in force: workers take it up at once, runs under way keep
    their place by the step's id. A project with errors, or whose journey tests fail, is refused.
    """
    settings = load_settings()
    folder = project_of(context, project)
    if listed:
        with looked_into(settings) as store:
            _list(store, settings, folder, output)
        return
    if to is None:
        check_there(folder)
    with (deployed_to if to is None else looked_into)(settings) as store:
        one = candidate(store, settings, folder) if to is None else chosen(store, settings, to)
        zone = one.project.program.policy.zone
        if one.is_in_force and one.present is not None:
            _unchanged(one.present, zone, output)
            return
        if to is None and not skip_tests:
            _test(folder, one)
        if not yes:
            _refuse_unasked()
        plan = None
        if not skip_plan:
            found = with_bar(store, settings, one, days=days, sample=sample)
            plan = told(one, found, days, zone)
            if output is Format.TEXT:
                show(one, found, days, zone)
                sys.stdout.flush()
        if not yes and not _agreed():
            tell("nothing was deployed")
            raise typer.Exit(1)
        try:
            done = put_in_force(store, one, note)
        except DeployedMeanwhile as error:
            raise MilepostError(
                "Somebody else has deployed meanwhile; nothing was done.", "Look again: milepost plan"
            ) from error
    if output is Format.TEXT:
        typer.echo(f"deployment {done.number} is in force ({done.hash[:12]})")
        tell("workers take it up by themselves; milepost deploy --to NUMBER goes back to an earlier one")
    else:
        emit({"changed": True, **_told(done), "at": local(done.at, zone), "plan": plan})


def _unchanged(present: Deployment, zone: ZoneInfo, output: Format) -> None:
    if output is Format.TEXT:
        typer.echo(
            f"this is in force already: deployment {present.number} ({present.hash[:12]}); nothing was done"
        )
    else:
        emit({"changed": False, **_told(present), "at": local(present.at, zone), "plan": None})


def _test(folder: Path, one: Candidate) -> None:
    """Raises `MilepostError` where a journey test fails, or cannot be read."""
    loaded = load(folder, tests=True)
    faults = [fault for fault in loaded.diagnostics if fault.is_error]
    program = without_holdouts(replace(one.project.program, drafts=True))
    failed = [test for test in loaded.tests if not run_test(test, program).passed]
    if not faults and not failed:
        return
    first = f"{faults[0].file}: {faults[0].message}" if faults else f"{failed[0].journey}: {failed[0].name}"
    raise MilepostError(
        f"{len(faults) + len(failed)} of the journey tests fail, first {first}.",
        "milepost test shows them; --skip-tests deploys all the same.",
    )


def _refuse_unasked() -> None:
    if not (on_terminal() and sys.stdin.isatty()):
        raise UsageError("Nobody can be asked here whether to deploy.", "--yes deploys without asking.")


def _agreed() -> bool:
    return Confirm.ask("deploy this?", console=stderr, default=False)


def _list(store: Store, settings: Settings, folder: Path, output: Format) -> None:
    found = store.deployments()
    zone = for_looking(load_to_look(folder_in_force(store, settings, folder)[0])).policy.zone
    lines = [{**_told(one), "at": local(one.at, zone)} for one in found]
    if output is Format.JSON:
        emit({"deployments": lines})
    elif output is Format.JSONL:
        for line in lines:
            emit(line)
    else:
        for one, line in zip(found, lines, strict=True):
            at = f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}"
            back = f"goes back to {line['restores']}" if line["restores"] is not None else ""
            parts = (f"{line['number']:>4}", at, line["hash"][:12], line["by"], back, line["note"])
            typer.echo(printable("  ".join(part for part in parts if part)))
        if not lines:
            tell("nothing is deployed yet; `run` works with the journeys of the project folder")


def _told(one: Deployment) -> dict[str, Any]:
    return {
        "number": one.number,
        "hash": one.hash,
        "at": one.at,
        "by": one.by,
        "note": one.note,
        "restores": one.restores,
        "files": len(one.manifest),
    }
