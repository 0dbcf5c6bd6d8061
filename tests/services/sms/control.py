"""What the servers share: faults, what was taken, and the routes by which tests ask for them."""

import asyncio
from typing import Any

import aiohttp
import msgspec
from aiohttp import web


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """In this order: where `cut` is `before`, breaks the connection; refuses with `status` and the provider's `code`;
    else takes the message, waits `after_s`, and where `cut` is `after`, breaks the connection. `times` is how often;
    with `to` only messages to that number. `unheard`: taken, but not found by those who ask for it afterwards."""

    status: int = 0
    code: str = ""
    retry_after: float | None = None
    cut: str = ""
    after_s: float = 0.0
    times: int = 1
    to: str = ""
    unheard: bool = False


class Told(msgspec.Struct):
    """What a provider tells: to `url`, which it knows as `known_as`; the members beyond it as the provider has them."""

    url: str
    status: str = "delivered"
    code: str = ""
    sender: str = msgspec.field(default="", name="from")
    text: str = ""
    known_as: str = ""
    more: dict[str, Any] = {}


class Control:
    """A provider's server: `taken` holds each message as a dictionary with at least `id`, `to`, `text`."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self.requests = 0
        self.connections: set[int] = set()

    def application(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post("/control/faults", self._add_faults),
                web.get("/control/taken", self._tell_taken),
                web.get("/control/counts", self._tell_counts),
                web.post("/control/reset", self._reset),
                web.post("/control/receipts", self._post_receipts),
                web.post("/control/answers", self._post_answers),
                *self.routes(),
            ]
        )
        return app

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    def forget(self) -> None:
        """What else is to be forgotten."""

    async def receipts(self, told: Told) -> list[int]:
        raise NotImplementedError

    async def answers(self, told: Told) -> list[int]:
        raise NotImplementedError

    def asked(self, request: web.Request) -> None:
        self.requests += 1
        self.connections.add(id(request.transport))

    def fault_for(self, to: str) -> Fault | None:
        for fault in self.faults:
            if not fault.to or fault.to == to:
                fault.times -= 1
                if not fault.times:
                    self.faults.remove(fault)
                return fault
        return None

    async def after(self, request: web.Request, fault: Fault | None) -> None:
        """What befalls the answer to a message that was taken."""
        if fault is None:
            return
        await asyncio.sleep(fault.after_s)
        if fault.cut == "after":
            cut(request)

    async def _add_faults(self, request: web.Request) -> web.Response:
        self.faults += msgspec.json.decode(await request.read(), type=list[Fault])
        return web.Response()

    async def _tell_taken(self, _request: web.Request) -> web.Response:
        return as_json(self.taken)

    async def _tell_counts(self, _request: web.Request) -> web.Response:
        return as_json({"requests": self.requests, "connections": len(self.connections)})

    async def _reset(self, _request: web.Request) -> web.Response:
        self.taken, self.faults, self.requests = [], [], 0
        self.connections = set()
        self.forget()
        return web.Response()

    async def _post_receipts(self, request: web.Request) -> web.Response:
        return as_json(await self.receipts(msgspec.json.decode(await request.read(), type=Told)))

    async def _post_answers(self, request: web.Request) -> web.Response:
        return as_json(await self.answers(msgspec.json.decode(await request.read(), type=Told)))


def cut(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.abort()
    raise ConnectionResetError


def as_json(value: Any, status: int = 200, **headers: str) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(value), status=status, content_type="application/json", headers=headers
    )


def retry_after(fault: Fault) -> dict[str, str]:
    return {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}


async def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        await answer.read()
        return answer.status
