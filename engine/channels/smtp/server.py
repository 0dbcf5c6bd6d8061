"""Which server mail is handed to, and how one is to speak with it."""

import ssl
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from engine.model.errors import UsageError

SCHEMES: Mapping[str, int] = {"smtp": 587, "smtps": 465}
"""With the ports of submission (RFC 6409, RFC 8314)."""
_SAID = "smtp://USER@HOST:587, or smtps://USER@HOST:465"


class Tls(StrEnum):
    """When the line is encrypted. `auto`: always, but for a server on this very machine."""

    AUTO = "auto"
    REQUIRED = "required"
    NEVER = "never"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`connections` at once; `messages` over one of them before it is made anew; seconds without work after which it
    is given up, and after which it is asked whether it still lives before it is used.

    `answer_s` is how long an answer may take. What RFC 5321 (section 4.5.3.2) grants another time than a command
    keeps its proportion to it, where a command has five minutes.
    """

    connections: int = 8
    messages: int = 500
    idle_s: float = 30.0
    doubt_s: float = 5.0
    answer_s: float = 60.0

    @property
    def start_s(self) -> float:
        """For the answer to DATA: two minutes."""
        return self.answer_s * 0.4

    @property
    def block_s(self) -> float:
        """For a block of the content to go out: three minutes."""
        return self.answer_s * 0.6

    @property
    def end_s(self) -> float:
        """For the answer to the content: ten minutes, as giving up too early leaves a message unsettled."""
        return self.answer_s * 2


LIMITS = Limits()


class Server(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """`implicit`: TLS from the first byte; else by STARTTLS. `name` is what this side calls itself; empty: its address
    (RFC 5321, section 4.1.3)."""

    host: str
    port: int
    implicit: bool = False
    tls: Tls = Tls.AUTO
    ca_file: Path | None = None
    user: str = ""
    password: str = ""
    name: str = ""
    limits: Limits = LIMITS

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port})"

    @property
    def encrypted(self) -> bool:
        if self.implicit:
            return True
        return not on_this_machine(self.host) if self.tls is Tls.AUTO else self.tls is Tls.REQUIRED

    @cached_property
    def context(self) -> ssl.SSLContext:
        """Certificates are checked, names too."""
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError):
            raise UsageError(
                f"{self.ca_file} is no file of certificates that can be read.",
                "Set MILEPOST_SMTP_CA_FILE to a PEM file, or leave it out.",
            ) from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def read_url(
    url: str,
    *,
    password: str = "",
    tls: Tls = Tls.AUTO,
    ca_file: Path | None = None,
    name: str = "",
    limits: Limits = LIMITS,
) -> Server:
    """The server of `MILEPOST_EMAIL`; `password` is used where the address has none. Raises `UsageError`, which
    repeats no password."""
    try:
        parts = urlsplit(url)
        port = parts.port or SCHEMES[parts.scheme]
    except (KeyError, ValueError):
        raise _wrong(f"It is none that can be read; it looks like {_SAID}.") from None
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise _wrong(f"It names no server, or more than one; it looks like {_SAID}.")
    server = Server(
        host=parts.hostname,
        port=port,
        implicit=parts.scheme == "smtps",
        tls=tls,
        ca_file=ca_file,
        user=_plain(parts.username),
        password=_plain(parts.password) or password,
        name=name,
        limits=limits,
    )
    _fits(server)
    return server


def _fits(server: Server) -> None:
    if bool(server.user) != bool(server.password):
        missing = "user" if server.password else "password"
        raise _wrong(
            f"There is no {missing}; set MILEPOST_SMTP_PASSWORD where {_SAID} names a user, only there."
        )
    if server.implicit and server.tls is Tls.NEVER:
        raise _wrong("smtps:// is TLS; leave out MILEPOST_SMTP_TLS=never, or say smtp://.")
    if server.user and not server.encrypted and not on_this_machine(server.host):
        raise _wrong("The password would go over an open line; leave out MILEPOST_SMTP_TLS=never.")


def on_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _plain(part: str | None) -> str:
    return unquote(part or "")


def _wrong(hint: str) -> UsageError:
    return UsageError("MILEPOST_EMAIL names no mail server that can be used.", hint)
