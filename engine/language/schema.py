"""JSON Schemas for editors, made from the tables of keys that the checker reads by.

They describe a file as YAML 1.2 reads it. What only the checker can know (names, templates, expressions) they
leave open.
"""

from engine.language.journeys.keys import JOURNEY
from engine.language.journeys.steps import VERBS
from engine.language.keys import Table
from engine.language.keys.kinds import Schema
from engine.language.policy.keys import DEALER, POLICY

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def journey_schema() -> Schema:
    """Of `journeys/<id>.yaml`."""
    steps: Schema = {
        "type": "array",
        "minItems": 1,
        "items": {"anyOf": [{"const": "end"}, *({"$ref": f"#/$defs/{name}"} for name in VERBS)]},
    }
    verbs = {name: _of(verb.table) for name, verb in VERBS.items()}
    return {
        "$schema": _DRAFT,
        "title": "A Milepost journey",
        **_of(JOURNEY),
        "$defs": {"steps": steps, **verbs},
    }


def policy_schema() -> Schema:
    """Of `journeys/policy.yaml`."""
    return {"$schema": _DRAFT, "title": "The policy of a Milepost project", **_of(POLICY)}


def dealers_schema() -> Schema:
    """Of `journeys/dealers.yaml`."""
    return {
        "$schema": _DRAFT,
        "title": "The dealers of a Milepost project",
        "type": "object",
        "additionalProperties": _of(DEALER),
    }


def _of(table: Table) -> Schema:
    return {"description": table.about, **table.schema()}
