"""`milepost schema`: JSON Schemas, for editors that complete and check as one types; and what the topics hold."""

import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
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


class Kind(StrEnum):
    JOURNEY = "journey"
    POLICY = "policy"
    DEALERS = "dealers"
    TESTS = "tests"
    EVENTS = "events"
    OWN_EVENTS = "own-events"
    ASYNCAPI = "asyncapi"


_MAKERS: Mapping[Kind, Callable[[], dict[str, Any]]] = {
    Kind.JOURNEY: journey_schema,
    Kind.POLICY: policy_schema,
    Kind.DEALERS: dealers_schema,
    Kind.TESTS: lambda: journey_tests_schema(data_schemas(), shared_schemas()),
    Kind.EVENTS: events_schema,
    Kind.OWN_EVENTS: own_events_schema,
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

    It is the same for every project. As json or jsonl a JSON Schema comes in one line.
    """
    named_project(context, project)
    if kind is Kind.ASYNCAPI:
        sys.stdout.write(asyncapi_yaml())
        return
    made = _MAKERS[kind]()
    if output is Format.TEXT:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(made)).decode() + "\n")
    else:
        emit(made)
