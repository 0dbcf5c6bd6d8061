"""`/v1/…`: what dealers' software reaches, by a key.

A file a resource, each with a `router = APIRouter(prefix="/v1", route_class=DealerRoute)`, which stands in `ROUTERS`
here. A route takes `Annotated[Caller, needs(Scope.…)]`, by which nobody comes in without a key of that scope; it reads
its body itself, after that: a body that FastAPI reads is read before anybody is asked for a key, and no signature could
be checked. `room_of(request)` gives the threads and the gateway. What goes wrong is raised as `HTTPException`, or
answered by `problem(…)`.
"""

from fastapi import APIRouter, FastAPI

from engine.web.room import Room
from engine.web.v1.limits import Limits

ROUTERS: tuple[APIRouter, ...] = ()


def add(app: FastAPI, room: Room) -> None:
    settings = room.gateway.settings
    app.state.room = room
    app.state.limits = Limits(settings.events_per_minute, settings.requests_per_minute)
    for router in ROUTERS:
        app.include_router(router)
