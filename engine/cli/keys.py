"""`milepost keys`: what dealers' software shows at the gateway."""

import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    named_project,
    printable,
    tell,
    verb_app,
)
from engine.model.keys import DealerKey, Scope
from engine.wiring.assembly import deployed_to, looked_into
from engine.wiring.keys import DAYS, OVERLAP_DAYS, Made, create, known, rotate
from engine.wiring.settings import load_settings

app = verb_app(no_args_is_help=True)

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="the key's id, the part after mp_")]
DaysOption = Annotated[
    float, typer.Option(metavar="N", min=0.001, max=36_500, help="for how many days it opens")
]


@app.callback()
def keys(context: typer.Context, project: ProjectOption = None) -> None:
    """Makes and ends the keys that dealers' software shows at the gateway. No project is needed for it."""
    context.obj = {"project": named_project(context, project)}


@app.command("create", cls=VerbCommand)
def create_key(  # noqa: PLR0917 - a command's options
    context: typer.Context,
    dealer: Annotated[str, typer.Option(metavar="ID", help="whose it is; it opens what is this dealer's")],
    scope: Annotated[
        list[Scope] | None,
        typer.Option(metavar="SCOPE", help=f"{', '.join(Scope)}; may be repeated [default: all]"),
    ] = None,
    days: DaysOption = DAYS,
    signed: Annotated[bool, typer.Option("--signed", help="requests with it must be signed, too")] = False,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Makes a key and prints it. It is shown this once: only a hash of it is kept.

    With --signed a second secret is printed, with which each request is signed. That one is kept as it is, since a
    signature can be checked in no other way.
    """
    named_project(context, project)
    with deployed_to(load_settings()) as store:
        _show(create(store, dealer, scope or list(Scope), _now(), days=days, signed=signed), output)


@app.command("list", cls=VerbCommand)
def list_keys(
    context: typer.Context,
    dealer: Annotated[str, typer.Option(metavar="ID", help="only this dealer's")] = "",
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Lists keys, those that open nothing any more too, without their secrets."""
    named_project(context, project)
    with looked_into(load_settings()) as store:
        found = store.dealer_keys(dealer)
    now = _now()
    if output is Format.JSON:
        emit({"keys": [_told(one, now) for one in found]})
        return
    for one in found:
        if output is Format.JSONL:
            emit(_told(one, now))
        else:
            sys.stdout.write(printable(_line(one, now)) + "\n")
    if output is Format.TEXT:
        sys.stdout.flush()
        tell(f"{len(found)} key{'s' * (len(found) != 1)}")


@app.command("rotate", cls=VerbCommand)
def rotate_key(
    context: typer.Context,
    key: IdArgument,
    overlap: Annotated[
        float, typer.Option(metavar="N", min=0, max=400, help="for how many days the old one goes on")
    ] = OVERLAP_DAYS,
    days: DaysOption = DAYS,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Makes a key that opens the same, and lets the old one go on for a while: no request fails in between."""
    named_project(context, project)
    with looked_into(load_settings()) as store:
        _show(rotate(store, key, _now(), days=days, overlap_days=overlap), output)


@app.command("revoke", cls=VerbCommand)
def revoke_key(
    context: typer.Context,
    key: IdArgument,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Ends a key: within a minute it opens nothing any more."""
    named_project(context, project)
    with looked_into(load_settings()) as store:
        known(store, key)
        done = store.revoke_key(key, _now())
    if output is not Format.TEXT:
        emit({"id": key, "revoked": done})
        return
    typer.echo("revoked" if done else "was revoked before")


def _show(made: Made, output: Format) -> None:
    if output is not Format.TEXT:
        emit({"key": made.text, "signing_secret": made.signing or None, **_told(made.key, _now())})
        return
    tell(
        f"A key of {made.key.dealer}, until {made.key.expires:%Y-%m-%d}. Keep it now: it is not shown again."
    )
    sys.stdout.write(made.text + "\n")
    if made.signing:
        sys.stdout.flush()
        tell("Its requests are signed with:")
        sys.stdout.write(made.signing + "\n")


def _told(key: DealerKey, now: datetime) -> dict[str, Any]:
    return {
        "id": key.id,
        "dealer": key.dealer,
        "scopes": sorted(key.scopes),
        "signed": bool(key.signing),
        "state": _state(key, now),
        "created": key.created,
        "expires": key.expires,
        "revoked": key.revoked,
        "used": key.used,
    }


def _line(key: DealerKey, now: datetime) -> str:
    used = f"used {key.used:%Y-%m-%d %H:%M}Z" if key.used else "never used"
    signed = "  signed" if key.signing else ""
    scopes = "all" if key.scopes == set(Scope) else " ".join(sorted(key.scopes))
    until = f"{_state(key, now):<8} until {key.expires:%Y-%m-%d}"
    return f"{key.id}  {key.dealer:<8} {until}  {used:<22} {scopes}{signed}"


def _state(key: DealerKey, now: datetime) -> str:
    return "open" if key.is_open(now) else "revoked" if key.revoked else "expired"


def _now() -> datetime:
    """Keys live by the real clock, whatever time the events have."""
    return datetime.now(UTC)
