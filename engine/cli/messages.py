"""`milepost messages`: the ledger."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    project_of,
    stderr,
    verb_app,
)
from engine.intake.clean import clean_contact
from engine.model.errors import MilepostError
from engine.model.messages import Status
from engine.ports import MessageFilter, MessageRow
from engine.wiring.assembly import stored
from engine.wiring.projects import load_runnable
from engine.wiring.settings import load_settings

app = verb_app()


@app.command()
def messages(  # noqa: PLR0913, PLR0917 - one name each of the command
    context: typer.Context,
    status: Annotated[
        list[Status] | None, typer.Option(help="queued, sent, skipped, …; may be repeated")
    ] = None,
    journey: Annotated[str, typer.Option(metavar="ID", help="only this journey's")] = "",
    channel: Annotated[str, typer.Option(help="only this channel's")] = "",
    brand: Annotated[str, typer.Option(help="only this brand's")] = "",
    customer: Annotated[str, typer.Option(metavar="MOBILE/EMAIL", help="only this customer's")] = "",
    limit: Annotated[int | None, typer.Option(help="at most so many")] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Shows the ledger: every message decided, and what became of it."""
    program = load_runnable(project_of(context, project), drafts=False)
    with stored(load_settings()) as store:
        customer_id = ""
        if customer:
            found = store.find(clean_contact(customer, program.policy.country))
            if not found:
                raise MilepostError(f"Nobody is known by {customer!r}.")
            customer_id = found[0].id
        which = MessageFilter(
            statuses=frozenset(status or ()),
            journey=journey,
            channel=channel,
            brand=brand,
            customer_id=customer_id,
        )
        rows = store.messages(which, limit)
        lines = (row_line(row, program.policy.zone) for row in rows)
        if output is Format.JSON:
            emit({"messages": list(lines)})
            return
        shown = 0
        for line in lines:
            shown += 1
            if output is Format.JSONL:
                emit(line)
            else:
                _print(line)
        if output is Format.TEXT:
            stderr.print(f"{shown} message{'s' * (shown != 1)}")


def row_line(row: MessageRow, zone: ZoneInfo) -> dict[str, Any]:
    """A row of the ledger as outputs show it."""
    message = row.message
    return {
        "message_id": message.id,
        "at": _local(message.at, zone),
        "due_at": _local(message.due_at, zone),
        "journey": message.journey,
        "step": message.step,
        "run": message.run,
        "customer": message.customer,
        "vehicle": message.vehicle,
        "template": message.template,
        "channel": message.channel,
        "brand": message.brand,
        "locale": message.locale,
        "status": message.status,
        "reason": message.reason,
        "held_until": _local(message.held_until, zone),
        "sent_at": _local(row.sent_at, zone),
        "attempts": row.attempts,
        "place": row.place,
        "note": row.note,
    }


def _local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).isoformat() if moment else None


def _print(line: dict[str, Any]) -> None:
    what = line["channel"] or "-"
    typer.echo(
        f"{line['at'][:16].replace('T', ' ')}  {line['journey']:<22} {line['status']:<8} {what:<7} "
        f"{line['brand']:<11} {line['customer'] or '-':<16} {line['vehicle'] or '':<10} "
        f"{line['reason'] or line['note'] or line['place']}"
    )
