"""`milepost ingest --as …`: files in which a provider tells what became of messages."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from engine.cli.context import Format, emit, tell, whoever_reads
from engine.cli.inputs import MOST_TOLD, Refused
from engine.wiring.receipts import Taken, take
from engine.wiring.settings import load_settings, require_shared


def ingest_receipts(files: Sequence[str], kind: str, folder: Path, output: Format) -> int:
    """Reads the files, one after the other. Returns the exit code: 1 where nothing of them was taken."""
    settings = load_settings()
    require_shared(settings)
    taken = [take(Path(path), kind, settings, folder) for path in files]
    refused = [Refused.of(one) for each in taken for one in each.rejections]
    read = sum(one.read for one in taken)
    with whoever_reads():
        if output is not Format.TEXT:
            emit({
                "read": read,
                "accepted": sum(one.accepted for one in taken),
                "duplicates": sum(one.duplicates for one in taken),
                "rejected": len(refused),
                "rejections": refused,
            })  # fmt: skip
        else:
            for path, each in zip(files, taken, strict=True):
                typer.echo(f"{Path(path).name}: {each}")
            for one in refused[:MOST_TOLD]:
                tell(f"  {one.file}:{one.line}: {one.reason}")
        for line in _left(taken, "mail" if kind == "bounces" else "line"):
            tell(f"  {line}")
    return 1 if read and len(refused) == read else 0


def _left(taken: Sequence[Taken], what: str) -> Iterator[str]:
    """What was read and made nothing."""
    refused, passed_by = sum(len(one.rejections) for one in taken), sum(one.passed_by for one in taken)
    kept = any(one.rejections and not one.sent for one in taken)
    if refused:
        yield f"{_counted(refused, what)} refused" + ("; kept: see `milepost rejected list`" if kept else "")
    if passed_by:
        yield f"{_counted(passed_by, what)} passed by: nothing there settles a message of ours"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
