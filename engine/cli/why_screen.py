"""How an account looks on a terminal: the answer first, then chapter by chapter, in order of time. Lines are broken to
its width."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.markup import escape
from rich.text import Text

from engine.cli.context import printable, stdout
from engine.why import Account, Chapter, Entry

_MARKED = frozenset({"message", "expected", "stands"})
_INDENT = 20
_NARROWEST = 24


def show(account: Account) -> None:
    name = " ".join(one for one in (account.name, account.customer) if one) or "(owner unknown)"
    stdout.print(f"[bold]{_safe(account.title)}[/] ({account.journey})")
    stdout.print(f"{_safe(name)}, as of {_minute(account.at)}")
    stdout.print()
    _line("", account.summary)
    for note in account.notes:
        _line("", note)
    if account.left_out:
        were = "were" if account.left_out > 1 else "was"
        stdout.print()
        stdout.print(f"[dim]{account.left_out} earlier {were} left out; --all shows everything.[/]")
    for chapter in account.chapters:
        _chapter(chapter)
    if account.next:
        stdout.print()
        stdout.print("[bold]What comes next, as things stand[/]")
        _entries(account.next)


def _chapter(chapter: Chapter) -> None:
    stdout.print()
    if chapter.kind == "no run":
        _entries(chapter.entries)
        return
    state = f", {chapter.state}" if chapter.state else ""
    stdout.print(f"[bold]{_safe(chapter.title)}[/]{state}")
    _entries(chapter.entries)


def _entries(entries: Sequence[Entry]) -> None:
    for entry in entries:
        style = "bold" if entry.kind in _MARKED else ""
        _line(f"  {_minute(entry.at)}  ", entry.text, style)
        for detail in entry.details:
            _line(" " * _INDENT + "· ", detail)


def _line(head: str, text: str, style: str = "") -> None:
    """`head`, and the text beside it on as many lines as it takes."""
    width = max(stdout.width - cell_len(head), _NARROWEST)
    for number, line in enumerate(Text(printable(text), style=style).wrap(stdout, width)):
        line.rstrip()
        stdout.print(Text(head if not number else " " * cell_len(head)) + line, soft_wrap=True)


def _minute(at: str) -> str:
    return f"{at[:10]} {at[11:16]}"


def _safe(text: str) -> str:
    return escape(printable(text))
