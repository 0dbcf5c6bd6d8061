"""`milepost topics`: the broker's topics, made where they are missing, held against the settings where they are not."""

from typing import Annotated

import typer

from engine.bus.topics import Found, TopicReport, ensure
from engine.cli.commands import VerbCommand
from engine.cli.context import Format, FormatOption, ProjectOption, emit, named_project, tell, verb_app
from engine.wiring.settings import load_settings
from engine.wiring.streams import bus_settings, topic_settings

app = verb_app()


@app.command(cls=VerbCommand)
def topics(
    context: typer.Context,
    mend: Annotated[
        bool, typer.Option("--mend", help="sets what differs from the settings, where that can be set")
    ] = False,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Makes the topics that are missing at the broker that MILEPOST_KAFKA_BOOTSTRAP names, and tells where others
    differ from the settings.

    The number of partitions is never changed: it decides which partition a customer belongs to.
    """
    named_project(context, project)
    settings = load_settings()
    reports = ensure(bus_settings(settings), topic_settings(settings), mend=mend)
    if output is not Format.TEXT:
        emit({"topics": reports})
    else:
        for report in reports:
            _print(report)
    if any(report.found is Found.DIFFERS for report in reports):
        if output is Format.TEXT:
            tell("milepost topics --mend sets what can be set.")
        raise typer.Exit(1)


def _print(report: TopicReport) -> None:
    typer.echo(f"{report.topic}: {report.found.value}")
    for one in report.differences:
        typer.echo(
            f"  {one.what} is {one.found}, wanted {one.wanted}" + ("" if one.mendable else " (by hand)")
        )
