"""`milepost messages`: the ledger, and what people may change of it."""

import sys
from decimal import Decimal
from typing import Annotated, Any

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    local,
    named_project,
    printable,
    tell,
    verb_app,
)
from engine.cli.looking import known_by, program_for_looking
from engine.cli.messages_retry import retry
from engine.cli.messages_unknown import told_below, unknown_members
from engine.model.errors import UsageError
from engine.model.messages import Status
from engine.model.policy import Policy
from engine.ports import MessageFilter, MessageRow
from engine.wiring.assembly import looked_into
from engine.wiring.settings import load_settings

app = verb_app(subcommand_metavar="[COMMAND [ARGS]...]")
app.command("retry", cls=VerbCommand, short_help="Queues failed messages again; `run` then sends them.")(
    retry
)


@app.callback(invoke_without_command=True)
def messages(  # noqa: PLR0913, PLR0917 - one name each of the command
    context: typer.Context,
    status: Annotated[
        list[Status] | None,
        typer.Option(metavar="STATUS", help=f"{', '.join(Status)}; may be repeated"),
    ] = None,
    journey: Annotated[str, typer.Option(metavar="ID", help="only this journey's")] = "",
    channel: Annotated[str, typer.Option(metavar="NAME", help="only this channel's")] = "",
    brand: Annotated[str, typer.Option(metavar="NAME", help="only this brand's")] = "",
    customer: Annotated[str, typer.Option(metavar="MOBILE/EMAIL", help="only this customer's")] = "",
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="at most so many")] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Shows the ledger: every message decided, and what became of it."""
    if context.invoked_subcommand is not None:
        context.obj = {"project": named_project(context, project)}
        filters = {"--status": status, "--journey": journey, "--channel": channel, "--brand": brand}
        others = {"--customer": customer, "--limit": limit, "--format": output is not Format.TEXT}
        _make_room_for(context.invoked_subcommand, {**filters, **others})
        return
    settings = load_settings()
    with looked_into(settings) as store:
        program, _whole = program_for_looking(
            context, project, "the ledger is shown as it is", store, settings
        )
        customer_id = ""
        if customer:
            customer_id = known_by(store, program, customer)[0].id
        which = MessageFilter(
            statuses=frozenset(status or ()),
            journey=journey,
            channel=channel,
            brand=brand,
            customer_id=customer_id,
        )
        rows = store.messages(which, limit)
        lines = (row_line(row, program.policy) for row in rows)
        if output is Format.JSON:
            emit({"messages": list(lines)})
            return
        shown = 0
        unknown: set[str | None] = set()
        for line in lines:
            shown += 1
            if line["status"] is Status.UNKNOWN:
                unknown.add(line["channel"])
            if output is Format.JSONL:
                emit(line)
            else:
                _print(line)
        if output is Format.TEXT:
            sys.stdout.flush()
            tell(f"{shown} message{'s' * (shown != 1)}")
            for text in told_below(unknown, program.policy):
                tell(text)


def _make_room_for(verb: str, filters: dict[str, object]) -> None:
    """A filter before `retry` would be taken for one of it, and is none."""
    for option, given in filters.items():
        if given:
            raise UsageError(
                f"{option} stands before {verb}, where it says nothing.", f"Write it after {verb}."
            )


def row_line(row: MessageRow, policy: Policy) -> dict[str, Any]:
    """A row of the ledger as outputs show it."""
    message, zone = row.message, policy.zone
    return {
        "message_id": message.id,
        "at": local(message.at, zone),
        "due_at": local(message.due_at, zone),
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
        "held_until": local(message.held_until, zone),
        "sent_at": local(row.sent_at, zone),
        "attempts": row.attempts,
        "place": row.place,
        "note": row.note,
        "former_note": row.former_note,
        "parts": row.parts or None,
        "cost": _number(row.cost),
        "currency": row.currency or None,
        "cost_estimated": _number(_estimated(row, policy)),
        "provider_id": row.provider_id,
        **unknown_members(row, policy),
    }


def _estimated(row: MessageRow, policy: Policy) -> Decimal | None:
    """By the policy's price of today, for each part; None of what was not handed over, or has no price."""
    price = policy.prices.get(row.message.channel or "")
    return None if price is None or not row.parts else price * row.parts


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def _print(line: dict[str, Any]) -> None:
    what = line["channel"] or "-"
    text = (
        f"{line['message_id'][:12]}  {line['at'][:16].replace('T', ' ')}  {line['journey']:<22} "
        f"{line['status']:<8} {what:<7} {line['brand']:<11} {line['customer'] or '-':<16} "
        f"{line['vehicle'] or '':<10} {line['reason'] or line['note'] or line['place']}"
    )
    sys.stdout.write(printable(text) + "\n")
