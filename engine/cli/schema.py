"""`milepost schema`: JSON Schemas, for editors that complete and check as one types; and what the topics hold."""

import sys
from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from engine.cli.context import (
    verb_app,
)
from engine.intake.asyncapi import asyncapi_yaml
from engine.language.schema import dealers_schema, journey_schema, policy_schema


class Kind(StrEnum):
    JOURNEY = "journey"
    POLICY = "policy"
    DEALERS = "dealers"
    ASYNCAPI = "asyncapi"


app = verb_app()


@app.command()
def schema(kind: Annotated[Kind, typer.Argument(help="what the schema is for")]) -> None:
    """Prints the JSON Schema of journeys, of the policy, or of the dealers; or the AsyncAPI description (YAML) of the
    events that go through Kafka."""
    if kind is Kind.ASYNCAPI:
        sys.stdout.write(asyncapi_yaml())
        return
    made = {Kind.JOURNEY: journey_schema, Kind.POLICY: policy_schema, Kind.DEALERS: dealers_schema}[kind]
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(made())).decode() + "\n")
