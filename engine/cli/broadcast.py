"""`milepost broadcast`: sends a journey to its audience, once it was counted and looked at."""

import sys
import time
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.prompt import Confirm

from engine.cli.broadcast_screen import (
    audience_told,
    show_audience,
    show_copies,
    show_progress,
    watch_progress,
)
from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    on_terminal,
    project_of,
    stderr,
    tell,
    verb_app,
)
from engine.cli.planning import looking_at_customers
from engine.intake.clean import clean_email
from engine.intake.phone import mobile_cleaner
from engine.model.errors import UsageError
from engine.model.journeys import Journey
from engine.ports import Store
from engine.runtime.audience import Audience, count_audience
from engine.wiring import broadcasting
from engine.wiring.assembly import looked_into
from engine.wiring.clocks import RealClock
from engine.wiring.deployed import Project, in_force
from engine.wiring.settings import ClockKind, Settings, load_settings

LOOK_S = 1.0
"""How often `--watch` looks."""

app = verb_app()


STATUS = "status"
ACTIONS = (*broadcasting.Action, STATUS)


@app.command(cls=VerbCommand)
def broadcast(  # noqa: PLR0913, PLR0917 - one name each of the command
    context: typer.Context,
    journey: Annotated[str, typer.Argument(metavar="JOURNEY", help="a journey that is for an audience")],
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ACTION",
            help="pause, resume, stop or status of the one under way; after --test further addresses",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="counts and shows, sends nothing")] = False,
    test: Annotated[
        list[str] | None,
        typer.Option("--test", metavar="ADDRESS", help="sends test copies to these emails and mobiles only"),
    ] = None,
    only_to: Annotated[
        str,
        typer.Option(
            "--only-to-recipients-of",
            metavar="TEMPLATE",
            help="only to those of the audience who got that template, as a correction is",
        ),
    ] = "",
    sample: Annotated[
        int | None,
        typer.Option("--sample", metavar="N", min=1, help="counts among so many customers only, to be quick"),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="shows how far it has come, until it is done")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="without asking")] = False,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Counts a journey's audience, shows some of what would go, asks, and puts it on its way: `milepost run` carries it
    out, at the journey's pace. With an action: what becomes of the one under way.
    """
    settings = load_settings()
    if settings.clock is ClockKind.EVENTS:
        raise UsageError(
            "By the events' clock nothing is broadcast by hand: there is no present moment.",
            "Leave MILEPOST_CLOCK out; to see what a journey would send, use simulate.",
        )
    action, addresses = _meant(words or [], test or [])
    with looked_into(settings) as store:
        present = in_force(store, settings, project_of(context, project))
        if action is not None:
            _act(action, store, settings, present, journey, watch, output)
            return
        one = broadcasting.journey_to_send(present.program, journey)
        _send(store, settings, present, one, addresses, dry_run, only_to, sample, watch, yes, output)


def _meant(words: list[str], test: list[str]) -> tuple[str | None, list[str]]:
    """The action, or the addresses for test copies: `--test A B C` is as good as `--test A --test B --test C`."""
    if test:
        addresses = [address for one in (*test, *words) for address in one.split(",") if address]
        for one in addresses:
            _check_address(one)
        return None, addresses
    if not words:
        return None, []
    if len(words) == 1 and words[0] in ACTIONS:
        return words[0], []
    raise UsageError(
        f"{' '.join(words)!r} is nothing that can be done with a broadcast.",
        f"There are: {', '.join(ACTIONS)}.",
    )


def _check_address(address: str) -> None:
    """Raises `UsageError` where it is neither an email address nor a mobile with its country."""
    clean = clean_email(address) if "@" in address else mobile_cleaner(None)(address)
    if not clean:
        raise UsageError(
            f"--test {address!r} is no address.",
            "Give emails, or mobiles with their country: +8613800000001.",
        )


def _send(  # noqa: PLR0913, PLR0917 - what was asked for
    store: Store,
    settings: Settings,
    present: Project,
    journey: Journey,
    addresses: list[str],
    dry_run: bool,
    only_to: str,
    sample: int | None,
    watch: bool,
    yes: bool,
    output: Format,
) -> None:
    now = RealClock().now()
    audience = _counted(store, present, journey, now, only_to, sample, texts=bool(addresses))
    customers = store.count_customers()
    told = audience_told(journey, audience, only_to, customers)
    if only_to and not audience.members and only_to not in present.loaded.templates.names():
        raise UsageError(
            f"Nobody got a template {only_to!r}, and there is none of that name.",
            f"There are: {', '.join(sorted(present.loaded.templates.names()))}.",
        )
    if output is Format.TEXT:
        show_audience(journey, audience, only_to, customers)
    if addresses:
        copies = broadcasting.send_copies(present, settings, journey, audience, addresses)
        if output is Format.TEXT:
            show_copies(copies)
        else:
            emit({**told, "copies": copies})
        if any(one.problem for one in copies):
            raise typer.Exit(1)
        return
    if dry_run or not (yes or _agreed(journey)):
        if output is not Format.TEXT:
            emit({**told, "begun": False})
        elif not dry_run:
            tell("nothing was sent")
        raise typer.Exit(0 if dry_run else 1)
    zone = present.program.policy.zone
    fan_out = broadcasting.begin(store, settings, journey, now.astimezone(zone), only_to)
    if output is not Format.TEXT:
        emit({**told, "begun": True, "id": fan_out.id, "at": fan_out.at.isoformat()})
    else:
        sys.stdout.write(f"{journey.id} is on its way; milepost run carries it out\n")
        tell(f"milepost broadcast {journey.id} status shows how far it is; pause, resume and stop act on it")
    if watch:
        _watch(store, journey, present.program.policy.zone, output)


def _counted(
    store: Store,
    present: Project,
    journey: Journey,
    now: datetime,
    only_to: str,
    sample: int | None,
    *,
    texts: bool,
) -> Audience:
    with looking_at_customers("counting the audience", store, sample) as watch:
        return count_audience(
            present.program, store, journey, now, only_to=only_to, sample=sample, texts=texts, watch=watch
        )


def _agreed(journey: Journey) -> bool:
    if not (on_terminal() and sys.stdin.isatty()):
        raise UsageError("Nobody can be asked here whether to send.", "--yes sends without asking.")
    return Confirm.ask(f"send {journey.id}?", console=stderr, default=False)


def _act(  # noqa: PLR0917 - what was asked for
    action: str,
    store: Store,
    settings: Settings,
    present: Project,
    journey_id: str,
    watch: bool,
    output: Format,
) -> None:
    journey = broadcasting.known_journey(present.program, journey_id)
    if action != STATUS:
        said = broadcasting.act(store, settings, journey, broadcasting.Action(action), datetime.now(UTC))
        tell(f"{journey.id}: {said}")
    _say(store, journey, present.program.policy.zone, output)
    if watch:
        _watch(store, journey, present.program.policy.zone, output)


def _say(store: Store, journey: Journey, zone: ZoneInfo, output: Format) -> None:
    found = broadcasting.progress_of(store, journey)
    if output is not Format.TEXT:
        emit(broadcasting.told(journey, found, zone))
    else:
        show_progress(journey, found, zone)


def _watch(store: Store, journey: Journey, zone: ZoneInfo, output: Format) -> None:
    """Until nothing of it waits."""
    with watch_progress(hidden=output is not Format.TEXT) as seen:
        while (found := broadcasting.progress_of(store, journey)) is not None:
            seen(found)
            if found.settled:
                break
            time.sleep(LOOK_S)
    _say(store, journey, zone, output)
