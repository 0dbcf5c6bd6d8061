"""What differs between two projects: journeys with their keys and steps; policy, events and dealers; templates."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from engine.language.report import Report
from engine.language.source import plain, read_yaml
from engine.model.journeys import Journey
from engine.plan.steps import steps_of

JOURNEYS, TEMPLATES = "journeys/", "templates/"
_SHARED = {"policy": "policy", "events": "event", "dealers": "dealer"}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """`sign` is `+` (added), `~` (changed) or `-` (removed); `what` is `journey`, `key` or `step` (of a `journey`),
    `policy`, `event`, `dealer` or `template`. `before` and `after` are as they are written, where that is a value."""

    sign: str
    what: str
    name: str
    journey: str | None = None
    before: Any = None
    after: Any = None


class Files(msgspec.Struct, frozen=True):
    """A project's files by path, and its journeys."""

    files: Mapping[str, bytes]
    journeys: Mapping[str, Journey]

    def document(self, file: str) -> dict[str, Any]:
        """What the YAML file says; nothing where there is none."""
        content = self.files.get(file)
        node = None if content is None else read_yaml(content.decode(), file, Report())
        found = {} if node is None else plain(node)
        return found if isinstance(found, dict) else {}


NOTHING = Files({}, {})
"""The project before there was one."""


def changes_between(before: Files, after: Files) -> list[Change]:
    """In order: journeys with what changed in each, then what all share, then templates."""
    return [*_journeys(before, after), *_shared(before, after), *_templates(before, after)]


def _journeys(before: Files, after: Files) -> Iterator[Change]:
    for id_, sign in _signs(before.journeys, after.journeys):
        file = f"{JOURNEYS}{id_}.yaml"
        if sign != "~":
            yield Change(sign=sign, what="journey", name=id_)
        elif before.files.get(file) != after.files.get(file):
            inside = [*_keys(before, after, id_, file), *_steps(before, after, id_, file)]
            if inside:
                yield Change(sign="~", what="journey", name=id_)
                yield from inside


def _keys(before: Files, after: Files, journey: str, file: str) -> Iterator[Change]:
    old, new = ({**one.document(file), "steps": None} for one in (before, after))
    yield from _values("key", old, new, journey)


def _steps(before: Files, after: Files, journey: str, file: str) -> Iterator[Change]:
    old, new = (steps_of(one.journeys[journey], one.document(file)) for one in (before, after))
    yield from _values("step", old, new, journey)
    left = [[name for name in one if name in old and name in new] for one in (old, new)]
    if left[0] != left[1]:
        yield Change(
            sign="~", what="key", name="order of steps", journey=journey, before=left[0], after=left[1]
        )


def _shared(before: Files, after: Files) -> Iterator[Change]:
    for stem, what in _SHARED.items():
        file = f"{JOURNEYS}{stem}.yaml"
        if (file in before.files) != (file in after.files):
            yield Change(sign="+" if file in after.files else "-", what=what, name=f"{stem}.yaml")
            continue
        old, new = (_flat(one.document(file)) for one in (before, after))
        yield from _values(what, old, new)


def _flat(document: Mapping[str, Any], depth: int = 2) -> dict[str, Any]:
    """`quiet_hours.sms` in place of `quiet_hours: {sms: …}`."""
    found: dict[str, Any] = {}
    for key, value in document.items():
        if isinstance(value, dict) and value and depth > 1:
            found |= {f"{key}.{inner}": one for inner, one in _flat(value, depth - 1).items()}
        else:
            found[key] = value
    return found


def _templates(before: Files, after: Files) -> Iterator[Change]:
    old, new = (
        {
            path.removeprefix(TEMPLATES): one
            for path, one in project.files.items()
            if path.startswith(TEMPLATES)
        }
        for project in (before, after)
    )
    for name, sign in _signs(old, new):
        if old.get(name) != new.get(name):
            yield Change(sign=sign, what="template", name=name)


def _values(
    what: str, old: Mapping[str, Any], new: Mapping[str, Any], journey: str | None = None
) -> Iterator[Change]:
    for name, sign in _signs(old, new):
        if old.get(name) != new.get(name) or sign != "~":
            yield Change(
                sign=sign, what=what, name=name, journey=journey, before=old.get(name), after=new.get(name)
            )


def _signs(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every name, those there were in their order among the new ones where they stand now."""
    for name in old:
        if name not in new:
            yield name, "-"
    for name in new:
        yield name, "~" if name in old else "+"
