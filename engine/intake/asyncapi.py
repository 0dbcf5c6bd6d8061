"""The AsyncAPI description of the topics that events go through, made from the same table as everything else that is
said of events. For tools that draw documentation, check records, or write a client in another language.

It is told from Milepost's side, as AsyncAPI has it: it receives from the inbox, and sends to the others.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from engine import __version__
from engine.intake.parse.envelope import SPECVERSION
from engine.intake.reference import data_schema, envelope_schema, shared_schemas
from engine.model.announcements import ANNOUNCED, SOURCE, TYPE
from engine.model.event_types import EVENT_TYPES, EventType
from engine.model.messages import Reason

VERSION = "3.0.0"
_KAFKA = "0.5.0"
_ABOUT = """\
Events of dealers' software and of providers, on Kafka. Each is a CloudEvents 1.0 object in JSON, whole in the record's
value. `source` and `id` name it for ever: the same pair again changes nothing, so whoever is not sure that an event
was written writes it again.

Where several engines share a broker, something stands before the names of the topics (`MILEPOST_KAFKA_PREFIX`).
"""
_KEY = """\
In the inbox: the customer's mobile in E.164, else the email in lower case, the member number, the plate or the VIN in
capitals without blanks, dots and hyphens; none where the event names nobody. Records with the same key keep their
order; the partition is chosen as Kafka's own producers choose it (murmur2). In the log: the customer's id.
"""


def asyncapi_yaml(event_types: Mapping[str, EventType] = EVENT_TYPES) -> str:
    """The description as YAML."""
    return yaml.dump(asyncapi(event_types), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as such."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def asyncapi(event_types: Mapping[str, EventType] = EVENT_TYPES) -> dict[str, Any]:
    return {
        "asyncapi": VERSION,
        "info": {"title": "Milepost", "version": __version__, "description": _ABOUT},
        "defaultContentType": "application/cloudevents+json",
        "channels": {
            "inbox": _channel("care.inbox", "what dealers and the gateway write, as it came", event_types),
            "events": _channel("care.events", "accepted events, by customer: the log", event_types),
            "rejected": {
                "address": "care.rejected",
                "description": "what was refused, as it came",
                "messages": {"rejected": {"$ref": "#/components/messages/rejected"}},
            },
            "messages": {
                "address": "care.messages",
                "description": "what became of each message that was decided, for other systems",
                "messages": {TYPE: {"$ref": f"#/components/messages/{TYPE}"}},
            },
        },
        "operations": {
            "takeEvents": _operation("receive", "inbox", "Takes in what happened."),
            "logEvents": _operation("send", "events", "Passes on what was accepted."),
            "refuseEvents": _operation("send", "rejected", "Passes on what was refused, and why."),
            "announceMessages": _operation("send", "messages", "Tells what became of messages."),
        },
        "components": {
            "messages": {
                **{name: _message(one) for name, one in event_types.items()},
                "rejected": _REJECTED,
                TYPE: _SETTLED,
            },
            "messageTraits": {"event": _EVENT},
            "schemas": {
                "event": _local(envelope_schema(event_types)),
                **{name: _local(one) for name, one in shared_schemas().items()},
            },
        },
    }


def _channel(address: str, about: str, event_types: Mapping[str, EventType]) -> dict[str, Any]:
    messages = {name: {"$ref": f"#/components/messages/{name}"} for name in event_types}
    return {"address": address, "description": about, "messages": messages}


def _operation(action: str, channel: str, summary: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}


def _message(event_type: EventType) -> dict[str, Any]:
    kind = {"properties": {"type": {"const": event_type.name}, "data": _local(data_schema(event_type))}}
    return {
        "name": event_type.name,
        "title": event_type.name,
        "summary": event_type.about,
        "traits": [{"$ref": "#/components/messageTraits/event"}],
        "payload": {"allOf": [{"$ref": "#/components/schemas/event"}, kind]},
    }


_EVENT: dict[str, Any] = {
    "contentType": "application/cloudevents+json; charset=UTF-8",
    "headers": {
        "type": "object",
        "properties": {"content-type": {"const": "application/cloudevents+json; charset=UTF-8"}},
        "description": f"as the Kafka binding of CloudEvents {SPECVERSION} has them; none is required",
    },
    "bindings": {
        "kafka": {"key": {"type": "string", "description": _KEY}, "bindingVersion": _KAFKA},
    },
}

_REJECTED: dict[str, Any] = {
    "name": "rejected",
    "summary": "a record that was refused, key, value and headers as they came, with these headers added",
    "contentType": "application/octet-stream",
    "headers": {
        "type": "object",
        "required": ["milepost-reason", "milepost-origin"],
        "properties": {
            "milepost-reason": {"type": "string", "description": "what is wrong with it"},
            "milepost-field": {
                "type": "string",
                "description": "the member at fault, such as data.tyres[0].quantity",
            },
            "milepost-origin": {"type": "string", "description": "where it was: topic/partition/offset"},
            "milepost-trace": {
                "type": "string",
                "description": "where the decision on an accepted event raised an exception: its whole traceback",
            },
        },
    },
}


_MOMENT = {"type": "string", "format": "date-time"}
_TOLD: dict[str, Any] = {
    "message_id": {"type": "string", "description": "as in `milepost messages`, and in file names"},
    "customer_id": {"type": "string", "description": "the record's key; nothing else tells of the person"},
    "status": {"enum": sorted(map(str, ANNOUNCED))},
    "reason": {"enum": [None, *map(str, Reason)], "description": "why it was skipped"},
    "journey": {"type": "string"},
    "step": {"type": "string"},
    "run": {"type": "string"},
    "purpose": {"type": "string"},
    "template": {"type": "string"},
    "channel": {"type": ["string", "null"], "description": "null where none works"},
    "brand": {"type": "string"},
    "locale": {"type": ["string", "null"]},
    "decided_at": _MOMENT,
    "due_at": _MOMENT,
    "attempts": {"type": "integer", "description": "how often it was handed over to its channel"},
    "note": {"type": "string", "description": "the error, if there was one, without personal data"},
}
_ABOUT_SETTLED = """\
Told at least once, in the order in which it happened to a message; told again, it has the same `id`. A message that
failed and was queued again by a person comes to an outcome anew, and that has another `id`. That a message waits is not
told. More members may come.
"""
_SETTLED: dict[str, Any] = {
    "name": TYPE,
    "title": TYPE,
    "summary": "what has become of a message",
    "description": _ABOUT_SETTLED,
    "contentType": "application/cloudevents+json; charset=UTF-8",
    "payload": {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"],
        "properties": {
            "specversion": {"const": SPECVERSION},
            "id": {"type": "string"},
            "source": {"const": SOURCE},
            "type": {"const": TYPE},
            "subject": {"type": "string", "description": "the message's id"},
            "time": {**_MOMENT, "description": "when it became so, on the engine's clock"},
            "datacontenttype": {"const": "application/json"},
            "data": {"type": "object", "required": list(_TOLD), "properties": _TOLD},
        },
    },
    "bindings": {
        "kafka": {"key": {"type": "string", "description": "the customer's id"}, "bindingVersion": _KAFKA}
    },
}


def _local(schema: Any) -> Any:
    """The schema with its references as AsyncAPI has them: to its own components, and nothing beside `$ref`, which
    its kind of JSON Schema (draft 7) would not look at."""
    if isinstance(schema, list):
        return [_local(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _local(value) for name, value in schema.items() if name != "$ref"}
    if "$ref" not in schema:
        return inner
    reference = {"$ref": schema["$ref"].replace("#/$defs/", "#/components/schemas/")}
    return {"allOf": [reference, inner]} if inner else reference
