"""Whether it lives, whether it is ready, its numbers. They say nothing about a person."""

import asyncio

from fastapi import FastAPI
from starlette.responses import PlainTextResponse, Response

from engine.bus.metrics import PrometheusMetrics
from engine.model.errors import MilepostError
from engine.web.room import Room

CHECK_S = 5.0
"""How long what it needs may take to answer."""


def add(app: FastAPI, room: Room, metrics: PrometheusMetrics) -> None:
    @app.get("/health/live")
    async def live() -> Response:
        return PlainTextResponse("alive\n")

    @app.get("/health/ready")
    async def ready() -> Response:
        try:
            await asyncio.wait_for(room.do(room.gateway.check), CHECK_S)
        except TimeoutError:
            return PlainTextResponse(f"what it needs does not answer within {CHECK_S:g} s\n", 503)
        except MilepostError as error:
            return PlainTextResponse(f"{error.message}\n", 503)
        return PlainTextResponse("ready\n")

    @app.get("/metrics")
    async def page() -> Response:
        return Response(metrics.page(), media_type=metrics.content_type)
