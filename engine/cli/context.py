"""What all verbs share: the project folder, the way faults end a command, the way output is written."""

import gc
import sys
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console

from engine.model.errors import UsageError

stderr = Console(stderr=True, highlight=False)
stdout = Console(highlight=False, soft_wrap=True)

ProjectOption = Annotated[
    Path | None,
    typer.Option("--project", metavar="DIR", help="Folder with journeys/ and templates/ [default: .]"),
]


def verb_app(**options: Any) -> typer.Typer:
    """What a verb's module calls `app`."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, **options)


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


FormatOption = Annotated[Format, typer.Option("--format", help="text for people, json or jsonl for programs")]


def project_of(context: typer.Context, given: Path | None) -> Path:
    """The project folder: named after the verb, before it, or the current one."""
    project = given or (context.obj or {}).get("project") or Path()
    if not project.is_dir():
        raise UsageError(f"There is no folder {project}.", "--project names a folder with journeys/ in it.")
    return Path(project)


def to_json(value: Any) -> str:
    return msgspec.json.encode(value, enc_hook=_plain).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"no JSON for {type(value).__name__}")


def emit(value: Any) -> None:
    """One line of data."""
    sys.stdout.write(to_json(value) + "\n")


def moment_of(text: str, zone: ZoneInfo, option: str) -> datetime:
    """A moment as people write it: RFC 3339, or without a zone in the project's, or a date (its end)."""
    try:
        if len(text) == len("2025-01-01"):
            return datetime.combine(date.fromisoformat(text), time.max, tzinfo=zone)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option} {text!r} is no time.", "Write it as 2025-12-31 or 2025-12-31T10:00:00+08:00."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def spare_collector() -> None:
    """Before long work: what was imported is left alone by the garbage collector, and it looks less often. Nearly
    all that the work makes lives on or goes by itself."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def on_terminal() -> bool:
    return sys.stderr.isatty()
