"""Whether the brands that send emails have an address for them to come from."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.language.journeys import Context
from engine.language.report import Report, Span
from engine.language.source import MappingNode, read_yaml_file
from engine.language.template_files import BRANDS, TEMPLATES, Brand, email_sender
from engine.language.texts.brandnames import speaks_locales

_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")


def check_senders(project: Path, context: Context) -> None:
    """Warns of each brand that sends emails without such an address."""
    sending = {
        brand
        for site in context.sites
        if any(channel.value == "email" for channel in site.by)
        for brand in site.brands
    }
    for brand in context.templates.brands.values():
        if brand.id in sending and brand.data:
            _check_sender(project, brand, context.report)


def _check_sender(project: Path, brand: Brand, report: Report) -> None:
    addresses = list(_addresses(brand.data))
    wrong = [one for one in addresses if not _ADDRESS.fullmatch(one)]
    if addresses and not wrong:
        return
    if wrong:
        message = f"the emails of brand '{brand.id}' come from '{wrong[0]}', which is no email address"
        hint = "write one, such as care@example.com"
    else:
        message = f"the emails of brand '{brand.id}' have no address to come from"
        hint = (
            "write it into brand.yaml: `senders: {email: {email: care@example.com}}`\n"
            "until then they come from one that leads nowhere"
        )
    report.warning("no-sender", _place(project, brand), message, hint)


def _addresses(data: Mapping[str, Any]) -> Iterator[str]:
    """The address; those of every locale where it differs."""
    senders = data.get("senders")
    for sender in _by_locale(senders.get("email") if isinstance(senders, Mapping) else None):
        given = sender.get("email") if isinstance(sender, Mapping) else email_sender(sender).get("email")
        yield from (one for one in _by_locale(given) if isinstance(one, str) and one)


def _by_locale(value: Any) -> tuple[Any, ...]:
    if isinstance(value, Mapping) and value and speaks_locales(value):
        return tuple(value.values())
    return (value,)


def _place(project: Path, brand: Brand) -> Span:
    """The innermost of `senders`, `email`, `email` that is there; else the head of the file."""
    file = f"{TEMPLATES}/{BRANDS}/{brand.id}/brand.yaml"
    span = Span(file, 1, 1, 2)
    node = read_yaml_file(project / file, file, Report())  # its faults have been told
    for name in ("senders", "email", "email"):
        entry = None if node is None else node.get(name)
        if entry is None:
            break
        span = entry.key.span
        node = entry.value if isinstance(entry.value, MappingNode) else None
    return span
