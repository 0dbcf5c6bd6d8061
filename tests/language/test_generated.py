"""What is generated from the definitions is current, and says what the checker does.

`MILEPOST_UPDATE=1 pytest tests/language/test_generated.py` writes it anew.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from engine.intake.reference import data_schemas, shared_schemas
from engine.language.reference import diagnostics_index, language_page
from engine.language.report import Report
from engine.language.schema import (
    dealers_schema,
    journey_schema,
    journey_tests_schema,
    own_events_schema,
    policy_schema,
)
from engine.language.source import MappingNode, Node, ScalarNode, SequenceNode, read_yaml_file
from tests.language.projects import SOUND

_REFERENCE = Path(__file__).parents[2] / "docs" / "reference"

TESTS_SCHEMA = journey_tests_schema(data_schemas(), shared_schemas())


def _json(schema: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


_MADE: dict[str, Callable[[], str]] = {
    "language.md": language_page,
    "diagnostics.md": diagnostics_index,
    "schemas/journey.schema.json": lambda: _json(journey_schema()),
    "schemas/policy.schema.json": lambda: _json(policy_schema()),
    "schemas/dealers.schema.json": lambda: _json(dealers_schema()),
    "schemas/tests.schema.json": lambda: _json(TESTS_SCHEMA),
    "schemas/own-events.schema.json": lambda: _json(own_events_schema()),
}


@pytest.mark.parametrize("name", _MADE)
def test_the_page_is_current(name: str) -> None:
    made = _MADE[name]()
    path = _REFERENCE / name
    if os.environ.get("MILEPOST_UPDATE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made)
    assert path.read_text() == made


def _as_yaml_1_2(node: Node) -> Any:
    """The node as an editor reads it."""
    match node:
        case MappingNode():
            return {entry.key.text: _as_yaml_1_2(entry.value) for entry in node.entries}
        case SequenceNode():
            return [_as_yaml_1_2(item) for item in node.items]
        case ScalarNode() if node.plain:
            if node.text in ("true", "false", "null", ""):
                return {"true": True, "false": False}.get(node.text)
            try:
                return msgspec.json.decode(node.text)
            except msgspec.DecodeError:
                return node.text
        case ScalarNode():
            return node.text
    raise AssertionError(node)


def _read(path: Path) -> Any:
    node = read_yaml_file(path, path.name, Report())
    assert node is not None
    return _as_yaml_1_2(node)


@pytest.mark.parametrize("name", ["welcome-pack", "tyre-health", "quarterly-newsletter"])
def test_the_schema_takes_sound_journeys(name: str) -> None:
    schema = journey_schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(_read(SOUND / "journeys" / f"{name}.yaml"))


@pytest.mark.parametrize(("name", "schema"), [("policy", policy_schema()), ("dealers", dealers_schema())])
def test_the_schema_takes_sound_settings(name: str, schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(_read(SOUND / "journeys" / f"{name}.yaml"))


def test_the_schema_takes_rules_that_hold_messages_back() -> None:
    policy = _read(Path(__file__).parent / "golden" / "policy-rules" / "journeys" / "policy.yaml")
    assert {"quiet_hours", "caps", "hold_while"} <= policy.keys()
    Draft202012Validator(policy_schema()).validate(policy)
    prices = {"letter": 4.2, "sms": 0.045}
    Draft202012Validator(policy_schema()).validate({**policy, "caps": [], "hold_while": [], "prices": prices})


@pytest.mark.parametrize(
    "change",
    [
        {"purpos": "care"},
        {"status": "lively"},
        {"steps": []},
        {"steps": [{"wait": "3 dyas"}]},
        {"steps": [{"send": "x"}]},
        {"steps": [{"sned": "x", "by": "email"}]},
        {"steps": [{"repeat": {"every": "1 month", "times": 0, "do": ["end"]}}]},
        {"start": "purchase.recorded"},
        {"start": {"on": "a purchase"}},
        {"goal": {"within": "3 days"}},
        {"holdout": "some"},
    ],
)
def test_the_schema_refuses_what_the_checker_refuses(change: dict[str, Any]) -> None:
    sound = _read(SOUND / "journeys" / "welcome-pack.yaml")
    assert not Draft202012Validator(journey_schema()).is_valid({**sound, **change})


_SHIPPED_TESTS = sorted((Path(__file__).parents[2] / "journeys" / "tests").glob("*.yaml"))


@pytest.mark.parametrize("path", _SHIPPED_TESTS, ids=lambda path: path.stem)
def test_the_schema_takes_the_shipped_tests(path: Path) -> None:
    Draft202012Validator.check_schema(TESTS_SCHEMA)
    Draft202012Validator(TESTS_SCHEMA).validate(_read(path))


@pytest.mark.parametrize(
    "change",
    [
        {"givn": {}},
        {"given": {"consent": {"sms": [], "fax": "care"}}},
        {"events": [{"2025-03-08 14:20": {"tyres": [{"quantity": 2}]}}]},
        {"events": [{"2025-03-08 14:20": {"type": "purchase.recorded", "tyres": [{"quantity": "two"}]}}]},
        {"events": [{"yesterday": {"type": "purchase.recorded", "tyres": []}}]},
        {"expect": [{"2025-04-08 10:00": {"by": "sms"}}]},
        {"expect": [{"2025-04-08 10:00": {"send": "x", "skipped": "no idea"}}]},
    ],
)
def test_the_schema_of_tests_refuses_what_the_checker_refuses(change: dict[str, Any]) -> None:
    test: dict[str, Any] = {"name": "it", "expect": []}
    schema = Draft202012Validator(TESTS_SCHEMA)
    assert schema.is_valid({"journey": "x", "tests": [test]})
    assert not schema.is_valid({"journey": "x", "tests": [{**test, **change}]})
