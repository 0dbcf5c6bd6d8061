"""Whether the project can be used."""

from collections.abc import Sequence
from pathlib import Path

from engine.language import Loaded
from engine.wiring.checkup.findings import Finding, ok, warning
from engine.wiring.projects import drafts_of, runnable


def project(loaded: Loaded, folder: Path) -> Sequence[Finding]:
    program = runnable(loaded, folder, drafts=False)
    journeys, drafts, brands = len(program.journeys), len(drafts_of(program)), len(loaded.templates.brands)
    said = f"{folder.absolute()}: {_many(journeys, 'journey')}"
    if drafts:
        said += f" ({_many(drafts, 'draft')} that will not run)"
    said += f", {_many(len(loaded.templates.names()), 'template')}, {_many(brands, 'brand')}"
    if not loaded.diagnostics:
        return [ok(said)]
    where = "" if folder == Path() else f" --project {folder}"
    return [
        ok(said),
        warning(f"{_many(len(loaded.diagnostics), 'warning')}.", f"milepost validate{where} tells them."),
    ]


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
