"""The reference of the command line, made from the verbs themselves."""

from collections.abc import Iterator
from typing import Any

from engine.cli.commands import is_option, usage_of
from engine.cli.main import VERBS, verb

_OPENING = """\
# The command line

Made from the commands themselves; `milepost VERB --help` says the same. Data goes to stdout, everything else to
stderr. Exit codes:

- **0**: it is done; also when whoever read has enough, as in `milepost messages | head`.
- **1**: the input has faults. `validate` found errors; a journey test failed; `simulate`, `ingest`, `run` or `demo`
  were given journeys with errors, or a folder without any; every line of a file was refused (where only some are,
  the rest is taken and the code is 0); nobody is known by what was looked up; `doctor` found something to be
  mended.
- **2**: wrong usage. A verb, option, file or folder that there is not, a setting that cannot work.
- **3**: a service could not be reached. The database cannot be used, or is not there to be looked into; a channel
  cannot be used; the output cannot be written.
- **130**: stopped by Ctrl-C. (`run` finishes what it is doing, and ends with 0.)

A **project** is a folder with `journeys/` and `templates/`. `--project DIR` names it, before the verb or after it;
left out, it is the current folder. The **database** is that of `MILEPOST_DATABASE_URL`; left out, `milepost.db` in
the current folder. `ingest` and `run` make it. `lookup`, `why`, `messages` and `rejected` only look into one, and stop
where there is none. For looking no project is needed, but for `why`: where its journeys have errors, or there are none,
they show what the database holds, and say on stderr what is left out for it.

Each verb has `--format json` or `--format jsonl` for programs, with [these fields](output.md). Long work shows a
progress bar on a terminal, and none in a pipe.
"""


def markdown() -> str:
    parts = [part for name in VERBS for part in _command(verb(name), f"milepost {name}")]
    return "\n".join([_OPENING, *parts])


def _command(command: Any, name: str) -> Iterator[str]:
    inner = getattr(command, "commands", {})
    if not inner or command.invoke_without_command:
        yield from _described(command, name)
    for inner_name, one in inner.items():
        yield from _command(one, f"{name} {inner_name}")


def _described(command: Any, name: str) -> Iterator[str]:
    shown = [one for one in command.params if one.name != "help" and not getattr(one, "hidden", False)]
    arguments = " ".join(usage_of(one) for one in shown if not is_option(one))
    options = "[OPTIONS] " if any(is_option(one) for one in shown) else ""
    yield f"## `{name}`\n"
    yield f"```text\n{f'{name} {options}{arguments}'.strip()}\n```\n"
    yield f"{(command.help or '').strip()}\n"
    if shown:
        yield "| argument or option | meaning |\n|---|---|"
        yield "\n".join(_row(one) for one in shown) + "\n"


def _row(parameter: Any) -> str:
    text = (parameter.help or "").replace("|", "\\|")
    if not is_option(parameter):
        return f"| `{usage_of(parameter)}` | {text} |"
    names = ", ".join(f"`{one}`" for one in parameter.opts)
    metavar = f" `{parameter.metavar}`" if parameter.metavar else ""
    return f"| {names}{metavar} | {text} |"
