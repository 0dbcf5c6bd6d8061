"""`milepost schema`: JSON Schemas, for editors that complete and check as one types; and what the topics hold."""

import sys
from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import Format, FormatOption, ProjectOption, emit, named_project, verb_app
from engine.intake.asyncapi import asyncapi_yaml
from engine.language.schema import dealers_schema, journey_schema, policy_schema


class Kind(StrEnum):
    JOURNEY = "journey"
    POLICY = "policy"
    DEALERS = "dealers"
    ASYNCAPI = "asyncapi"


app = verb_app()


@app.command(cls=VerbCommand)
def schema(
    context: typer.Context,
    kind: Annotated[
        Kind,
        typer.Argument(metavar="KIND", help="what the schema is for: journey, policy, dealers or asyncapi"),
    ],
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Prints the JSON Schema of journeys, of the policy, or of the dealers; or the AsyncAPI description (YAML) of the
    events that go through Kafka.

    It is the same for every project. As json or jsonl a JSON Schema comes in one line.
    """
    named_project(context, project)
    if kind is Kind.ASYNCAPI:
        sys.stdout.write(asyncapi_yaml())
        return
    made = {Kind.JOURNEY: journey_schema, Kind.POLICY: policy_schema, Kind.DEALERS: dealers_schema}[kind]()
    if output is Format.TEXT:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(made)).decode() + "\n")
    else:
        emit(made)
