"""The published page and schema say what is checked."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.intake.reference import events_markdown, events_schema
from engine.model.event_types import EVENT_TYPES
from engine.sample import events_path
from tests.intake.lines import PARSER, purchase
from tests.intake.test_rejections import DATA, ENVELOPE

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
SCHEMA = Draft202012Validator(events_schema())


def test_the_page_is_current() -> None:
    assert (REFERENCE / "events.md").read_text("utf-8").rstrip() == events_markdown().rstrip()


def test_the_schema_is_current_and_a_schema() -> None:
    written = json.loads((REFERENCE / "schemas" / "events.schema.json").read_text("utf-8"))
    assert written == events_schema()
    Draft202012Validator.check_schema(written)


def test_every_type_and_member_is_on_the_page() -> None:
    page = events_markdown()
    for one in EVENT_TYPES.values():
        assert f"\n## {one.name}\n" in page
        for name, member in one.data.members.items():
            assert (f"**`data.{name}`**" if member.required else f"| `data.{name}`") in page


def test_what_is_accepted_as_it_is_agrees_with_the_schema() -> None:
    for raw in events_path().read_bytes().splitlines()[::5]:
        if isinstance(PARSER.parse(raw), list):
            continue
        event = json.loads(raw)
        if event["data"].get("customer", {}).get("email") != "":  # a blank is understood, not recommended
            SCHEMA.validate(event)
    SCHEMA.validate(purchase())


# Attributes that a schema leaves alone, calendars, and who is named, are the parser's to know.
BEYOND_A_SCHEMA = ("data_base64", "datacontenttype", "data.vehicle")
SAID = [
    (event, field)
    for event, field, reason in [*ENVELOPE, *DATA]
    if field not in BEYOND_A_SCHEMA
    and reason not in ("must not hold control characters", "cannot be used", "is a time beyond the calendar")
    and event.get("id") != " "
    and "02-30" not in str(event.get("time"))
]


@pytest.mark.parametrize(("event", "field"), SAID)
def test_the_schema_refuses_what_the_parser_refuses(event: dict[str, Any], field: str) -> None:
    assert field
    assert not SCHEMA.is_valid(event)
