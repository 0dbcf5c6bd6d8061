"""`milepost schema`: JSON Schemas, for editors that complete and check as one types."""

import sys
from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import Format, FormatOption, ProjectOption, emit, named_project, verb_app
from engine.language.schema import dealers_schema, journey_schema, policy_schema


class Kind(StrEnum):
    JOURNEY = "journey"
    POLICY = "policy"
    DEALERS = "dealers"


app = verb_app()


@app.command(cls=VerbCommand)
def schema(
    context: typer.Context,
    kind: Annotated[
        Kind, typer.Argument(metavar="KIND", help="what the schema is for: journey, policy or dealers")
    ],
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Prints the JSON Schema of journeys, of the policy, or of the dealers.

    It is the same for every project. As json or jsonl it comes in one line.
    """
    named_project(context, project)
    made = {Kind.JOURNEY: journey_schema, Kind.POLICY: policy_schema, Kind.DEALERS: dealers_schema}[kind]()
    if output is Format.TEXT:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(made)).decode() + "\n")
    else:
        emit(made)
