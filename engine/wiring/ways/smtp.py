"""Emails to a mail server: MILEPOST_EMAIL=smtp://… or smtps://…"""

import socket

from engine.channels.rate import Rate
from engine.channels.smtp.channel import Smtp
from engine.channels.smtp.server import Limits, Server, read_url
from engine.channels.smtp.tokens import ReturnAddress, checked
from engine.model.errors import UsageError
from engine.model.policy import Policy
from engine.ports import Channel, Store
from engine.wiring.assembly import looked_into
from engine.wiring.settings import Settings

SECRET = "mail"  # noqa: S105 - the name of one
"""Of the store's keys the one that signs the addresses to which mail comes back."""


def channel(settings: Settings, policy: Policy) -> Channel:
    if settings.bounce_address:
        checked(settings.bounce_address)
    signer = None
    if settings.dkim_key_file is not None:
        from engine.channels.smtp.signing import Signer  # noqa: PLC0415 - dkimpy takes a fifth of a second

        if not settings.dkim_selector:
            raise UsageError(
                "MILEPOST_DKIM_KEY_FILE is set, but not MILEPOST_DKIM_SELECTOR.",
                "It is the name under which the public key is published: SELECTOR._domainkey.DOMAIN.",
            )
        signer = Signer(settings.dkim_key_file, settings.dkim_selector)
    return Smtp(
        server(settings),
        policy.zone,
        rate=Rate(settings.email_rate),
        signer=signer,
        returns=(lambda: returns(settings)) if settings.bounce_address else None,
    )


def server(settings: Settings) -> Server:
    """Raises `UsageError` where the settings name none that can be used."""
    return read_url(
        settings.email,
        password=settings.smtp_password.get_secret_value(),
        tls=settings.smtp_tls,
        ca_file=settings.smtp_ca_file,
        name=settings.smtp_name or _own_name(),
        limits=Limits(
            connections=settings.smtp_connections,
            messages=settings.smtp_connection_messages,
            idle_s=settings.smtp_idle_s,
            answer_s=settings.smtp_timeout_s,
        ),
    )


def returns(settings: Settings) -> ReturnAddress:
    """Signed with the store's key: whoever reads what came back has the same."""
    with looked_into(settings) as store:
        return returns_by(store, settings)


def returns_by(store: Store, settings: Settings) -> ReturnAddress:
    return ReturnAddress(settings.bounce_address, store.secret(SECRET))


def _own_name() -> str:
    """This machine's whole name, where it knows it; else it calls itself by its address. The network is not asked:
    where it does not answer, that takes long."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else ""
