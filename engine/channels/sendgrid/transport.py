"""Connections to SendGrid: kept open, on an event loop of their own, which notices when one is closed."""

from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import msgspec
from yarl import URL

from engine.channels.background import Background
from engine.channels.sendgrid.settings import SendGridSettings

KEPT_OPEN_S = 10.0
"""For how long a connection may be idle. Shorter than servers allow, so that it is not they who close it in the moment
in which it is taken up again."""

_T = TypeVar("_T")


class NotReached(Exception):  # noqa: N818 - named for what is so
    """SendGrid has certainly seen nothing of the request."""


class NoAnswer(Exception):  # noqa: N818 - named for what is so
    """The request was begun, and nobody can tell what became of it."""


class HttpAnswer(msgspec.Struct, frozen=True):
    """Names of `headers` are in lower case. Of an answer that takes messages there may be no `body`."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Transport:
    """For any thread; the loop's thread begins with the first call."""

    def __init__(self, settings: SendGridSettings) -> None:
        self._settings = settings
        self._url = URL(settings.url.rstrip("/"))
        self._background = Background("sendgrid")
        self._session: aiohttp.ClientSession | None = None
        self._proxy = _proxy_for(settings.url)

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Does the work on the loop, and waits for it."""
        return self._background.run(work)

    def close(self) -> None:
        if self._background.running:
            self._background.run(self._end())
            self._background.close()

    async def request(self, method: str, path: str, data: bytes | None = None) -> HttpAnswer:
        """Raises `NotReached` or `NoAnswer`, whose texts say why and name no person."""
        if self._session is None:
            self._session = self._opened()
        body = None if data is None else _Body(data)
        try:
            async with self._session.request(
                method,
                self._url / path,
                data=body,
                proxy=self._proxy,
                allow_redirects=False,
            ) as answer:
                return await _read(answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            why = "it took too long" if isinstance(error, TimeoutError) else type(error).__name__
            raise (NoAnswer if body is not None and body.begun else NotReached)(why) from None

    def _opened(self) -> aiohttp.ClientSession:
        settings = self._settings
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=settings.connections, keepalive_timeout=KEPT_OPEN_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=settings.answer_s, sock_connect=settings.connect_s),
            headers={"Authorization": f"Bearer {settings.api_key}", "Content-Type": "application/json"},
            skip_auto_headers=("User-Agent", "Accept-Encoding"),
        )

    async def _end(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


class _Body(aiohttp.BytesPayload):
    """A body that knows whether anything of it has left. What has it not cannot have been taken."""

    begun = False

    async def write_with_length(
        self, writer: aiohttp.abc.AbstractStreamWriter, content_length: int | None
    ) -> None:
        self.begun = True
        await super().write_with_length(writer, content_length)


async def _read(answer: aiohttp.ClientResponse) -> HttpAnswer:
    """The status says it all of an answer that breaks off."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    try:
        return HttpAnswer(answer.status, headers, await answer.read())
    except (aiohttp.ClientError, TimeoutError, OSError):
        return HttpAnswer(answer.status, headers)


def _proxy_for(url: str) -> str | None:
    """As the environment has it (`HTTPS_PROXY`, `NO_PROXY`)."""
    parts = urlsplit(url)
    if not parts.hostname or proxy_bypass(parts.hostname):
        return None
    return getproxies().get(parts.scheme)
