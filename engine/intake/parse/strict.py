"""The judge: pydantic's validator, made from the table. It accepts, or tells every fault with its place."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic_core import SchemaValidator, ValidationError, core_schema
from pydantic_core.core_schema import CoreSchema

from engine.intake.parse.envelope import ENVELOPE
from engine.intake.parse.faults import Fault, path
from engine.intake.parse.leaves import Check, a_json_type, a_known_type, a_name, an_object, check_of
from engine.model.event_types import EventType, Kind, Member


class Strict:
    """Checks whole events against `event_types`. Validators are made when first needed."""

    def __init__(self, event_types: Mapping[str, EventType]) -> None:
        self._event_types = event_types
        self._by_type: dict[str, SchemaValidator] = {}

    def check(self, event: dict[str, Any]) -> dict[str, Any] | list[Fault]:
        """`event` with whole numbers made whole, or all of its faults. Blanks have been dropped."""
        faults: list[Fault] = []
        _run(self._envelope, event, faults, ())
        if event.get("data_base64") is not None:
            faults.append(Fault("data_base64", "is not taken; data must be JSON"))
        data = event.get("data")
        name = event.get("type")
        if isinstance(data, dict) and isinstance(name, str) and name in self._event_types:
            data = _run(self._data_of(name), data, faults, ("data",))
        return faults or {**event, "data": data}

    @cached_property
    def _envelope(self) -> SchemaValidator:
        checks: dict[str, Check] = {
            "id": a_name,
            "source": a_name,
            "type": a_known_type(tuple(self._event_types)),
            "datacontenttype": a_json_type,
            "data": an_object,
        }
        return SchemaValidator(_object(ENVELOPE, checks))

    def _data_of(self, name: str) -> SchemaValidator:
        found = self._by_type.get(name)
        if found is None:
            found = self._by_type[name] = SchemaValidator(schema_of(self._event_types[name].data))
        return found


def schema_of(member: Member) -> CoreSchema:
    """pydantic-core's schema of `member`."""
    check = check_of(member)
    if check is None:
        return core_schema.any_schema()
    if member.kind is Kind.OBJECT:
        return core_schema.no_info_before_validator_function(check, _object(member, {}))
    if member.kind is Kind.LIST:
        items = core_schema.any_schema() if member.item is None else schema_of(member.item)
        return core_schema.no_info_before_validator_function(check, core_schema.list_schema(items))
    return core_schema.no_info_plain_validator_function(check)


def _object(member: Member, checks: Mapping[str, Check]) -> CoreSchema:
    """An object with `member`'s members; those in `checks` are checked by these instead."""
    fields = {}
    for name, inner in member.members.items():
        check = checks.get(name)
        schema = core_schema.no_info_plain_validator_function(check) if check else schema_of(inner)
        fields[name] = core_schema.typed_dict_field(schema, required=inner.required)
    return core_schema.typed_dict_schema(fields, extra_behavior="allow")


def _run(
    validator: SchemaValidator, value: dict[str, Any], faults: list[Fault], place: tuple[str, ...]
) -> dict[str, Any]:
    try:
        checked: dict[str, Any] = validator.validate_python(value)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            reason = "is missing" if one["type"] == "missing" else one["msg"]
            faults.append(Fault(path((*place, *one["loc"])), reason))
        return value
    return checked
