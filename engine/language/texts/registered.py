"""Whether the SMS of a project say under which codes their texts are registered, where some of them do."""

from engine.language.front_matter import PARAMS
from engine.language.journeys import Context
from engine.language.report import Span
from engine.language.template_files import TemplateFile

_CODE = "template_code"


def check_registered(context: Context) -> None:
    """Warns of each SMS without a code, where it has values for one, or others of the project have codes: then they go
    by a provider that sends nothing else. A project whose SMS have none goes by one that needs none."""
    texts = [file for file in context.templates.files if file.channel == "sms"]
    some_have = any(_code_of(file) for file in texts)
    for file in texts:
        if _code_of(file):
            continue
        if PARAMS in file.front_lines:
            _warn(file, context, "this SMS has values for a registered text, and no code of one")
        elif some_have:
            _warn(file, context, "this SMS has no code of a registered text, which others have")


def _code_of(file: TemplateFile) -> str:
    return file.front.get(_CODE, "")


def _warn(file: TemplateFile, context: Context, message: str) -> None:
    line = file.front_lines.get(PARAMS, 1)
    hint = (
        f"write `{_CODE}: SMS_…` at its head, between two lines of three dashes\n"
        "a provider that sends registered texts only does not send it until then"
    )
    context.report.warning("no-template-code", Span(file.path, line, 1, 2), message, hint)
