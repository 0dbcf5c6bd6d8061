"""What stands around every request: limits of size and time, headers, a line in the log, numbers.

One layer for all, so that none of it can be forgotten for a route.
"""

import asyncio
import logging
import time
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.ports import Metrics

log = logging.getLogger(__name__)

BODY_S = 15.0
"""How long a body may take to come."""

SLOWER_S = {"/v1/files": 300.0}
"""The same where paths begin so: a spreadsheet by a slow line."""

PAGE_BYTES = 64 * 1024
LARGER_BYTES = {
    "/hooks/": 8 * 1024 * 1024,  # a provider posts a thousand receipts at once
    "/v1/events": 2 * 1024 * 1024,  # and a dealer a thousand events
    "/v1/files": 33 * 1024 * 1024,  # or a spreadsheet of 32 MB
    "/v1/rejections": 2 * 1024 * 1024,  # or an event that was mended
}
"""How large a body may be where paths begin so."""

_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",  # the address of a page is all one needs to use it
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "interest-cohort=(), camera=(), microphone=(), geolocation=()",
    "x-robots-tag": "noindex, nofollow",
}
_HEADERS_BY_TLS = {"strict-transport-security": "max-age=31536000"}


_TOO_LARGE = HTTPException(413, "It is larger than is taken here.")


class Guard:
    """`secure`: whether customers come by https."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, secure: bool) -> None:
        self._app = app
        self._requests = metrics.counter(
            "milepost_gateway_requests_total", "Requests answered", ("route", "method", "status")
        )
        self._seconds = metrics.histogram(
            "milepost_gateway_request_seconds", "From a request to its answer", ("route",)
        )
        said = {**_HEADERS, **(_HEADERS_BY_TLS if secure else {})}
        self._headers = [(name.encode(), value.encode()) for name, value in said.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = {name for name, _ in message["headers"]}
                more = [one for one in self._headers if one[0] not in own]
                if b"cache-control" not in own:
                    more.append((b"cache-control", b"no-store"))
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        try:
            await self._app(scope, _Limited(scope, receive), answer)
        finally:
            self._tell(scope, status, time.perf_counter() - started)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route_of(scope)
        method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST") else "other"
        self._requests.add(route=route, method=method, status=str(status))
        self._seconds.observe(seconds, route=route)
        if not route.startswith(("/health", "/metrics")):
            told = {"route": route, "method": method, "status": status, "ms": round(seconds * 1000, 1)}
            log.info("answered", extra=told)


def _route_of(scope: Scope) -> str:
    """The path as the code has it: `/u/{token}`."""
    return str(getattr(scope.get("route"), "path", "(none)"))


class _Limited:
    """What is received, as long as it is neither too large nor too slow."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._left = next(
            (most for begins, most in LARGER_BYTES.items() if scope["path"].startswith(begins)), PAGE_BYTES
        )
        self._give_up_at = time.monotonic() + next(
            (most for begins, most in SLOWER_S.items() if scope["path"].startswith(begins)), BODY_S
        )
        self._whole = False
        told = dict(scope["headers"]).get(b"content-length", b"0")
        self._told_bytes = int(told) if told.isdigit() else 0

    async def __call__(self) -> Any:
        if self._whole:
            return await self._receive()  # waits for the client to go
        if self._told_bytes > self._left:
            raise _TOO_LARGE
        try:
            message = await asyncio.wait_for(self._receive(), max(self._give_up_at - time.monotonic(), 0.01))
        except TimeoutError:
            raise HTTPException(408, "It took too long to come.") from None
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._left < 0:
                raise _TOO_LARGE
        return message
