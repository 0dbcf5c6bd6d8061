"""A provider that takes the generic request, as docs/howto/sms.md asks for it."""

import hashlib
import hmac
import time
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiohttp import web

from tests.services.sms.control import Control, Told, as_json, cut, post, retry_after

TOKEN, SECRET = "a-token-of-the-gateway", "a-secret-of-the-gateway"


class Gateway(Control):
    def __init__(self) -> None:
        super().__init__()
        self.answered: dict[str, dict[str, Any]] = {}

    def forget(self) -> None:
        self.answered = {}

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/sms", self.send), web.options("/sms", self.look)]

    async def look(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=self._not_let_in(request, b"") or 204)

    async def send(self, request: web.Request) -> web.StreamResponse:
        self.asked(request)
        body = await request.read()
        if status := self._not_let_in(request, body):
            return web.Response(status=status)
        sms = msgspec.json.decode(body)
        fault = self.fault_for(sms["to"])
        if fault is not None:
            if fault.cut == "before":
                cut(request)
            if fault.status:
                return as_json({"code": fault.code, "to": sms["to"]}, fault.status, **retry_after(fault))
        if len(sms["to"]) < 9 or not sms["to"].startswith("+") or not sms["text"]:
            return as_json({"code": "bad-number", "to": sms["to"]}, 422)
        key = request.headers["Idempotency-Key"]
        if key not in self.answered:  # a second request of the same key is the first
            self.taken.append({**sms, "key": key})
            self.answered[key] = {"id": f"gw-{len(self.taken)}", "parts": sms["parts"]}
        await self.after(request, fault)
        return as_json(self.answered[key], 202)

    def _not_let_in(self, request: web.Request, body: bytes) -> int:
        timestamp = request.headers.get("X-Milepost-Timestamp", "")
        expected = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        signed = request.headers.get("X-Milepost-Signature") == f"sha256={expected}"
        recent = timestamp.isdecimal() and abs(time.time() - int(timestamp)) < 300
        token = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        return 0 if signed and recent and token else 401

    async def receipts(self, told: Told) -> list[int]:
        at = datetime.now(UTC).isoformat()
        notices = [
            {
                "id": f"{one['id']}/{told.status}",
                "message_id": one["id"],
                "status": told.status,
                "at": at,
                **told.more,
            }
            for one in self.taken
        ]
        return [await _post(told.url, notices)]

    async def answers(self, told: Told) -> list[int]:
        notice = {"id": f"{told.sender}/{told.text}", "from": told.sender, "text": told.text}
        return [await _post(told.url, notice)]


async def _post(url: str, notice: Any) -> int:
    body, timestamp = msgspec.json.encode(notice), str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Milepost-Timestamp": timestamp,
        "X-Milepost-Signature": f"sha256={digest}",
    }
    return await post(url, body, headers)
