"""How commands look: usage lines as people write them, and help that waits for no import."""

from typing import Any

from typer.core import TyperCommand


class VerbCommand(TyperCommand):
    """`simulate [OPTIONS] EVENTS...`: an argument in its own name, in brackets where it may be left out, with
    dots where there may be several. What type it has for Python is nobody's concern."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        del ctx
        return [self.options_metavar or "", *(usage_of(one) for one in self.params if not is_option(one))]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        shown: list[Any] = [one for one in self.get_params(ctx) if not getattr(one, "hidden", False)]
        arguments = [(usage_of(one), str(one.help or "")) for one in shown if not is_option(one)]
        if arguments:
            with formatter.section("Arguments"):
                formatter.write_dl(arguments)
        with formatter.section("Options"):
            formatter.write_dl([one.get_help_record(ctx) for one in shown if is_option(one)])


def is_option(parameter: Any) -> bool:
    return str(parameter.param_type_name) == "option"


def usage_of(argument: Any) -> str:
    """An argument as usage lines have it: `CODE`, `[ID]`, `EVENTS...`, `[PATH...]`."""
    name = (argument.metavar or argument.name.upper()) + ("..." if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"
