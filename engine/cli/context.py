"""What all verbs share: the project folder, the way faults end a command, the way output is written."""

import gc
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress, ProgressColumn

from engine.model.errors import UsageError


class Screen(Console):
    """Where text for people goes."""

    def on_broken_pipe(self) -> NoReturn:
        """As any other writing to a pipe that nobody reads."""
        raise BrokenPipeError


_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

stderr = Screen(stderr=True, highlight=False)
stdout = Screen(highlight=False)

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


FormatOption = Annotated[
    Format,
    typer.Option("--format", metavar="FORMAT", help="text for people; json or jsonl for programs"),
]


def project_of(context: typer.Context, given: Path | None) -> Path:
    """The project folder: named after the verb, before it, or the current one."""
    return named_project(context, given) or Path()


def named_project(context: typer.Context, given: Path | None) -> Path | None:
    """The project folder that `--project` names, if it does."""
    project: Path | None = given or (context.obj or {}).get("project")
    if project is not None and not project.is_dir():
        raise UsageError(f"There is no folder {project}.", "--project names a folder with journeys/ in it.")
    return project


# Output


def to_json(value: Any) -> str:
    return msgspec.json.encode(value, enc_hook=_plain).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"no JSON for {type(value).__name__}")


def emit(value: Any) -> None:
    """One line of data."""
    sys.stdout.write(to_json(value) + "\n")


def tell(text: str, style: str | None = None) -> None:
    """A word to whoever looks on, on stderr; its lines stay whole, so that programs can search them."""
    stderr.print(printable(text), style=style, markup=False, soft_wrap=True)


def printable(text: str) -> str:
    """What a terminal can be given: no control characters, whatever events have brought."""
    return _UNPRINTABLE.sub("\ufffd", text)


@contextmanager
def whoever_reads() -> Iterator[None]:
    """Where the exit code must tell the truth though nobody reads to the end (`milepost validate | head`)."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        close_output()


def close_output() -> None:
    """Lets the rest of the output go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def on_terminal() -> bool:
    return sys.stderr.isatty()


def progress(*columns: ProgressColumn, hidden: bool = False) -> Progress:
    """A bar on a terminal, nothing in a pipe. It stays on stderr and leaves stdout alone, which may lead to a
    file: Rich would lead it to the bar."""
    return Progress(
        *columns,
        console=stderr,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        disable=hidden or not on_terminal(),
    )


# Time


def moment_of(text: str, zone: ZoneInfo, option: str, *, end: bool = True) -> datetime:
    """A moment as people write it: RFC 3339, or without a zone in the project's, or a date (its end, else its
    beginning)."""
    try:
        return datetime.combine(date.fromisoformat(text), time.max if end else time.min, tzinfo=zone)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option} {text!r} is no time.", "Write it as 2025-12-31 or 2025-12-31T10:00:00+08:00."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """A moment as outputs have it: RFC 3339 on the policy's clock."""
    return moment.astimezone(zone).isoformat() if moment else None


def spare_collector() -> None:
    """Before long work: what was imported is left alone by the garbage collector, and it looks less often. Nearly
    all that the work makes lives on or goes by itself."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
