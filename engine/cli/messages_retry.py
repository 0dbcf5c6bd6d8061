"""`milepost messages retry`: what failed is queued again, once its cause is mended."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from engine.cli.context import Format, FormatOption, ProjectOption, emit, named_project
from engine.model.errors import MilepostError
from engine.model.messages import Status
from engine.ports import MessageFilter, Store
from engine.wiring.assembly import clock_of, looked_into
from engine.wiring.settings import load_settings


class Retriable(StrEnum):
    FAILED = "failed"
    UNKNOWN = "unknown"


def retry(  # noqa: PLR0917 - one name each of the command
    context: typer.Context,
    messages: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="their ids, or how they begin; all, if left out"),
    ] = None,
    status: Annotated[
        list[Retriable] | None,
        typer.Option(
            metavar="STATUS",
            help="failed, if left out, or unknown (which may have arrived: look first); may be repeated",
        ),
    ] = None,
    journey: Annotated[str, typer.Option(metavar="ID", help="only this journey's")] = "",
    channel: Annotated[str, typer.Option(metavar="NAME", help="only this channel's")] = "",
    brand: Annotated[str, typer.Option(metavar="NAME", help="only this brand's")] = "",
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Queues failed messages again; `run` then sends them, each under the id that it has.

    They are tried as if for the first time, and the consent is asked again; texts and senders are those of now, the
    address is the one that each was decided with. What is too late to send stays as it is. No project is needed for
    it, and `run` may be at work.
    """
    named_project(context, project)
    settings = load_settings()
    clock = clock_of(settings)
    which = MessageFilter(
        statuses=frozenset(Status(one) for one in status or [Retriable.FAILED]),
        journey=journey,
        channel=channel,
        brand=brand,
    )
    with looked_into(settings) as store:
        if messages:
            which = msgspec.structs.replace(which, ids=_whole(store, messages, which))
        done = store.requeue(which, clock.now() if clock else None)
    if output is not Format.TEXT:
        emit(done)
        return
    typer.echo(f"{done.queued} queued again, {done.too_late} too late")


def _whole(store: Store, beginnings: Sequence[str], which: MessageFilter) -> frozenset[str]:
    """The ids that begin so, of the messages that are meant; one for each beginning."""
    known = [row.message.id for row in store.messages(which)]
    return frozenset(_one(known, one, which) for one in beginnings)


def _one(known: Sequence[str], beginning: str, which: MessageFilter) -> str:
    found = [one for one in known if one.startswith(beginning)]
    if len(found) != 1:
        statuses = sorted(which.statuses)
        raise MilepostError(
            f"{len(found)} {' or '.join(statuses)} messages that are asked for have an id that begins with "
            f"{beginning!r}.",
            f"milepost messages{''.join(f' --status {one}' for one in statuses)} shows the ids.",
        )
    return found[0]
