"""Where brokers are, and whether one of them can be talked to at all."""

import socket
import ssl
from collections.abc import Sequence

from engine.client.security import Security
from engine.model.errors import ServiceUnavailable, UsageError

_DEFAULT_PORT = 9092
_PROBE_S = 3.0


def hosts_of(bootstrap: str) -> Sequence[tuple[str, int]]:
    """`host:port,host:port` as pairs. Raises `UsageError`."""
    hosts = []
    for one in filter(None, (part.strip() for part in bootstrap.split(","))):
        name, separator, port = one.rpartition(":")
        if not separator or one.endswith("]"):
            name, port = one, str(_DEFAULT_PORT)
        if not port.isascii() or not port.isdigit() or not name:
            raise UsageError(
                f"'{one}' is no broker's address.", "Write it as host:port; several with commas."
            )
        hosts.append((name.strip("[]"), int(port)))
    if not hosts:
        raise UsageError("No broker is named.", "Name one (host:port), or set MILEPOST_KAFKA_BOOTSTRAP.")
    return hosts


def reach(bootstrap: str, security: Security) -> None:
    """Returns when one of the brokers takes a connection, and raises `ServiceUnavailable` with the reason of each where
    none does: the client libraries only ever say that time ran out."""
    reasons = []
    context = security.ssl_context()
    for name, port in hosts_of(bootstrap):
        try:
            with socket.create_connection((name, port), _PROBE_S) as plain:
                if context is not None:
                    with context.wrap_socket(plain, server_hostname=name):
                        pass
                return
        except ssl.SSLCertVerificationError as error:
            reasons.append(f"{name}:{port}: its certificate is not trusted: {error.verify_message}")
        except ssl.SSLError as error:
            reasons.append(f"{name}:{port}: no TLS: {error.reason or error}")
        except OSError as error:
            reasons.append(f"{name}:{port}: {error.strerror or error}")
    raise ServiceUnavailable(
        f"No broker can be reached ({'; '.join(reasons)}).",
        "See MILEPOST_KAFKA_BOOTSTRAP, the network, and whether the broker is up.",
    )
