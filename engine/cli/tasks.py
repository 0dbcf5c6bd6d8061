"""`milepost tasks`: the pieces of work that journeys have given to persons."""

import sys
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    local,
    printable,
    tell,
    verb_app,
)
from engine.cli.looking import known_by, program_for_looking
from engine.model.tasks import Assignee, TaskStatus
from engine.ports import TaskFilter, TaskRow
from engine.wiring.assembly import looked_into
from engine.wiring.settings import load_settings

app = verb_app()


@app.command(cls=VerbCommand)
def tasks(  # noqa: PLR0913, PLR0917 - one name each of the command
    context: typer.Context,
    status: Annotated[
        list[TaskStatus] | None,
        typer.Option(metavar="STATUS", help=f"{', '.join(TaskStatus)}; may be repeated [default: open]"),
    ] = None,
    assignee: Annotated[
        Assignee | None, typer.Option("--for", metavar="WHOM", help="dealer or headquarters")
    ] = None,
    dealer: Annotated[str, typer.Option(metavar="ID", help="only this dealer's")] = "",
    journey: Annotated[str, typer.Option(metavar="ID", help="only this journey's")] = "",
    customer: Annotated[str, typer.Option(metavar="MOBILE/EMAIL", help="only this customer's")] = "",
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="at most so many")] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Shows the tasks that journeys have given to dealers and headquarters, those due first. A task.done event with the
    task's id closes one.
    """
    settings = load_settings()
    with looked_into(settings) as store:
        program, _whole = program_for_looking(
            context, project, "tasks are shown as they are", store, settings
        )
        which = TaskFilter(
            statuses=frozenset(status or (TaskStatus.OPEN,)),
            assignee=assignee or "",
            dealer=dealer,
            journey=journey,
            customer_id=known_by(store, program, customer)[0].id if customer else "",
        )
        lines = [task_line(row, program.policy.zone) for row in store.tasks(which, limit)]
    if output is Format.JSON:
        emit({"tasks": lines})
        return
    for line in lines:
        if output is Format.JSONL:
            emit(line)
        else:
            _print(line)
    if output is Format.TEXT:
        sys.stdout.flush()
        tell(f"{len(lines)} task{'s' * (len(lines) != 1)}")


def task_line(row: TaskRow, zone: ZoneInfo) -> dict[str, Any]:
    """A task as outputs show it."""
    task = row.task
    return {
        "task_id": task.id,
        "task": task.name,
        "for": task.assignee,
        "dealer": task.dealer,
        "status": task.status,
        "due_at": local(task.due_at, zone),
        "at": local(task.at, zone),
        "journey": task.journey,
        "step": task.step,
        "run": task.run,
        "customer": task.customer,
        "vehicle": task.vehicle,
        "brand": task.brand,
        "script": task.script,
        "reason": task.reason,
        "outcome": row.outcome or None,
        "done_at": local(row.done_at, zone),
    }


def _print(line: dict[str, Any]) -> None:
    due = line["due_at"][:16].replace("T", " ") if line["due_at"] else "-"
    text = (
        f"{line['task_id']}  {due:<16}  {line['task']:<20} {line['dealer'] or line['for']:<12} "
        f"{line['status']:<8} {line['customer'] or '-':<16} {line['vehicle'] or '':<10} "
        f"{line['outcome'] or line['reason'] or ''}"
    )
    sys.stdout.write(printable(text.rstrip()) + "\n")
    for said in (line["script"] or "").splitlines():
        if said.strip():
            sys.stdout.write(printable(f"    {said.rstrip()}") + "\n")
