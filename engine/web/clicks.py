"""`/c/<token>`: on to where a link of a message leads. That it was followed is told on the way, and nobody waits for
it."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.ports import Metrics
from engine.web.room import Room


def add(app: FastAPI, room: Room, metrics: Metrics) -> None:
    followed = metrics.counter("milepost_gateway_clicks_total", "Links that were followed", ("counted",))

    @app.api_route("/c/{token}", methods=["GET", "HEAD"])
    async def follow(request: Request, token: str) -> Response:
        click = room.gateway.links.click_of(token)
        if click is None:
            return await room.do(room.lost, request)
        if _is_followed(request):
            followed.add(counted="yes" if room.gateway.followed(click) else "lost")
        return RedirectResponse(click.target, 302)


def _is_followed(request: Request) -> bool:
    """Whether somebody is on the way there, and no program has a look beforehand that says so."""
    purpose = request.headers.get("sec-purpose", "") + request.headers.get("purpose", "")
    return request.method == "GET" and "prefetch" not in purpose.lower()
