"""The settings in force, as they may be shown to anybody."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from pydantic import SecretStr

from engine.language.nearest import nearest
from engine.model.errors import MilepostError
from engine.store.postgres import Address
from engine.wiring.addresses import read
from engine.wiring.checkup.findings import Finding, error, ok, warning
from engine.wiring.settings import ClockKind, NotRight, Settings, variable

HIDDEN = "(set, not shown)"
_PREFIX = "MILEPOST_"
_OPEN = frozenset({"public_url", "sendgrid_url", "twilio_url"})
"""Settings whose address has no secret in its path."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A variable, its value in force (never a secret), and where that is from: `environment`, `file` (that its
    `_FILE` names) or `default`."""

    name: str
    value: str
    source: str = msgspec.field(name="from")


def shown(settings: Settings, environment: Mapping[str, str] = os.environ) -> list[Shown]:
    """All of them, in the order of the reference."""
    return [
        Shown(
            name=variable(name),
            value=_shown_of(settings, name),
            source=_source(settings, name, environment),
        )
        for name in type(settings).model_fields
    ]


def _shown_of(settings: Settings, name: str) -> str:
    try:
        return _shown(name, getattr(settings, name))
    except NotRight:
        return "(not right)"


def _shown(name: str, value: Any) -> str:
    if isinstance(value, SecretStr):
        return HIDDEN if value.get_secret_value() else ""
    if name == "database_url" and not value.startswith("sqlite:///"):
        try:
            return str(Address(value))
        except MilepostError:
            return HIDDEN
    if name == "kafka_bootstrap" and "@" in value:
        return HIDDEN
    if isinstance(value, str) and "://" in value and not value.startswith("sqlite:///"):
        return _server_of(value, whole=name in _OPEN)
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)


def _server_of(url: str, *, whole: bool) -> str:
    """Without what may be a secret: a login and, unless it may be shown `whole`, a path that only those who are to call
    it know."""
    address = read(url)
    if address is None:
        return HIDDEN
    path = address.rest if whole and not address.login else ""
    hidden = address.login or address.rest.rstrip("/") != path.rstrip("/")
    return f"{address.server}{path}" + (f" {HIDDEN}" if hidden else "")


def _source(settings: Settings, name: str, environment: Mapping[str, str]) -> str:
    if name not in settings.model_fields_set:
        return "default"
    given = {variable.upper() for variable, value in environment.items() if value}
    return "environment" if variable(name) in given and f"{variable(name)}_FILE" not in given else "file"


def about_settings(
    settings: Settings, wrong: Sequence[MilepostError], environment: Mapping[str, str] = os.environ
) -> Sequence[Finding]:
    """What is wrong with them, and what can be meant so, and mostly is not."""
    found = [*map(error, wrong), *_oddities(settings, environment)]
    return found or [ok("nothing odd about them")]


def _oddities(settings: Settings, environment: Mapping[str, str]) -> Sequence[Finding]:
    found: list[Finding] = []
    for look in (_time_of_events, _nowhere, _mail_unheard):
        with suppress(NotRight):
            found += look(settings)
    return [*found, *_misspelt(settings, environment)]


def _time_of_events(settings: Settings) -> Iterator[Finding]:
    if settings.clock is ClockKind.EVENTS:
        yield warning(
            "Time is that of the events: nothing happens between them.",
            "That is for demos and tests; in earnest leave MILEPOST_CLOCK out.",
        )


def _nowhere(settings: Settings) -> Iterator[Finding]:
    if "public_url" not in settings.model_fields_set:
        yield warning(
            f"The links in messages lead to {settings.public_url}, where nobody is.",
            "Set MILEPOST_PUBLIC_URL to the address at which customers reach you.",
        )
    elif not settings.public_url.startswith("https://"):
        yield warning(
            f"MILEPOST_PUBLIC_URL is {settings.public_url}: without https no mail program offers its own unsubscribe "
            "button (RFC 8058), and links go over open lines.",
            "Put a server that speaks HTTPS before `milepost gateway`: see docs/howto/gateway.md.",
        )


def _mail_unheard(settings: Settings) -> Iterator[Finding]:
    if "://" in settings.email and not settings.bounce_address:
        yield warning(
            "Mail that cannot be delivered comes back to the brands' senders, and is not heard of here.",
            "Set MILEPOST_BOUNCE_ADDRESS: see docs/howto/smtp.md.",
        )


def _misspelt(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    names = [name.upper() for name in type(settings).model_fields]
    known = {*names, *(f"{name}_FILE" for name in names)}
    given = sorted(
        one.upper().removeprefix(_PREFIX) for one in environment if one.upper().startswith(_PREFIX)
    )
    for name in given:
        meant = nearest(name, known)
        if name not in known and meant is not None:
            yield warning(
                f"{_PREFIX}{name} is no setting, and does nothing.", f"Did you mean {_PREFIX}{meant}?"
            )
