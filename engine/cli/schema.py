"""`milepost schema`: JSON Schemas, for editors that complete and check as one types."""

import sys
from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from engine.cli.context import (
    verb_app,
)
from engine.language.schema import journey_schema, policy_schema


class Kind(StrEnum):
    JOURNEY = "journey"
    POLICY = "policy"


app = verb_app()


@app.command()
def schema(kind: Annotated[Kind, typer.Argument(help="what the schema is for")]) -> None:
    """Prints the JSON Schema of journeys or of the policy."""
    made = journey_schema() if kind is Kind.JOURNEY else policy_schema()
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(made)).decode() + "\n")
