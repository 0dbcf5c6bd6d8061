"""The routes."""

import asyncio
import time
from typing import Any

import msgspec
from aiohttp import web

from tests.services.sendgrid import KEY
from tests.services.sendgrid.checks import MOST_BODY_BYTES, fault, faults
from tests.services.sendgrid.faults import Fault, Faults, place_of
from tests.services.sendgrid.taken import SHAPE, Taken
from tests.services.sendgrid.webhooks import Order, Signer, post

LIMIT = 600
"""What the headers of the rate say may be asked in a minute."""


class App:
    def __init__(
        self, *, key: str = KEY, fast: bool = False, scopes: tuple[str, ...] = ("mail.send",)
    ) -> None:
        self.key = key
        self.scopes = scopes
        self.faults = Faults()
        self.taken = Taken(keep=not fast)
        self.signer = Signer()
        self.connections: set[int] = set()
        self.resets = 0

    def application(self) -> web.Application:
        app = web.Application(client_max_size=2 * MOST_BODY_BYTES)
        app.add_routes(
            [
                web.post("/v3/mail/send", self.send),
                web.get("/v3/scopes", self.tell_scopes),
                web.post("/control/faults", self.add_faults),
                web.post("/control/reset", self.reset),
                web.get("/control/taken", self.tell_taken),
                web.get("/control/counts", self.tell_counts),
                web.get("/control/requests", self.tell_requests),
                web.get("/control/key", self.tell_key),
                web.post("/control/webhooks", self.post_webhooks),
            ]
        )
        return app

    # SendGrid's

    async def send(self, request: web.Request) -> web.StreamResponse:
        self.taken.asked += 1
        self.connections.add(id(request.transport))
        raw = await request.read()
        if refused := self._refused(request, raw):
            return refused
        try:
            if not self.taken.keep and not self.faults.waiting:
                return _accepted(self.taken.take(SHAPE.decode(raw)))
            body = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _errors(400, fault("Bad Request"))
        befalls = self.faults.next(body)
        if befalls is None:
            return self._take(body)
        return await self._befall(befalls, request, body)

    def _refused(self, request: web.Request, raw: bytes) -> web.Response | None:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return _errors(401, fault("The provided authorization grant is invalid, expired, or revoked"))
        if "mail.send" not in self.scopes:
            return _errors(403, fault("access forbidden"))
        if request.content_type != "application/json":
            return _errors(415, fault("Content-Type should be application/json."))
        if len(raw) > MOST_BODY_BYTES:
            return _errors(413, fault("content too large"))
        return None

    def _take(self, body: Any) -> web.Response:
        if wrong := faults(body):
            return _errors(400, *wrong)
        if body.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
            self.taken.sandboxed += len(body["personalizations"])
            return web.Response(status=200)
        return _accepted(self.taken.take(body))

    async def _befall(self, befalls: Fault, request: web.Request, body: Any) -> web.StreamResponse:
        resets = self.resets
        await asyncio.sleep(befalls.before_s)
        if befalls.cut == "before" or resets != self.resets:  # what a former test left is none of this one's
            return _cut(request)
        if befalls.status and not befalls.took:
            return _refusal(befalls, body)
        answer = self._take(body)
        await asyncio.sleep(befalls.after_s)
        if befalls.cut == "after":
            return _cut(request)
        return _refusal(befalls, body) if befalls.status else answer

    async def tell_scopes(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return _errors(401, fault("authorization required"))
        befalls = self.faults.next(None)
        if befalls is not None and befalls.status:
            return _refusal(befalls, None)
        return web.json_response({"scopes": list(self.scopes)})

    # For tests

    async def add_faults(self, request: web.Request) -> web.Response:
        self.faults.add(await request.read())
        return web.Response(status=204)

    async def reset(self, _request: web.Request) -> web.Response:
        self.resets += 1
        self.faults.waiting.clear()
        self.taken.forget()
        self.connections.clear()
        return web.Response(status=204)

    async def tell_taken(self, _request: web.Request) -> web.Response:
        return _json(self.taken.mails())

    async def tell_requests(self, _request: web.Request) -> web.Response:
        return _json([body for _, _, body in self.taken.requests])

    async def tell_counts(self, _request: web.Request) -> web.Response:
        taken = self.taken
        return _json(
            {
                "requests": taken.asked,
                "accepted": taken.accepted,
                "taken": taken.count,
                "sandboxed": taken.sandboxed,
                "connections": len(self.connections),
                "ids": len(set(taken.ids)),
            }
        )

    async def tell_key(self, _request: web.Request) -> web.Response:
        return web.Response(text=self.signer.public)

    async def post_webhooks(self, request: web.Request) -> web.Response:
        order = msgspec.json.decode(await request.read(), type=Order)
        return _json(await post(order, self.taken.mails(), self.signer))


def _accepted(name: str) -> web.Response:
    return web.Response(status=202, headers={"X-Message-Id": name})


def _errors(status: int, *errors: dict[str, Any], headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status,
        body=msgspec.json.encode({"errors": errors}),
        content_type="application/json",
        headers=headers,
    )


def _refusal(befalls: Fault, body: Any) -> web.Response:
    headers = {}
    if befalls.status == 429:
        headers = {
            "X-RateLimit-Limit": str(LIMIT),
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(int(time.time() + (befalls.reset_s or 60))),
        }
    if befalls.retry_after is not None:
        headers["Retry-After"] = f"{befalls.retry_after:g}"
    if befalls.body is not None:
        return web.json_response(befalls.body, status=befalls.status, headers=headers)
    if befalls.status >= 500:
        return web.Response(status=befalls.status, text="<html>trouble</html>", headers=headers)
    place = place_of(befalls.address, body) if befalls.address and not befalls.vague else None
    texts = {429: "too many requests", 401: "authorization required", 403: "access forbidden"}
    return _errors(
        befalls.status,
        fault(texts.get(befalls.status, "Does not contain a valid address."), place),
        headers=headers,
    )


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _json(value: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")
