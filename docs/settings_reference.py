"""The reference of the settings, made from their definitions."""

from enum import Enum

from engine.wiring.settings import Settings, variable

_OPENING = """\
# Settings

By environment variable; each has a default that works on one machine. A secret may also be given as a file, by the
variable's name with `_FILE` behind it.

| variable | default | meaning |
|---|---|---|"""


def markdown() -> str:
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default.value if isinstance(field.default, Enum) else field.default
        default = "" if default is None else default
        rows.append(f"| `{variable(name)}` | `{default}` | {field.description} |")
    return "\n".join([_OPENING, *rows])
