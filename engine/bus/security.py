"""How to speak with the broker: one settings object, turned into what each client library wants."""

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from faust.auth import SASLCredentials, SSLCredentials
from faust.types.auth import CredentialsT

from engine.model.errors import UsageError


class Protocol(StrEnum):
    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def encrypted(self) -> bool:
        return self in (Protocol.SSL, Protocol.SASL_SSL)

    @property
    def asks_who(self) -> bool:
        return self in (Protocol.SASL_PLAINTEXT, Protocol.SASL_SSL)


class Mechanism(StrEnum):
    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


@dataclass(frozen=True, kw_only=True)
class Security:
    """`protocol` says what is done, and nothing is done that it does not say: a password never goes over an open line
    because a certificate was left out. `ca_file` (PEM) is who may vouch for the broker; without it, whom the system
    trusts. `cert_file` and `key_file` (PEM) are this side's own certificate, where the broker asks for one.

    Raises `UsageError` where members do not go together.
    """

    protocol: Protocol = Protocol.PLAINTEXT
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    mechanism: Mechanism = Mechanism.SCRAM_SHA_512
    username: str = ""
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        tls = [name for name in ("ca_file", "cert_file", "key_file") if getattr(self, name) is not None]
        if tls and not self.protocol.encrypted:
            raise UsageError(
                f"{', '.join(tls)} would do nothing: with {self.protocol} the line to the broker is open.",
                "Set the protocol to SSL or SASL_SSL, or leave them out.",
            )
        if self.key_file is not None and self.cert_file is None:
            raise UsageError("key_file is given without cert_file.", "Give both, or neither.")
        if self.protocol.asks_who and not (self.username and self.password):
            raise UsageError(f"{self.protocol} needs a username and a password.")
        if not self.protocol.asks_who and (self.username or self.password):
            raise UsageError(
                f"A username or password is given, but with {self.protocol} the broker does not ask who it is.",
                "Set the protocol to SASL_SSL (or SASL_PLAINTEXT, within a network that you trust), or leave them out.",
            )

    def ssl_context(self) -> ssl.SSLContext | None:
        """TLS that checks the broker's certificate and name; None where the protocol has none. A file that cannot be
        used raises `UsageError`."""
        if not self.protocol.encrypted:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"The file {self.ca_file} has no CA certificate: {_why(error)}.") from error
        if self.cert_file is not None:
            try:
                context.load_cert_chain(self.cert_file, self.key_file)
            except (OSError, ssl.SSLError) as error:
                files = " and ".join(str(one) for one in (self.cert_file, self.key_file) if one)
                raise UsageError(
                    f"{files} cannot be used as certificate and key: {_why(error)}."
                ) from error
        return context

    def faust_credentials(self) -> CredentialsT | None:
        """What Faust calls `broker_credentials`; None for an open line."""
        context = self.ssl_context()
        if self.protocol.asks_who:
            # Faust chooses SASL_SSL or SASL_PLAINTEXT by whether there is a context, and says nothing.
            return SASLCredentials(
                mechanism=self.mechanism.value,
                username=self.username,
                password=self.password,
                ssl_context=context,
            )
        return None if context is None else SSLCredentials(context)

    def kafka_python(self) -> dict[str, Any]:
        """Keyword arguments for kafka-python's clients."""
        arguments: dict[str, Any] = {"security_protocol": self.protocol.value}
        if self.protocol.encrypted:
            arguments["ssl_context"] = self.ssl_context()
        if self.protocol.asks_who:
            arguments["sasl_mechanism"] = self.mechanism.value
            arguments["sasl_plain_username"] = self.username
            arguments["sasl_plain_password"] = self.password
        return arguments


def _why(error: OSError) -> str:
    return error.strerror or getattr(error, "reason", None) or type(error).__name__
