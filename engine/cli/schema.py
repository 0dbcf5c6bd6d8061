"""`milepost schema`: JSON Schemas, for editors that complete and check as one types; and what the topics hold."""

import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import Format, FormatOption, ProjectOption, emit, named_project, verb_app
from engine.intake.asyncapi import asyncapi_yaml
from engine.intake.reference import data_schemas, events_schema, shared_schemas
from engine.language.schema import (
    dealers_schema,
    journey_schema,
    journey_tests_schema,
    own_events_schema,
    policy_schema,
)
from engine.wiring.naming import event_types_of, known_in


class Kind(StrEnum):
    JOURNEY = "journey"
    POLICY = "policy"
    DEALERS = "dealers"
    TESTS = "tests"
    EVENTS = "events"
    OWN_EVENTS = "own-events"
    ASYNCAPI = "asyncapi"


_MAKERS: Mapping[Kind, Callable[[Path], dict[str, Any]]] = {
    Kind.JOURNEY: lambda project: journey_schema(known_in(project)),
    Kind.POLICY: lambda project: policy_schema(known_in(project)),
    Kind.DEALERS: lambda _: dealers_schema(),
    Kind.TESTS: lambda project: journey_tests_schema(
        data_schemas(event_types_of(project)), shared_schemas(), known_in(project)
    ),
    Kind.EVENTS: lambda project: events_schema(event_types_of(project)),
    Kind.OWN_EVENTS: lambda _: own_events_schema(),
}

app = verb_app()


@app.command(cls=VerbCommand)
def schema(
    context: typer.Context,
    kind: Annotated[
        Kind,
        typer.Argument(
            metavar="KIND", help="journey, policy, dealers, tests, events, own-events or asyncapi"
        ),
    ],
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Prints the JSON Schema of journeys, of the policy, of the dealers, of journey tests, of an event, or of
    journeys/events.yaml; or the AsyncAPI description (YAML) of the events that go through Kafka.

    In a project it lists what the project has: its own event types, its templates, purposes and brands. As json or
    jsonl a JSON Schema comes in one line.
    """
    folder = named_project(context, project) or Path()
    if kind is Kind.ASYNCAPI:
        sys.stdout.write(asyncapi_yaml())
        return
    made = _MAKERS[kind](folder)
    if output is Format.TEXT:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(made)).decode() + "\n")
    else:
        emit(made)
