"""Writes those parts of the documentation that are made from the code; `--check` only tells whether they are
current (exit 1 if not). Run it as `python -m docs.build`, or `make docs`.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from docs import cli_reference, drawings, journey_pictures, settings_reference
from engine.intake.asyncapi import asyncapi_yaml
from engine.intake.reference import data_schemas, events_markdown, events_schema, shared_schemas
from engine.language.reference import diagnostics_index, diagnostics_pages, language_page
from engine.language.schema import (
    dealers_schema,
    journey_schema,
    journey_tests_schema,
    own_events_schema,
    policy_schema,
)
from engine.web.v1 import openapi
from engine.wiring.explaining import told_of

DOCS = Path(__file__).parent


def pages() -> Iterator[tuple[Path, str]]:
    """Every made file, and what it should hold."""
    reference = DOCS / "reference"
    yield reference / "diagnostics.md", diagnostics_index()
    for name, page in diagnostics_pages(told_of):
        yield reference / "diagnostics" / name, page
    yield reference / "language.md", language_page()
    yield reference / "events.md", events_markdown()
    yield reference / "cli.md", cli_reference.markdown()
    yield reference / "settings.md", settings_reference.markdown()
    for name, schema in (
        ("events", events_schema()),
        ("journey", journey_schema()),
        ("policy", policy_schema()),
        ("dealers", dealers_schema()),
        ("tests", journey_tests_schema(data_schemas(), shared_schemas())),
        ("own-events", own_events_schema()),
    ):
        yield reference / "schemas" / f"{name}.schema.json", json.dumps(schema, ensure_ascii=False, indent=2)
    yield reference / "asyncapi.yaml", asyncapi_yaml()
    yield reference / "openapi.json", json.dumps(openapi(), ensure_ascii=False, indent=2)
    for name in ("architecture", "distributed"):
        drawn = DOCS / "explanation" / f"{name}.md"
        yield drawn, drawings.redrawn(drawn.read_text("utf-8"))
    for name, picture in journey_pictures.pictures():
        yield DOCS / "images" / "journeys" / name, picture


def left_over(made: set[Path]) -> list[Path]:
    """Pages of diagnostics and pictures of journeys that there are no more."""
    diagnostics = (DOCS / "reference" / "diagnostics").glob("*.md")
    pictures = (DOCS / "images" / "journeys").glob("*.svg")
    return sorted({*diagnostics, *pictures} - made)


def main() -> int:
    check = "--check" in sys.argv[1:]
    made = dict(pages())
    stale = []
    for path, page in made.items():
        text = page.rstrip() + "\n"
        if path.is_file() and path.read_text("utf-8") == text:
            continue
        stale.append(path)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    for path in left_over(set(made)):
        stale.append(path)
        if not check:
            path.unlink()
    for path in stale:
        name = path.relative_to(DOCS.parent)
        done = "wrote" if path.exists() else "deleted"
        print(f"{name} is not current; run `make docs`" if check else f"{done} {name}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
