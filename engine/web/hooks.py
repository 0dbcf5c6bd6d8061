"""`POST /hooks/<way>`: what providers tell of messages. Answered by 2xx when it is kept for good, so that they post
what was not kept once more."""

import logging

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from engine.channels.hooks import Call, Heard, Refused
from engine.ports import Metrics
from engine.web.problems import problem
from engine.web.room import Room

log = logging.getLogger(__name__)


def add(app: FastAPI, room: Room, public_url: str, metrics: Metrics) -> None:
    """`public_url` is how providers reach us: some sign the address too."""
    heard = metrics.counter(
        "milepost_gateway_hook_events_total", "Events that providers have told", ("way", "type")
    )
    ignored = metrics.counter("milepost_gateway_hook_ignored_total", "Notices that say nothing", ("way",))
    refused = metrics.counter("milepost_gateway_hook_refused_total", "Posts that were refused", ("way",))
    base = public_url.rstrip("/")

    @app.post("/hooks/{way}")
    async def hook(request: Request, way: str) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        call = Call(
            url=f"{base}/hooks/{way}{query}", headers=dict(request.headers), body=await request.body()
        )
        said = await room.do(room.gateway.hear, way, call)
        if isinstance(said, Heard):
            for event in said.events:
                heard.add(way=way, type=str(event["type"]))
            if said.ignored:
                ignored.add(sum(said.ignored.values()), way=way)
            return Response(said.answer, media_type=said.media_type)
        if isinstance(said, Refused):
            refused.add(way=way)
            log.warning("a post was refused", extra={"way": way, "reason": said.reason})
            return problem(said.status, said.reason[:1].upper() + said.reason[1:] + ".")
        return problem(404, "No provider posts here.")
