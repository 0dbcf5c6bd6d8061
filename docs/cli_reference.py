"""The reference of the command line, made from the verbs themselves."""

from collections.abc import Iterator

import click
import typer

from engine.cli.main import app

_OPENING = """\
# The command line

Made from the commands themselves; `milepost VERB --help` says the same. Data goes to stdout, everything else to
stderr. The exit code is 0 when it is done, 1 when the input has faults (of a file of which only some lines are
refused, the rest is taken and the code is 0), 2 for wrong usage, 3 when a service could not be reached.

A **project** is a folder with `journeys/` and `templates/`. `--project DIR` names it, before the verb or after it;
left out, it is the current folder.
"""


def markdown() -> str:
    group = typer.main.get_command(app)
    assert isinstance(group, click.Group)
    return "\n".join([_OPENING, *_verbs(group, "milepost")])


def _verbs(group: click.Group, prefix: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _verbs(command, f"{prefix} {name}")
        else:
            yield from _verb(command, f"{prefix} {name}")


def _verb(command: click.Command, name: str) -> Iterator[str]:
    with click.Context(command, info_name=name) as context:
        usage = " ".join(command.collect_usage_pieces(context))
    yield f"## `{name}`\n"
    yield f"```\n{name} {usage}\n```\n"
    yield f"{(command.help or '').strip()}\n"
    rows = [row for one in command.params if (row := _parameter(one)) is not None]
    if rows:
        yield "| argument or option | meaning |\n|---|---|"
        yield "\n".join(rows) + "\n"


def _parameter(parameter: click.Parameter) -> str | None:
    text = (getattr(parameter, "help", "") or "").replace("|", "\\|")
    if isinstance(parameter, click.Option):
        if parameter.hidden or parameter.name == "help":
            return None
        names = ", ".join(f"`{one}`" for one in (*parameter.opts, *parameter.secondary_opts))
        return f"| {names} | {text} |"
    return f"| `{parameter.make_metavar(click.Context(click.Command('x')))}` | {text} |"
