"""`milepost preview`: a message as it would be, before anybody gets it."""

import sys
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec.structs import replace
from rich.progress import BarColumn, TaskProgressColumn, TextColumn

from engine.channels.mime import build
from engine.cli.commands import VerbCommand
from engine.cli.context import (
    Format,
    FormatOption,
    ProjectOption,
    emit,
    printable,
    progress,
    project_of,
    tell,
    verb_app,
)
from engine.cli.looking import known_by
from engine.model.customer import Customer
from engine.model.errors import TemplateError, UsageError
from engine.model.program import Program
from engine.ports import Outgoing
from engine.render import segments
from engine.wiring.assembly import looked_into
from engine.wiring.previews import Asked, Card, Made, Previews, gallery_page
from engine.wiring.projects import load, runnable
from engine.wiring.settings import load_settings

_FORMS = {"letter": (".pdf", ".html"), "email": (".html", ".txt", ".eml"), "sms": (".txt",)}
_NOBODY = {"email": "sample@example.com", "name": ""}

app = verb_app()


@app.command(cls=VerbCommand)
def preview(  # noqa: PLR0913, PLR0917 - a command's options
    context: typer.Context,
    template: Annotated[
        str | None, typer.Argument(metavar="TEMPLATE", help="the template; with --all it may be left out")
    ] = None,
    brand: Annotated[str | None, typer.Option(metavar="BRAND", help="as which brand")] = None,
    channel: Annotated[str | None, typer.Option(metavar="CHANNEL", help="letter, email or sms")] = None,
    locale: Annotated[str | None, typer.Option(metavar="LOCALE", help="in which locale, such as en")] = None,
    customer: Annotated[
        str | None,
        typer.Option(metavar="WHO", help="with the data of a customer of the store: plate, mobile or email"),
    ] = None,
    journey: Annotated[
        str | None, typer.Option(metavar="ID", help="as this journey sends it, where several do")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="a page with every brand, channel and locale, in --out")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="the file to write, by its ending; with --all, a folder"),
    ] = None,
    project: ProjectOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Renders a message with sample data, or with a customer's, and sends nothing.

    An SMS is its text, an email its HTML, a letter a PDF; --out FILE.txt or FILE.eml gives an email's plain part or the
    whole of it. What else there is to know (subject, parts) goes to stderr.
    """
    folder = project_of(context, project)
    loaded = load(folder)
    program = runnable(loaded, folder, drafts=True)
    previews = Previews(loaded, program, folder, load_settings(), datetime.now(UTC))
    asked = Asked(template=template or "", journey=journey, brand=brand, channel=channel, locale=locale)
    if everything:
        _refuse_narrowing(asked, customer)
        _gallery(previews, template, loaded.templates.brands, program, out or Path("previews"), output)
        return
    if template is None:
        raise UsageError(
            "preview needs a template, or --all.", f"There are: {', '.join(previews.templates())}."
        )
    made = previews.made(asked, None if customer is None else _known(program, customer))
    _show(made, program, out, output)


def _refuse_narrowing(asked: Asked, customer: str | None) -> None:
    if customer or asked.brand or asked.channel or asked.locale or asked.journey:
        raise UsageError(
            "--all shows every brand, channel and locale, with sample data.",
            "Leave out --brand, --channel, --locale, --journey and --customer; a template may be named.",
        )


def _known(program: Program, who: str) -> Customer:
    with looked_into(load_settings()) as store:
        found = known_by(store, program, who)
    if len(found) > 1:
        raise UsageError(f"{who!r} leads to {len(found)} customers.", "Name the one by mobile or email.")
    return found[0]


# One message


def _show(made: Made, program: Program, out: Path | None, output: Format) -> None:
    forms = _forms(made, program)
    if out is not None:
        _write(forms, out)
    if output is not Format.TEXT:
        emit(_told(made, out))
        return
    _describe(made, out)
    if out is None:
        suffix = next(iter(forms))
        if suffix == ".pdf" and sys.stdout.isatty():
            raise UsageError(
                "A letter is a PDF, which a terminal cannot show.", "Name a file: --out letter.pdf"
            )
        sys.stdout.flush()
        sys.stdout.buffer.write(forms[suffix])
        sys.stdout.buffer.flush()


def _forms(made: Made, program: Program) -> dict[str, bytes]:
    """What can be written, by the file's ending; first what goes to stdout."""
    rendered, message = made.rendered, made.message
    if message.channel == "sms":
        return {".txt": rendered.text.encode() + b"\n"}
    if message.channel == "email":
        outgoing = Outgoing(message=replace(message, address=message.address or _NOBODY), rendered=rendered)
        return {
            ".html": rendered.page().encode(),
            ".txt": rendered.text.encode(),
            ".eml": build(outgoing, program.policy.zone).content,
        }
    return {".pdf": rendered.pdf, ".html": rendered.html.encode()}


def _write(forms: dict[str, bytes], out: Path) -> None:
    suffix = out.suffix.lower()
    if suffix not in forms:
        raise UsageError(
            f"{out} cannot hold this message: its ending says what is written.",
            f"Name a file that ends in {' or '.join(forms)}.",
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(forms[suffix])


def _told(made: Made, out: Path | None) -> dict[str, Any]:
    message, rendered = made.message, made.rendered
    return {
        "template": message.template,
        "journey": message.journey,
        "step": message.step,
        "brand": message.brand,
        "channel": message.channel,
        "locale": message.locale,
        "customer": message.customer,
        "sampled": made.is_sampled,
        "subject": rendered.subject or None,
        "preheader": rendered.preheader or None,
        "text": rendered.text or None,
        "html": rendered.page() or None,
        "pdf": b64encode(rendered.pdf).decode() if rendered.pdf else None,
        "parts": rendered.parts if message.channel == "sms" else None,
        "sender": rendered.sender,
        "out": out,
    }


def _describe(made: Made, out: Path | None) -> None:
    message, rendered = made.message, made.rendered
    tell(
        f"{message.template}: {message.channel}, {message.brand}, {message.locale} (journey {message.journey})"
    )
    if made.is_sampled:
        tell("  the event that begins the journey is made up")
    if message.channel == "sms":
        counted = segments(rendered.text)
        tell(f"  {counted.parts} part{'s' * (counted.parts != 1)}, {counted.units} units, {counted.encoding}")
    elif message.channel == "email":
        tell(f"  Subject: {rendered.subject}")
        if rendered.preheader:
            tell(f"  Preheader: {rendered.preheader}")
        tell(f"  From: {printable(' '.join(rendered.sender.values()))}")
    if out is not None:
        tell(f"  written to {out}")


# All of them


def _gallery(
    previews: Previews,
    template: str | None,
    brands: dict[str, Any],
    program: Program,
    out: Path,
    output: Format,
) -> None:
    wanted = [template] if template is not None else previews.templates()
    variants = [(one, variant) for one in wanted for variant in previews.variants(one)]
    bar = progress(TextColumn("rendering"), BarColumn(), TaskProgressColumn())
    with bar:
        cards = list(bar.track(_cards(previews, variants), total=len(variants)))
    index = out / "index.html"
    out.mkdir(parents=True, exist_ok=True)
    page = gallery_page(f"{template or 'All templates'}: previews", cards, brands, program.policy.locale)
    index.write_text(page, "utf-8")
    faults = [one for one in cards if one.fault]
    if output is Format.TEXT:
        for one in faults:
            tell(f"  {one.anchor}: {one.fault}")
        tell(f"{len(cards)} messages, {len(faults)} could not be made: {index}")
    else:
        emit(
            {
                "index": index,
                "messages": len(cards),
                "faults": [
                    {
                        "template": one.template,
                        "brand": one.brand,
                        "channel": one.channel,
                        "locale": one.locale,
                        "message": one.fault,
                    }
                    for one in faults
                ],
            }
        )
    if faults:
        raise typer.Exit(1)


def _cards(previews: Previews, variants: list[tuple[str, tuple[str, str, str]]]) -> Iterator[Card]:
    for template, (brand, channel, locale) in variants:
        asked = Asked(template=template, brand=brand, channel=channel, locale=locale)
        try:
            made = previews.made(asked)
            picture = previews.picture(made) if channel == "letter" else b""
        except TemplateError as error:
            yield Card(template=template, brand=brand, channel=channel, locale=locale, fault=str(error))
            continue
        yield Card(
            template=template,
            brand=brand,
            channel=channel,
            locale=locale,
            subject=made.rendered.subject,
            preheader=made.rendered.preheader,
            html=made.rendered.page(),
            text=made.rendered.text,
            picture=picture,
        )
