"""The bodies of `POST /v1/events` in the OpenAPI document, made from the table that events are checked by."""

from typing import Any

from engine.intake.http_modes import BATCH, PLAIN, STRUCTURED
from engine.intake.reference import data_schema, envelope_schema, shared_schemas
from engine.model.event_types import EVENT_TYPES

EXAMPLE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "invoice-2025-0817",
    "source": "/dealers/d001",
    "type": "purchase.recorded",
    "time": "2025-03-08T14:20:00+08:00",
    "data": {
        "dealer": "d001",
        "customer": {"name": "王芳", "mobile": "13800000001"},
        "vehicle": {"plate": "京A12345", "odometer_km": 43210},
        "tyres": [{"brand": "michelin", "size": "205/55R16", "quantity": 2}],
    },
}

_EVENT = {"$ref": "#/components/schemas/Event"}
_EVENTS = {"type": "array", "maxItems": 1000, "items": _EVENT}

REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "description": "Structured or batched mode. In binary mode the body is the event's `data` as `application/json`, "
    "and its attributes are headers: `ce-specversion`, `ce-id`, `ce-source`, `ce-type`, `ce-time`.",
    "content": {
        STRUCTURED: {"schema": _EVENT, "example": EXAMPLE},
        BATCH: {"schema": _EVENTS, "example": [EXAMPLE]},
        PLAIN: {"schema": {"oneOf": [_EVENT, _EVENTS]}, "example": EXAMPLE},
    },
}


def event_components() -> dict[str, Any]:
    """`Event`, and a schema for each type."""
    names = {name: _title(name) for name in EVENT_TYPES}
    components: dict[str, Any] = {
        "Event": {
            "description": "A CloudEvent. A project may have types of its own beside these.",
            "oneOf": [{"$ref": f"#/components/schemas/{one}"} for one in names.values()],
            "discriminator": {
                "propertyName": "type",
                "mapping": {name: f"#/components/schemas/{one}" for name, one in names.items()},
            },
        }
    }
    for name, schema in shared_schemas().items():
        components[_title(name)] = _referring(schema)
    for name, one in EVENT_TYPES.items():
        envelope = envelope_schema()
        envelope["properties"]["type"] = {"const": name}
        envelope["properties"]["data"] = _referring(data_schema(one))
        components[names[name]] = envelope
    return components


def _title(name: str) -> str:
    """`purchase.recorded` → `PurchaseRecorded`."""
    return "".join(part.capitalize() for part in name.split("."))


def _referring(schema: Any) -> Any:
    """With its references where OpenAPI has such schemas."""
    if isinstance(schema, dict):
        return {
            key: f"#/components/schemas/{_title(inner.rpartition('/')[2])}"
            if key == "$ref"
            else _referring(inner)
            for key, inner in schema.items()
        }
    return [_referring(one) for one in schema] if isinstance(schema, list) else schema
