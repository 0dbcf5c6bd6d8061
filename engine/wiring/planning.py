"""What a candidate would change, from the store and the projects' files."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from engine.model.outlines import Outline
from engine.model.program import Program
from engine.plan import NOTHING, Change, Files, Plan, Watch, changes_between, plan
from engine.ports import Store
from engine.runtime.fan_outs import outline_in
from engine.runtime.stages.events import STAGE as EVENTS
from engine.wiring.assembly import advance_for
from engine.wiring.deployed import Candidate
from engine.wiring.deployed.projects import of_deployment
from engine.wiring.settings import Settings


class Planned(NamedTuple):
    changes: list[Change]
    plan: Plan


def planned(
    store: Store,
    settings: Settings,
    one: Candidate,
    *,
    days: int,
    sample: int | None = None,
    watch: Watch = lambda _looked_at: None,
) -> Planned:
    """What putting `one` in force would change, and of the messages of the coming `days`."""
    after = Files(_files(store, one.manifest, one.contents), one.project.program.journeys)
    version, outline = _adopted(store)
    before, former = NOTHING, _unless_deployed(one.project.program, version)
    if one.present is not None:
        present = of_deployment(store, settings, one.present)
        former = present.program
        before = Files(_files(store, one.present.manifest, {}), former.journeys)
    now = advance_for(one.project.program, store, settings).now() or _latest(store) or datetime.now(UTC)
    until = now + timedelta(days=days)
    reckoned = plan(store, former, one.project.program, outline, now, until, sample=sample, watch=watch)
    return Planned(changes_between(before, after), reckoned)


def _latest(store: Store) -> datetime | None:
    """By the events' clock, where several share the work: up to which event they have come."""
    progress = getattr(store, "progress", None)
    arrived = [] if progress is None else [one.arrived for one in progress(EVENTS).values() if one.arrived]
    return max(arrived, default=None)


def _unless_deployed(program: Program, version: str | None) -> Program | None:
    """Until something is deployed, the folder's project is in force; where customers were brought under another one
    last, nobody knows that any more."""
    return program if version in (None, program.version) else None


def _adopted(store: Store) -> tuple[str | None, Outline]:
    with store.unit() as unit:
        return outline_in(unit)


def _files(store: Store, manifest: Mapping[str, str], known: Mapping[str, bytes]) -> dict[str, bytes]:
    contents = {**store.contents({*manifest.values()} - known.keys()), **known}
    return {path: contents[hash_] for path, hash_ in manifest.items()}
