"""What the verbs share that only look at the store: they work as long as there is a database, whatever the
journeys are like."""

from pathlib import Path

import typer

from engine.cli.context import project_of, tell
from engine.intake.clean import clean_contact
from engine.model.customer import Customer
from engine.model.errors import MilepostError
from engine.model.program import Program
from engine.ports import Store
from engine.wiring.deployed import folder_in_force
from engine.wiring.projects import for_looking, is_project, load_to_look
from engine.wiring.settings import Settings


def program_for_looking(
    context: typer.Context, given: Path | None, lost: str, store: Store, settings: Settings
) -> tuple[Program, bool]:
    """What there is of the project in force, and whether that is all of it. If not, stderr is told why, and what is
    `lost` for it."""
    folder, _deployment = folder_in_force(store, settings, project_of(context, given))
    loaded = load_to_look(folder)
    program = for_looking(loaded)
    whole = loaded.program is not None
    if not whole:
        if is_project(folder):
            why = "the journeys have errors (run `milepost validate`)"
        else:
            why = f"{folder.absolute()} is no project (--project names one)"
        tell(f"note: {why}: {lost}; times are those of {program.policy.zone.key}")
    return program, whole


def known_by(store: Store, program: Program, who: str) -> list[Customer]:
    """Those whom a plate, VIN, mobile, email or member number leads to, however it is written, or the customer of that
    id; at least one. Raises `MilepostError` where it leads to nobody."""
    country = program.policy.country
    found = store.find(clean_contact(who, country)) or list(store.customers([who]).values())
    while any(one.into for one in found):
        found = list(store.customers(sorted({one.into or one.id for one in found})).values())
    if not found:
        hint = "Give a plate, a VIN, a mobile, an email, or a member number."
        if country is None:
            hint += " Without a policy that says where, a mobile needs its country, as in +86 138 0000 0001."
        raise MilepostError(f"Nobody is known by {who!r}.", hint)
    return found
