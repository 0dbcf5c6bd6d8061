"""The names that a project has, for editors to offer, and its event types."""

from collections.abc import Mapping
from pathlib import Path

from engine.language.own_events import read_own_events
from engine.language.project import EVENTS, JOURNEYS
from engine.language.report import Report
from engine.language.schema import Known
from engine.language.source import read_yaml_file
from engine.model.event_types import EVENT_TYPES, EventType
from engine.wiring.projects import is_project, load


def event_types_of(project: Path) -> Mapping[str, EventType]:
    """All event types, those of the project's own among them, as far as they can be read."""
    path = project / JOURNEYS / EVENTS
    node = read_yaml_file(path, f"{JOURNEYS}/{EVENTS}", Report()) if path.is_file() else None
    return EVENT_TYPES if node is None else {**EVENT_TYPES, **read_own_events(node, Report())}


def known_in(project: Path) -> Known:
    """What the project in the folder has, right or wrong; where there is none, what there is everywhere."""
    if not is_project(project):
        return Known()
    loaded = load(project)
    return Known(
        events=tuple(event_types_of(project)),
        templates=tuple(loaded.templates.names()),
        purposes=tuple(loaded.policy.purposes),
        brands=tuple(loaded.templates.brands),
    )
