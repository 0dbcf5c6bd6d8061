"""`milepost gateway`: the HTTP side."""

import sys
from typing import Annotated

import typer

from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    project_of,
    spare_collector,
    tell,
    verb_app,
)
from engine.wiring.settings import load_settings

app = verb_app()


@app.command(cls=VerbCommand)
def gateway(
    context: typer.Context,
    host: Annotated[
        str | None, typer.Option(metavar="HOST", help="where to listen [default: MILEPOST_GATEWAY_HOST]")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(metavar="PORT", min=0, max=65535, help="its port [default: MILEPOST_GATEWAY_PORT]"),
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Serves what customers, dealers and providers reach by HTTP: the pages that messages link to (unsubscribe,
    preferences), what dealers' software brings and asks by its keys, the addresses to which providers post what became
    of messages, and, with MILEPOST_OPERATOR_KEY, broadcasts.

    It works beside `milepost run`, on the same database; with a broker, what comes in goes into the inbox. It belongs
    behind a server that speaks HTTPS: see docs/howto/gateway.md.
    """
    folder = project_of(context, project)
    settings = load_settings()
    # These take a second to import, which help need not wait for.
    from engine.bus.logs import log_to  # noqa: PLC0415
    from engine.web.app import make_app  # noqa: PLC0415
    from engine.web.server import listening, serve  # noqa: PLC0415
    from engine.wiring.gateway import gateway as opened  # noqa: PLC0415

    log_to(sys.stderr)
    where = settings.gateway_host if host is None else host
    with (
        listening(where, settings.gateway_port if port is None else port) as bound,
        opened(settings, folder) as made,
    ):
        spare_collector()
        address = f"http://{f'[{where}]' if ':' in where else where}:{bound.getsockname()[1]}"
        web = make_app(made, settings.public_url, settings.operator_key.get_secret_value())

        def ready() -> None:
            tell(f"listening on {address}; Ctrl-C stops")
            if output is not Format.TEXT:
                emit({"address": address})
                sys.stdout.flush()

        serve(web, bound, ready)
