"""SQL by name: each `sql/*.sql` file of a store holds statements, each headed by a line `-- name: …`."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_HEAD = "-- name: "


@cache
def queries(package: str) -> Mapping[str, str]:
    """All named statements of the store that is `package`."""
    found: dict[str, str] = {}
    for file in sorted(files(package).joinpath("sql").iterdir(), key=lambda one: one.name):
        for name, statement in parse(file.read_text("utf-8")).items():
            if name in found:
                raise ValueError(f"two statements are named {name}")
            found[name] = statement
    return found


def parse(text: str) -> dict[str, str]:
    """The statements of one file by name; what comes before the first name is for the reader, and so are
    comments."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith(_HEAD):
            name = line.removeprefix(_HEAD).strip()
            if name in found:
                raise ValueError(f"two statements are named {name}")
            found[name] = []
        elif name and line.strip() and not line.startswith("--"):
            found[name].append(line)
    return {name: "\n".join(lines).rstrip(";") for name, lines in found.items()}
