"""The reference of the command line, made from the verbs themselves."""

from collections.abc import Iterator
from typing import Any

from engine.cli.main import VERBS, verb

_OPENING = """\
# The command line

Made from the commands themselves; `milepost VERB --help` says the same. Data goes to stdout, everything else to
stderr. The exit code is 0 when it is done, 1 when the input has faults (of a file of which only some lines are
refused, the rest is taken and the code is 0), 2 for wrong usage, 3 when a service could not be reached.

A **project** is a folder with `journeys/` and `templates/`. `--project DIR` names it, before the verb or after it;
left out, it is the current folder. Each verb with output for people has `--format json` or `--format jsonl` for
programs; long work shows a progress bar on a terminal, and none in a pipe.
"""


def markdown() -> str:
    parts = [part for name in VERBS for part in _command(verb(name), f"milepost {name}")]
    return "\n".join([_OPENING, *parts])


def _command(command: Any, name: str) -> Iterator[str]:
    inner = getattr(command, "commands", None)
    if inner:
        for inner_name, one in inner.items():
            yield from _command(one, f"{name} {inner_name}")
        return
    shown = [one for one in command.params if one.name != "help" and not getattr(one, "hidden", False)]
    arguments = " ".join(_usage(one) for one in shown if not _is_option(one))
    options = "[OPTIONS] " if any(_is_option(one) for one in shown) else ""
    yield f"## `{name}`\n"
    yield f"```text\n{f'{name} {options}{arguments}'.strip()}\n```\n"
    yield f"{(command.help or '').strip()}\n"
    if shown:
        yield "| argument or option | meaning |\n|---|---|"
        yield "\n".join(_row(one) for one in shown) + "\n"


def _is_option(parameter: Any) -> bool:
    return str(parameter.param_type_name) == "option"


def _usage(parameter: Any) -> str:
    name = parameter.metavar or parameter.name.upper()
    return name if parameter.required or name.startswith("[") else f"[{name}]"


def _row(parameter: Any) -> str:
    text = (parameter.help or "").replace("|", "\\|")
    if not _is_option(parameter):
        return f"| `{_usage(parameter)}` | {text} |"
    names = ", ".join(f"`{one}`" for one in parameter.opts)
    metavar = f" `{parameter.metavar}`" if parameter.metavar else ""
    return f"| {names}{metavar} | {text} |"
