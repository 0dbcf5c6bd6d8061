"""The reference of the diagnostics: an index, and a page for each code."""

from collections.abc import Callable, Iterator

from engine.language.reference.markdown import GENERATED, rows
from engine.language.registry import GROUPS, REGISTRY, Code, Example

FOLDER = "diagnostics"


def diagnostics_index() -> str:
    """`docs/reference/diagnostics.md`."""
    parts = [
        GENERATED,
        "# Diagnostics",
        "What `milepost validate` says, code by code. Each has a page with an example that is wrong, what is said "
        "of it, and one that is right; `milepost explain CODE` shows the same. In the examples of journeys the keys "
        "that do not matter are left out.",
    ]
    for title, group in GROUPS:
        linked = ((f"[`{one.name}`]({FOLDER}/{one.name}.md)", one.title) for one in group)
        parts += [f"## {title}", rows(("code", "what"), linked)]
    return "\n\n".join(parts) + "\n"


def diagnostics_pages(told_of: Callable[[Example], str]) -> Iterator[tuple[str, str]]:
    """The pages of `docs/reference/diagnostics/`, by file name. `told_of` gives what is said of an example."""
    for code in REGISTRY.values():
        yield f"{code.name}.md", _page(code, told_of(code.wrong))


def _page(code: Code, told: str) -> str:
    parts = (
        GENERATED,
        f"# `{code.name}`",
        f"**{code.title[:1].upper()}{code.title[1:]}.** {code.explanation}",
        "## Wrong",
        _example(code.wrong),
        "`milepost validate` says:",
        f"```text\n{told}\n```",
        "## Right",
        _example(code.right),
        f"`milepost explain {code.name}` shows this page in a terminal. [All diagnostics](../{FOLDER}.md)",
    )
    return "\n\n".join(parts) + "\n"


def _example(example: Example) -> str:
    if example.text is None:
        return f"There is no file `{example.file}`."
    language = "yaml" if example.file.endswith(("yaml", "yml")) else "jinja"
    saved = f", saved as {example.encoding.upper()}" if example.encoding != "utf-8" else ""
    return f"`{example.file}`{saved}:\n\n```{language}\n{example.text.rstrip()}\n```"
