"""What messages go over: personal data and keys go over no open line, except within this machine."""

from urllib.parse import urlsplit

from engine.channels.smtp.server import on_this_machine


def is_guarded(url: str) -> bool:
    """Whether it is an address by HTTPS, or by HTTP on this very machine."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and on_this_machine(host or ""))
    )
