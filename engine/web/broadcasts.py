"""`/v1/broadcasts/<journey>`: how far a broadcast is; to pause, resume and stop it. For programs, which show a key."""

import hmac

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from engine.model.errors import UsageError
from engine.web.problems import problem
from engine.web.room import Room
from engine.wiring.broadcasting import Action


def add(app: FastAPI, room: Room, key: str) -> None:
    """Without a `key` there is nothing of this."""
    if not key:
        return

    @app.get("/v1/broadcasts/{journey}")
    async def show(request: Request, journey: str) -> Response:
        return await _answered(request, journey, None)

    @app.post("/v1/broadcasts/{journey}/{action}")
    async def act(request: Request, journey: str, action: str) -> Response:
        if action not in set(Action):
            return problem(404, f"There are {', '.join(Action)}.")
        return await _answered(request, journey, Action(action))

    async def _answered(request: Request, journey: str, action: Action | None) -> Response:
        if not _shows(request, key):
            return problem(401, "The operator's key is wanted.", {"www-authenticate": "Bearer"})
        try:
            return JSONResponse(await room.do(room.gateway.broadcast, journey, action))
        except UsageError as error:
            return problem(404, error.message)


def _shows(request: Request, key: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    is_right = hmac.compare_digest(given.strip().encode("utf-8", "replace"), key.encode())
    return is_right and scheme.lower() == "bearer"
