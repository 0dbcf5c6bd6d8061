"""JSON Schemas for editors, made from the tables of keys that the checker reads by.

They describe a file as YAML 1.2 reads it. What only the checker can know (names, templates, expressions) they
leave open; what a project has of them (`Known`) is listed beside, for the editor to offer.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.language.journey_tests.keys import BY_CHANNEL, ENVELOPE, TESTS
from engine.language.journeys.keys import JOURNEY
from engine.language.journeys.steps import VERBS
from engine.language.keys import Table
from engine.language.keys.kinds import Schema
from engine.language.own_events import OWN_EVENT
from engine.language.policy.keys import DEALER, POLICY
from engine.language.words import KNOWN
from engine.model.event_types import EVENT_TYPES

_FILLED_IN = frozenset({"customer", "vehicle"})
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """The names that a project has."""

    events: tuple[str, ...] = tuple(EVENT_TYPES)
    templates: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()


ANYWHERE = Known()
"""Of no project in particular."""


def _listing(schema: Any, known: Known) -> Any:
    """The schema, with the names of the project where they can stand."""
    if isinstance(schema, list):
        return [_listing(one, known) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _listing(one, known) for name, one in schema.items() if name != KNOWN}
    if KNOWN not in schema:
        return made
    names = sorted(getattr(known, schema[KNOWN]))
    about = {"description": made.pop("description")} if "description" in made else {}
    if not names:
        return {**made, **about}
    others = [one for one in made.get("anyOf", [made]) if "enum" not in one]
    return {"anyOf": [{"enum": names}, *others], **about}


def journey_schema(known: Known = ANYWHERE) -> Schema:
    """Of `journeys/<id>.yaml`."""
    steps: Schema = {
        "type": "array",
        "minItems": 1,
        "items": {"anyOf": [{"const": "end"}, *({"$ref": f"#/$defs/{name}"} for name in VERBS)]},
    }
    verbs = {name: _of(verb.table) for name, verb in VERBS.items()}
    schema: Schema = {
        "$schema": _DRAFT,
        "title": "A Milepost journey",
        **_of(JOURNEY),
        "$defs": {"steps": steps, **verbs},
    }
    return _listed(schema, known)


def _listed(schema: Schema, known: Known) -> Schema:
    listed: Schema = _listing(schema, known)
    return listed


def policy_schema(known: Known = ANYWHERE) -> Schema:
    """Of `journeys/policy.yaml`."""
    return _listed({"$schema": _DRAFT, "title": "The policy of a Milepost project", **_of(POLICY)}, known)


def dealers_schema() -> Schema:
    """Of `journeys/dealers.yaml`."""
    return {
        "$schema": _DRAFT,
        "title": "The dealers of a Milepost project",
        "type": "object",
        "additionalProperties": _of(DEALER),
    }


def own_events_schema() -> Schema:
    """Of `journeys/events.yaml`."""
    return {
        "$schema": _DRAFT,
        "title": "The event types of a Milepost project's own",
        "type": "object",
        "additionalProperties": {"anyOf": [_of(OWN_EVENT), {"type": "null"}]},
    }


def journey_tests_schema(
    data: Mapping[str, Schema], shared: Mapping[str, Schema], known: Known = ANYWHERE
) -> Schema:
    """Of `journeys/tests/<id>.yaml`. `data` are the schemas of what events carry, by type, which refer to `shared`
    ones; whom an event is about need not be said in a test, and `vehicle: none` is an event without a car."""
    around = _of(ENVELOPE)
    schema: Schema = {
        "$schema": _DRAFT,
        "title": "Tests of a Milepost journey",
        **_of(TESTS),
        "$defs": {
            "event": {
                "type": "object",
                "description": around["description"],
                "properties": around["properties"],
                "required": around["required"],
                "allOf": [
                    {
                        "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                        "then": _in_a_test(one),
                    }
                    for name, one in data.items()
                ],
            },
            **shared,
            "consent": {"anyOf": [shared["consent"], BY_CHANNEL.schema()]},
            "given-customer": shared["customer"],
            "given-vehicle": shared["vehicle"],
            "vehicle": {"anyOf": [shared["vehicle"], {"const": "none"}]},
        },
    }
    return _listed(schema, known)


def _in_a_test(data: Schema) -> Schema:
    """What an event carries, where whom it is about is filled in."""
    rest: dict[str, Any] = {name: data[name] for name in data if name not in ("required", "anyOf", "type")}
    if required := [one for one in data.get("required", ()) if one not in _FILLED_IN]:
        rest["required"] = required
    if one_of := [one for one in data.get("anyOf", ()) if not _FILLED_IN.issuperset(one["required"])]:
        rest["anyOf"] = one_of
    return rest


def _of(table: Table) -> Schema:
    return {"description": table.about, **table.schema()}
