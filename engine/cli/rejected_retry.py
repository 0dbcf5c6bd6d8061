"""`milepost rejected retry`: what was refused is sent in again, mended or as it came."""

from collections.abc import Sequence
from typing import Annotated

import typer

from engine.cli.context import Format, FormatOption, ProjectOption, emit, project_of, tell, whoever_reads
from engine.cli.inputs import MOST_TOLD, Refused
from engine.client.events import MOST_EVENT_BYTES
from engine.intake.parse import joined
from engine.intake.sheets import kept_row
from engine.model.errors import MilepostError, UsageError
from engine.model.events import Event, to_cloud_event
from engine.ports import RejectionRow, RejectionStatus, Store
from engine.wiring.assembly import looked_into
from engine.wiring.deployed import Project, Projects
from engine.wiring.retrying import Again, Outcome, into_inbox, into_store, reread
from engine.wiring.settings import Settings, load_settings, require_shared


def retry(
    context: typer.Context,
    rejection: Annotated[
        str, typer.Argument(metavar="ID", help="its id, or how it begins; all, if left out")
    ] = "",
    mended: Annotated[
        typer.FileBinaryRead | None, typer.Option(metavar="FILE", help="the mended input; - for stdin")
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Sends refused inputs in again, mended or as they are.

    As they are: after the rules have changed, or a fault at which a decision failed is mended. What is accepted, or was
    there already, leaves the list; what is refused again stays in it as it came. With a broker they go into its inbox,
    and leave the list when a worker has taken them in.
    """
    if mended is not None and not rejection:
        raise UsageError(
            "--mended goes with the id of what it mends.", "milepost rejected list shows the ids."
        )
    settings = load_settings()
    require_shared(settings)
    with looked_into(settings, to_work=not settings.kafka_bootstrap) as store:
        projects = Projects(store, settings, project_of(context, project))
        rows = [one_of(store, rejection, RejectionStatus.OPEN)] if rejection else list(store.rejections())
        again, still = _checked(projects.present, rows, mended.read().strip() if mended else None, settings)
        if settings.kafka_bootstrap:
            outcome = into_inbox(settings, again)
        else:
            outcome = into_store(projects, store, settings, again)
    with whoever_reads():
        _tell(len(rows), outcome, still, output)
    if still or outcome.set_aside:
        raise typer.Exit(1)


def one_of(store: Store, beginning: str, *statuses: RejectionStatus) -> RejectionRow:
    """The refused input whose id begins so. Raises `MilepostError` where there is not just one."""
    rows = (one for status in statuses for one in store.rejections(status))
    found = [one for one in rows if one.id.startswith(beginning)]
    if len(found) != 1:
        what = f"{len(found)} {statuses[0]} rejections" if len(statuses) == 1 else f"{len(found)} rejections"
        raise MilepostError(
            f"{what} have an id that begins with {beginning!r}.", "milepost rejected list shows the ids."
        )
    return found[0]


def _checked(
    project: Project, rows: Sequence[RejectionRow], mended: bytes | None, settings: Settings
) -> tuple[list[Again], list[Refused]]:
    """Those that are right now, and why the others are still not."""
    again, still = [], []
    for row in rows:
        raw = row.raw if mended is None else mended
        parsed = reread(project, raw, row.file, row.line)
        if not isinstance(parsed, Event):
            still.append(Refused.of(joined(parsed)))
        elif settings.kafka_bootstrap and len(raw) > MOST_EVENT_BYTES:
            still.append(
                Refused(row.file, row.line, "", f"longer than a broker takes, {MOST_EVENT_BYTES} bytes")
            )
        else:
            sent = raw if kept_row(raw) is None else to_cloud_event(parsed)
            again.append(Again(row.id, parsed, sent))
    return again, still


def _tell(tried: int, outcome: Outcome, still: list[Refused], output: Format) -> None:
    if output is not Format.TEXT:
        counts = {"retried": tried, **outcome._asdict(), "rejected": len(still)}
        emit({**counts, "rejections": still})
        return
    parts = [f"{tried} tried"]
    if outcome.sent is None:
        parts += [f"{outcome.accepted} accepted", f"{outcome.duplicates} duplicate"]
        if outcome.set_aside:
            parts.append(f"{outcome.set_aside} set aside again")
    else:
        parts.append(f"{outcome.sent} sent to the inbox")
    typer.echo(", ".join([*parts, f"{len(still)} refused again"]))
    for one in still[:MOST_TOLD]:
        tell(f"  {one.file}:{one.line}: {one.reason}")
    if len(still) > MOST_TOLD:
        tell(f"  … and {len(still) - MOST_TOLD} more; see `milepost rejected list`")
    if outcome.sent:
        tell("  They leave the list when a worker has taken them in.")
