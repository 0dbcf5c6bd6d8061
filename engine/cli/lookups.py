"""`milepost lookups`: the trail of what the reception has looked up."""

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
    moment_of,
    named_project,
    tell,
    verb_app,
)
from engine.cli.looking import known_by, program_for_looking
from engine.model.lookups import Lookup
from engine.model.staff import clean_name
from engine.ports import Store
from engine.wiring.assembly import looked_into
from engine.wiring.settings import load_settings

app = verb_app(no_args_is_help=True)


@app.callback()
def lookups(context: typer.Context, project: ProjectOption = None) -> None:
    """Shows who looked up whom at the reception."""
    context.obj = {"project": named_project(context, project)}


@app.command("list", cls=VerbCommand)
def list_lookups(  # noqa: PLR0917 - one name each of the command
    context: typer.Context,
    staff: Annotated[str, typer.Option(metavar="NAME", help="only this person's")] = "",
    customer: Annotated[
        str, typer.Option(metavar="PLATE/MOBILE/EMAIL", help="only those that showed this customer")
    ] = "",
    since: Annotated[str, typer.Option(metavar="TIME", help="only those from then on")] = "",
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="the newest so many")] = 100,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Lists the newest look-ups, the newest first: when, who, what was asked (numbers masked), who was shown."""
    settings = load_settings()
    with looked_into(settings) as store:
        lost = "a mobile needs its country, as in +86 138 0000 0001"
        program, _ = program_for_looking(context, project, lost, store, settings)
        zone = program.policy.zone
        from_on = moment_of(since, zone, "--since", end=False) if since else None
        ids = [one.id for one in known_by(store, program, customer)] if customer else [""]
        found = [
            row
            for one in ids
            for row in store.lookups(
                staff=(clean_name(staff) or staff) if staff else "", customer_id=one, limit=limit
            )
            if from_on is None or row.at >= from_on
        ]
        lines = _lines(store, found, zone)
    if output is Format.JSON:
        emit({"lookups": lines})
        return
    for line in lines:
        if output is Format.JSONL:
            emit(line)
        else:
            at = str(line["at"])[:16].replace("T", " ")
            what = "opened" if line["kind"] == "opened" else f"asked {line['asked']!r}"
            shown = ", ".join(line["customers"]) or "nobody"
            typer.echo(f"{at}  {line['staff']:<16} {line['dealer'] or '-':<8} {what}: {shown}")
    if output is Format.TEXT and not lines:
        tell("nothing was looked up")


def _lines(store: Store, found: list[Lookup], zone: ZoneInfo) -> list[dict[str, Any]]:
    """`customers` by their contacts; one who is there no more by the id."""
    ids = sorted({one for row in found for one in row.shown})
    known = store.customers(ids)
    names = {one: (known[one].contact or one) if one in known else one for one in ids}
    return [
        {
            "at": local(row.at, zone),
            "staff": row.staff,
            "dealer": row.dealer,
            "kind": "opened" if row.opened else "search",
            "asked": row.asked,
            "customers": [names[one] for one in row.shown],
            "more": row.more,
        }
        for row in found
    ]
