"""Addresses in settings: which can be read, and what of them may be shown to anybody.

What cannot be read for certain is taken for a secret: a password with a `/`, `?` or `#` in it ends the server's name
for whoever reads the address loosely, and then is no password to them.
"""

import re
from typing import NamedTuple

_ADDRESS = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<login>[^\s/?#@\[\]\\]*@)?"
    r"(?P<host>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?P<port>:[0-9]{1,5})?(?P<rest>(?:[/?#][^\s@\\]*)?)",
    re.IGNORECASE | re.ASCII,
)
_MOST_PORT = 65535


class Address(NamedTuple):
    """`server` is `scheme://host:port` and no secret, unlike `login` and `rest`, its path and what follows."""

    scheme: str
    server: str
    login: str
    rest: str


def read(url: str) -> Address | None:
    """None where it cannot be read for certain."""
    found = _ADDRESS.fullmatch(url)
    if found is None or int((found["port"] or ":0")[1:]) > _MOST_PORT:
        return None
    server = f"{found['scheme']}://{found['host']}{found['port'] or ''}"
    return Address(found["scheme"].lower(), server, found["login"] or "", found["rest"])


def is_web_address(url: str) -> bool:
    """Whether customers could be led there: by HTTP or HTTPS, without a login, nothing after the path."""
    address = read(url)
    return (
        address is not None
        and address.scheme in ("http", "https")
        and not address.login
        and not {"?", "#"} & {*address.rest}
    )
