"""`/v1/…`: what dealers' software reaches, by a key.

A file a resource, each with a `router = APIRouter(prefix="/v1", route_class=DealerRoute)`, which stands in `ROUTERS`
here. A route takes `Annotated[Caller, needs(Scope.…)]`, by which nobody comes in without a key of that scope; it reads
its body itself, after that: a body that FastAPI reads is read before anybody is asked for a key, and no signature could
be checked. `room_of(request)` gives the threads and the gateway. What goes wrong is raised as `HTTPException`, or
answered by `problem(…)`; `responses=problems(…)` tells the document which may be.
"""

from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.responses import JSONResponse, Response

from engine.web.room import Room
from engine.web.v1 import customers, events, files, rejections
from engine.web.v1.limits import Limits
from engine.web.v1.openapi import document

ROUTERS: tuple[APIRouter, ...] = (
    events.router,
    files.router,
    rejections.router,
    customers.router,
)


def add(app: FastAPI, room: Room) -> None:
    settings = room.gateway.settings
    app.state.room = room
    app.state.limits = Limits(settings.events_per_minute, settings.requests_per_minute)
    for router in ROUTERS:
        app.include_router(router)

    @app.get("/openapi.json")
    async def told() -> Response:
        return JSONResponse(openapi())


@cache
def openapi() -> dict[str, Any]:
    """The OpenAPI document of all of it."""
    return document(*ROUTERS)
