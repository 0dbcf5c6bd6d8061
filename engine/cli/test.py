"""`milepost test`: runs the journey tests, on the core that everything runs on."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import typer
from msgspec.structs import replace

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    named_project,
    printable,
    stdout,
    tell,
    verb_app,
    whoever_reads,
)
from engine.cli.places import folder_and_paths
from engine.cli.trials import timeline, told
from engine.cli.validate import write_frames
from engine.language import Loaded
from engine.model.diagnostics import Diagnostic
from engine.model.journey_tests import JourneyTest
from engine.model.program import Program
from engine.sim.trials import Trial, run_test
from engine.wiring.projects import load, runnable, without_holdouts

TESTS = "journeys/tests"
_STYLES = {"!": "red", "-": "red", "+": "red", "=": "green"}
_NOTHING = f"""\
There are no journey tests here. One is a file in {TESTS}/, such as {TESTS}/welcome-pack.yaml:

journey: welcome-pack
tests:
  - name: a letter after a month
    given:
      customer: {{name: 王芳, address: {{line: 幸福路1号}}}}
      consent: {{letter: [care]}}
    events:
      - 2025-03-08 14:20: {{type: purchase.recorded, tyres: [{{quantity: 2}}]}}
    expect:
      - 2025-04-08 10:00: {{send: welcome-pack, by: letter}}"""

app = verb_app()


class Ran(NamedTuple):
    trial: Trial
    ms: float


@app.command(cls=VerbCommand)
def test(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="files of tests, or journeys that are tested; all, if left out"),
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Runs the journey tests in journeys/tests/. Where one fails, what was expected and what happened stand side by
    side on a time line.
    """
    folder, only = folder_and_paths(named_project(context, project), paths or [], ("journeys",))
    loaded = load(folder, tests=True)
    faults = [one for one in loaded.diagnostics if one.file.startswith(f"{TESTS}/")]
    program = _program(loaded, faults, folder)
    chosen = _Chosen(folder, only)
    faults = [one for one in faults if chosen.file(one.file)]
    ran = [_timed(one, program) for one in loaded.tests if chosen.test(one)]
    passed = all(one.trial.passed for one in ran) and not any(one.is_error for one in faults)
    with whoever_reads():
        _write(folder, only, ran, faults, output, program.policy.zone)
    if not passed:
        raise typer.Exit(1)


def _program(loaded: Loaded, faults: Sequence[Diagnostic], folder: Path) -> Program:
    """The project's program; its faults, but those of tests, are the end."""
    others = [one for one in loaded.diagnostics if one not in faults]
    return without_holdouts(runnable(replace(loaded, diagnostics=others), folder, drafts=True))


class _Chosen:
    """Which files are meant: a journey's own file means its tests."""

    def __init__(self, project: Path, only: Sequence[Path]) -> None:
        self._root = project.resolve()
        self._only = [one.resolve() for one in only]

    def file(self, file: str) -> bool:
        path = self._root / file
        return not self._only or any(path.is_relative_to(one) for one in self._only)

    def test(self, one: JourneyTest) -> bool:
        return self.file(one.file) or self.file(f"journeys/{one.journey}.yaml")


def _timed(one: JourneyTest, program: Program) -> Ran:
    start = perf_counter()
    trial = run_test(one, program)
    return Ran(trial, (perf_counter() - start) * 1000)


def _write(
    folder: Path,
    only: Sequence[Path],
    ran: Sequence[Ran],
    faults: list[Diagnostic],
    output: Format,
    zone: ZoneInfo,
) -> None:
    tests = (told(one.trial, zone, one.ms) for one in ran)
    if output is Format.JSON:
        emit({"tests": list(tests), "diagnostics": faults, "summary": _summary(ran, faults)})
    elif output is Format.JSONL:
        for line in (*tests, *faults):
            emit(line)
    else:
        write_frames(folder, faults)
        _print(ran, zone)
        sys.stdout.flush()
        _verdict(ran, faults, everything=not only)


def _summary(ran: Sequence[Ran], faults: Iterable[Diagnostic]) -> dict[str, Any]:
    passed = sum(one.trial.passed for one in ran)
    errors = sum(one.is_error for one in faults)
    return {
        "passed": passed,
        "failed": len(ran) - passed,
        "errors": errors,
        "ms": round(sum(one.ms for one in ran), 3),
    }


def _print(ran: Sequence[Ran], zone: ZoneInfo) -> None:
    file = None
    for trial, ms in ran:
        if trial.test.file != file:
            file = trial.test.file
            _line(file)
        if trial.passed:
            _line(f"  ok    {trial.test.name} ({ms:.0f} ms)", "green")
            continue
        _line(f"  FAIL  {trial.test.name} ({file}:{trial.test.line})", "bold red")
        _line("")
        for mark, text in timeline(trial, zone):
            _line(text, _STYLES.get(mark))
        for note, n in sorted(trial.notes.items()):
            if trial.test.journey in note:
                _line(f"  noted: {note}" + (f", {n} times" if n > 1 else ""))
        _line("")


def _line(text: str, style: str | None = None) -> None:
    stdout.print(printable(text), style=style, markup=False, soft_wrap=True)


def _verdict(ran: Sequence[Ran], faults: Sequence[Diagnostic], *, everything: bool) -> None:
    summary = _summary(ran, faults)
    if not ran and not faults:
        tell(
            _NOTHING
            if everything
            else f"No journey tests lie there, or test what lies there. ({TESTS}/ has them.)"
        )
        return
    if summary["failed"]:
        tell("  = as expected   ! otherwise   - did not happen   + was not expected")
    parts = [f"{summary['passed']} passed"]
    if summary["failed"]:
        parts.append(f"{summary['failed']} failed")
    if summary["errors"]:
        parts.append(f"{summary['errors']} fault{'s' * (summary['errors'] != 1)} in files")
    bad = summary["failed"] or summary["errors"]
    tell(f"{', '.join(parts)} ({summary['ms']:.0f} ms)", "red" if bad else "green")
