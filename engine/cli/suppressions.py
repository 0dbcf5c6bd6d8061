"""`milepost suppressions`: the addresses to which nothing is sent any more."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from heapq import nlargest
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import Format, FormatOption, ProjectOption, emit, local, named_project, tell, verb_app
from engine.cli.looking import program_for_looking
from engine.intake.clean import clean_email
from engine.intake.phone import mobile_cleaner
from engine.model.errors import UsageError
from engine.model.program import Program
from engine.model.suppression import Address, Cause, Lifting, Suppression, SuppressionRow
from engine.ports import Store
from engine.wiring.assembly import clock_of, looked_into
from engine.wiring.settings import Settings, load_settings

app = verb_app(no_args_is_help=True)

_SHOWN = 12
"""Digits of a hash that lists show."""


class ChannelName(StrEnum):
    LETTER = "letter"
    EMAIL = "email"
    SMS = "sms"


ChannelOption = Annotated[ChannelName, typer.Option(metavar="NAME", help=", ".join(ChannelName))]
AddressArgument = Annotated[
    str,
    typer.Argument(
        metavar="ADDRESS",
        help="an email address; a mobile; of letters country, region, city, district, postcode, line, name",
    ),
]


@app.callback()
def suppressions(context: typer.Context, project: ProjectOption = None) -> None:
    """Shows and changes the list of addresses to which nothing is sent any more. It holds only their hashes."""
    context.obj = {"project": named_project(context, project)}


@app.command("list", cls=VerbCommand)
def list_suppressions(
    context: typer.Context,
    cause: Annotated[
        list[Cause] | None,
        typer.Option("--reason", metavar="REASON", help=f"{', '.join(Cause)}; may be repeated"),
    ] = None,
    channel: Annotated[ChannelName | None, typer.Option(metavar="NAME", help="only this channel's")] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="the newest so many")] = 100,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Lists the newest, and counts all. Addresses are not shown: only their hashes are kept."""
    settings = load_settings()
    with looked_into(settings) as store:
        zone = _program(context, project, store, settings).policy.zone
        wanted = (
            row
            for row in store.suppressions()
            if (not cause or row.cause in cause) and channel in (None, row.channel)
        )
        rows = nlargest(limit, wanted, key=lambda row: (row.at, row.hash))
        counts = [
            {"channel": of, "reason": why, "count": count}
            for (of, why), count in sorted(store.count_suppressions().items())
            if (not cause or why in cause) and channel in (None, of)
        ]
    lines = [_line(row, zone) for row in rows]
    if output is Format.JSON:
        emit({"suppressions": lines, "counts": counts})
        return
    _print(lines, output)
    if output is Format.TEXT:
        told = ", ".join(f"{one['count']} {one['channel']} {one['reason']}" for one in counts)
        tell(f"{len(lines)} shown; in all: {told}" if told else "nothing is on the list")


@app.command(cls=VerbCommand)
def check(
    context: typer.Context,
    address: AddressArgument,
    channel: ChannelOption,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Tells whether an address is on the list, and why. Exits with 1 where it is."""
    settings = load_settings()
    with looked_into(settings) as store:
        program = _program(context, project, store, settings)
        rows = sorted(store.suppressions(_address(program, channel, address)), key=lambda row: row.at)
    lines = [_line(row, program.policy.zone) for row in rows]
    if output is Format.JSON:
        emit({"suppressed": bool(lines), "suppressions": lines})
    else:
        _print(lines, output)
    if output is Format.TEXT and not lines:
        typer.echo("not on the list")
    if lines:
        raise typer.Exit(1)


@app.command(cls=VerbCommand)
def add(
    context: typer.Context,
    address: AddressArgument,
    channel: ChannelOption,
    cause: Annotated[
        Cause, typer.Option("--reason", metavar="REASON", help=", ".join(Cause))
    ] = Cause.BY_HAND,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Puts an address on the list: nothing is sent there from now on, whosever it is."""
    settings = load_settings()
    with looked_into(settings) as store:
        to = _address(_program(context, project, store, settings), channel, address)
        clock = clock_of(settings)
        now = clock.now() if clock else datetime.now(UTC)
        with store.unit() as unit:
            unit.suppress([Suppression(to=to, cause=cause, at=now)])
    if output is not Format.TEXT:
        emit({"added": [cause]})
        return
    typer.echo(f"on the list, as {cause}")


@app.command(cls=VerbCommand)
def remove(
    context: typer.Context,
    address: AddressArgument,
    channel: ChannelOption,
    cause: Annotated[
        list[Cause] | None,
        typer.Option("--reason", metavar="REASON", help="only this one; all, if left out; may be repeated"),
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Takes an address off the list. What its owner has said of consent stays as it is."""
    settings = load_settings()
    with looked_into(settings) as store:
        to = _address(_program(context, project, store, settings), channel, address)
        there = [row for row in store.suppressions(to) if not cause or row.cause in cause]
        with store.unit() as unit:
            unit.unsuppress([Lifting(to=to, causes=tuple(row.cause for row in there))])
    if output is not Format.TEXT:
        emit({"removed": [row.cause for row in there]})
        return
    if not there:
        typer.echo("not on the list")
        return
    typer.echo(f"off the list, where it was as {', '.join(row.cause for row in there)}")
    tell("Consent is a matter of its own: where it was withdrawn, a consent.granted event gives it back.")


def _program(context: typer.Context, project: Any, store: Store, settings: Settings) -> Program:
    lost = "a mobile needs its country, as in +86 138 0000 0001"
    return program_for_looking(context, project, lost, store, settings)[0]


def _address(program: Program, channel: str, text: str) -> Address:
    """As it is compared. Raises `UsageError` where it is no address of that channel."""
    cleaned: str | None = text.strip()
    if channel == "email":
        cleaned = clean_email(text)
    elif channel == "sms":
        cleaned = mobile_cleaner(program.policy.country)(text)
    if not cleaned:
        like = "w@example.cn" if channel == "email" else "+86 138 0000 0001"
        raise UsageError(f"{text!r} is no address for {channel}.", f"Write it as in {like}.")
    return Address(channel, cleaned)


def _line(row: SuppressionRow, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "at": local(row.at, zone),
        "channel": row.channel,
        "reason": row.cause,
        "hash": row.hash.hex(),
        "event": row.event,
    }


def _print(lines: Iterable[dict[str, Any]], output: Format) -> None:
    for line in lines:
        if output is Format.JSONL:
            emit(line)
        else:
            at = line["at"][:16].replace("T", " ")
            text = f"{at}  {line['channel']:<7} {line['reason']:<13} {line['hash'][:_SHOWN]}"
            sys.stdout.write(f"{text}  {line['event'][:_SHOWN] or '-'}\n")
    sys.stdout.flush()
