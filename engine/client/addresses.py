"""Where brokers are."""

from collections.abc import Sequence

from engine.model.errors import UsageError

_DEFAULT_PORT = 9092


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
