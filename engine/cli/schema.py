"""`milepost schema`: JSON Schemas, for editors that complete and check as one types."""

import sys
from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from engine.cli.context import (
    verb_app,
)
from engine.language.schema import dealers_schema, journey_schema, policy_schema


class Kind(StrEnum):
    JOURNEY = "journey"
    POLICY = "policy"
    DEALERS = "dealers"


app = verb_app()


@app.command()
def schema(kind: Annotated[Kind, typer.Argument(help="what the schema is for")]) -> None:
    """Prints the JSON Schema of journeys, of the policy, or of the dealers."""
    made = {Kind.JOURNEY: journey_schema, Kind.POLICY: policy_schema, Kind.DEALERS: dealers_schema}[kind]
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(made())).decode() + "\n")
