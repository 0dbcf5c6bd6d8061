"""HTTP requests that say, where no answer comes, whether they may have arrived.

Connections are kept open and shared by threads. Nothing is tried again here, and no redirection is followed: a request
that sends an SMS is made once.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec
import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
)

CONNECT_S = 5.0
ANSWER_S = 20.0
"""How long a provider may take to answer. Longer than its own limits, so that an answer is seldom missed."""

_NEVER_SENT = (NewConnectionError, ConnectTimeoutError, NameResolutionError, ProxyError, LocationParseError)


class NotReached(Exception):  # noqa: N818 - named for what is so
    """The request was certainly not sent."""


class NoAnswer(Exception):  # noqa: N818 - named for what is so
    """The request may have arrived."""


class HttpAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """Requests to one server. `connections` is how many are kept open."""

    def __init__(
        self, url: str, connections: int, *, connect_s: float = CONNECT_S, answer_s: float = ANSWER_S
    ) -> None:
        self._timeout = urllib3.Timeout(connect=connect_s, read=answer_s)
        self._pools = _pools(url, connections)

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None
    ) -> HttpAnswer:
        """Raises `NotReached` or `NoAnswer`, whose texts name no address beyond the server's."""
        try:
            answer = self._pools.request(
                method,
                url,
                body=body,
                headers=dict(headers),
                timeout=self._timeout,
                retries=False,
                redirect=False,
            )
        except _NEVER_SENT as error:
            raise NotReached(_kind(error)) from None
        except HTTPError as error:
            raise NoAnswer(_kind(error)) from None
        return HttpAnswer(
            status=answer.status,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=answer.data,
        )

    def close(self) -> None:
        self._pools.clear()


def _pools(url: str, connections: int) -> urllib3.PoolManager:
    """By the proxy that the environment names, where it does."""
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, num_pools=2, maxsize=connections)
    return urllib3.PoolManager(num_pools=2, maxsize=connections)


def _kind(error: Exception) -> str:
    """What happened, without the address, in which a number may stand."""
    return type(error).__name__.removesuffix("Error")
