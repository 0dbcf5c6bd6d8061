"""`milepost identities`: customers whom events name together though their names differ, for a person to settle."""

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
    named_project,
    project_of,
    tell,
    verb_app,
)
from engine.cli.looking import known_by, program_for_looking
from engine.model.customer import Customer
from engine.model.disputes import Dispute, DisputeStatus
from engine.model.errors import MilepostError, UsageError
from engine.ports import Store
from engine.wiring.assembly import looked_into
from engine.wiring.identities import settling
from engine.wiring.settings import load_settings

app = verb_app(no_args_is_help=True)

_SHOWN = 12
"""Digits of an id that lists show; they are enough to name it."""

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="as listed; its first digits are enough")]
_LOST = "a mobile needs its country, as in +86 138 0000 0001"


@app.callback()
def identities(context: typer.Context, project: ProjectOption = None) -> None:
    """Shows which customers events name together though their names differ, and takes a person's word on it."""
    context.obj = {"project": named_project(context, project)}


@app.command("list", cls=VerbCommand)
def list_identities(
    context: typer.Context,
    status: Annotated[
        DisputeStatus, typer.Option(metavar="STATUS", help=", ".join(DisputeStatus))
    ] = DisputeStatus.OPEN,
    dealer: Annotated[str, typer.Option(metavar="ID", help="only this dealer's")] = "",
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Lists the contradictions, the oldest first: the identifiers, the two names, how often and since when."""
    settings = load_settings()
    with looked_into(settings) as store:
        program, _whole = program_for_looking(context, project, _LOST, store, settings)
        zone = program.policy.zone
        found = [one for one in store.disputes(status) if dealer in ("", one.dealer)]
        lines = [_line(store, one, zone) for one in found]
    if output is Format.JSON:
        emit({"identities": lines})
        return
    for line in lines:
        if output is Format.JSONL:
            emit(line)
        else:
            sys.stdout.write(_text(line) + "\n")
    if output is Format.TEXT:
        sys.stdout.flush()
        tell(f"{len(lines)} {status}")


@app.command(cls=VerbCommand)
def show(
    context: typer.Context,
    which: IdArgument,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Shows one contradiction: what is known of the two, and which events have named them together."""
    settings = load_settings()
    with looked_into(settings) as store:
        program, _whole = program_for_looking(context, project, _LOST, store, settings)
        line = _line(store, _found(store, which), program.policy.zone)
    if output is not Format.TEXT:
        emit(line)
        return
    sys.stdout.write(_text(line) + "\n")
    for one in line["customers"]:
        known = ", ".join(str(one[kind]) for kind in ("name", "mobile", "email", "member") if one[kind])
        cars = ", ".join(one["vehicles"]) or "-"
        sys.stdout.write(f"  {one['customer_id']}  {known or '-'}; cars: {cars}\n")
    for kept, refused in line["named"]:
        sys.stdout.write(f"  {kept} counted, {refused} was set aside\n")
    sys.stdout.write(f"  events: {', '.join(line['events'])}\n")


@app.command(cls=VerbCommand)
def merge(
    context: typer.Context,
    one: Annotated[str, typer.Argument(metavar="A", help="a customer: mobile, email, member number or id")],
    other: Annotated[
        str | None, typer.Argument(metavar="B", help="the other; left out, A is the id of a contradiction")
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Says that two customers are one. They are merged as if an event had named both: it cannot be undone."""
    settings = load_settings()
    with settling(settings, project_of(context, project)) as settled:
        store = settled.store
        program, _whole = program_for_looking(context, project, _LOST, store, settings)
        if other is None:
            dispute = _found(store, one)
            known = store.customers(dispute.customers)
            two = [known[customer] for customer in dispute.customers if customer in known]
        else:
            two = [_only(known_by(store, program, who), who) for who in (one, other)]
        ids = {customer.id for customer in two}
        if len(ids) == len(two) - 1 or any(customer.into for customer in two):
            raise MilepostError("They are one already.")
        settled.merge(*two)
    told = {"customers": sorted(ids), "taken": "inbox" if settings.kafka_bootstrap else "store"}
    if output is not Format.TEXT:
        emit(told)
    elif settings.kafka_bootstrap:
        typer.echo("in the inbox: they are one when the workers have come to it")
    else:
        typer.echo("they are one now")


@app.command(cls=VerbCommand)
def keep(
    context: typer.Context,
    which: IdArgument,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Says that the two are two, for ever: it is not listed again, whatever events name them together."""
    settings = load_settings()
    with settling(settings, project_of(context, project)) as settled:
        kept = settled.keep(_found(settled.store, which))
    if output is not Format.TEXT:
        emit({"id": kept.id, "status": kept.status})
    else:
        typer.echo("they are two")


def _found(store: Store, which: str) -> Dispute:
    found = store.dispute(which) if which else None
    if found is None:
        raise UsageError(
            f"No contradiction has an id that begins with {which!r}, or several have.",
            "milepost identities list shows them.",
        )
    return found


def _only(found: list[Customer], who: str) -> Customer:
    if len(found) != 1:
        raise UsageError(f"{who!r} leads to {len(found)} customers.", "Give an id.")
    return found[0]


def _line(store: Store, one: Dispute, zone: ZoneInfo) -> dict[str, Any]:
    known = store.customers(one.customers)
    return {
        "id": one.id,
        "status": one.status,
        "first_at": local(one.first_at, zone),
        "last_at": local(one.last_at, zone),
        "count": one.count,
        "dealer": one.dealer,
        "named": [[" ".join(pair.kept), " ".join(pair.refused)] for pair in one.named],
        "customers": [_customer(customer, known.get(customer)) for customer in one.customers],
        "events": list(one.events),
    }


def _customer(customer_id: str, known: Customer | None) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        **{kind: known.fact(kind) if known else None for kind in ("name", "mobile", "email", "member")},
        "vehicles": [car.plate or car.vin for car in known.vehicles.values()] if known else [],
    }


def _text(line: dict[str, Any]) -> str:
    left, right = ((one["name"] or one["mobile"] or one["email"] or "-") for one in line["customers"])
    named = "; ".join(" / ".join(pair) for pair in line["named"])
    return f"{line['id'][:_SHOWN]}  {line['last_at'][:10]}  {line['count']}x  {left} / {right}  {named}"
