"""`milepost ingest --as …`: files in which a provider tells what became of messages."""

from collections.abc import Sequence
from pathlib import Path

import typer

from engine.cli.context import Format, emit, tell, whoever_reads
from engine.cli.inputs import MOST_TOLD, Refused
from engine.wiring.receipts import take
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
    return 1 if read and len(refused) == read else 0
