"""`milepost ingest --as registration|prospects`: files of rows that dealers type."""

import re
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

from engine.cli.context import Format, emit, progress, tell, whoever_reads
from engine.cli.inputs import MOST_TOLD
from engine.intake.files import STDIN
from engine.intake.sheets import read_mapping
from engine.model.errors import UsageError
from engine.wiring.settings import load_settings, require_shared
from engine.wiring.sheets import RefusedRow, SheetsTaken, take_sheets

_DEALER = re.compile(r"[\w.-]{1,64}")
_MOST_VALUE = 40


def ingest_sheets(
    files: Sequence[str],
    kind: str,
    folder: Path,
    output: Format,
    *,
    dealer: str | None,
    mapping: Path | None,
    annotate: Path | None,
) -> int:
    """Reads the files, one after the other. Returns the exit code: 1 where a row was refused."""
    _check(files, kind, dealer, annotate)
    settings = load_settings()
    require_shared(settings)
    mapped = read_mapping(mapping, kind) if mapping is not None else {}
    told: list[RefusedRow] = []

    def refused(one: RefusedRow) -> None:
        if output is not Format.TEXT or len(told) < MOST_TOLD:
            told.append(one)

    bar = progress(TextColumn("reading"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with bar:
        task = bar.add_task("reading", total=None)
        taken = take_sheets(
            [Path(one) for one in files],
            kind,
            dealer or "",
            settings,
            folder,
            mapping=mapped,
            refused=refused,
            annotate=annotate,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    with whoever_reads():
        _tell(taken, told, output, annotate)
    return 1 if taken.rejected else 0


def _check(files: Sequence[str], kind: str, dealer: str | None, annotate: Path | None) -> None:
    if dealer is None and kind == "registration":
        raise UsageError("Whose cards are these?", "Name the dealer: --dealer d001.")
    if dealer is not None and not _DEALER.fullmatch(dealer):
        raise UsageError(
            f"--dealer {dealer}: is no dealer's id", "An id is like d001: letters, digits, - . _"
        )
    if STDIN in files:
        raise UsageError("Rows are read from a file, not from standard input.", "Name a .csv or .xlsx file.")
    if annotate is None:
        return
    if len(files) > 1:
        raise UsageError("--annotate marks one file.", "Read the files one by one.")
    if annotate.suffix.lower() != ".xlsx":
        raise UsageError(f"--annotate {annotate}: is to be the name of an .xlsx file")
    if annotate.resolve() == Path(files[0]).resolve():
        raise UsageError("--annotate would overwrite the file that is read.", "Give it another name.")


def _tell(taken: SheetsTaken, told: list[RefusedRow], output: Format, annotate: Path | None) -> None:
    if output is not Format.TEXT:
        emit(
            {
                "read": taken.read,
                "accepted": taken.accepted,
                "duplicates": taken.duplicates,
                "rejected": taken.rejected,
                "rejections": told,
                "notes": taken.notes,
            }
        )
        return
    verb = "sent" if taken.sent else f"accepted, {taken.duplicates} duplicate"
    typer.echo(f"{taken.read} read, {taken.accepted} {verb}, {taken.rejected} rejected")
    for one in told:
        value = one.value if len(one.value) <= _MOST_VALUE else f"{one.value[:_MOST_VALUE]}…"
        tell(f"  {one.file}:{one.line}: {one.reason}" + (f" [{value}]" if value else ""))
    if taken.rejected:
        more = taken.rejected - len(told)
        tell((f"  … and {more} more; " if more else "  ") + "kept; see `milepost rejected list`")
        if annotate is not None:
            tell(f"  {annotate} is a copy with the faulty cells marked; mended, it is ingested the same way")
        else:
            tell("  --annotate COPY.xlsx writes a copy with the faulty cells marked, for mending")
    for note, n in sorted(taken.notes.items()):
        tell(f"  {n:>7} noted: {note}")
