"""The application: its routes, and what is answered where something goes wrong."""

import logging

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from engine.bus.metrics import PrometheusMetrics
from engine.model.errors import MilepostError, ServiceUnavailable
from engine.web import (
    assets,
    broadcasts,
    clicks,
    health,
    hooks,
    preferences,
    reception,
    staff,
    unsubscribe,
    v1,
)
from engine.web.guard import Guard
from engine.web.problems import problem
from engine.web.room import RETRY_AFTER_S, Room
from engine.wiring.gateway import Gateway

log = logging.getLogger(__name__)


def make_app(gateway: Gateway, public_url: str, operator_key: str = "") -> ASGIApp:
    """`operator_key` is what programs show that steer broadcasts; without it there are none."""
    room, metrics = Room(gateway), PrometheusMetrics()
    app = FastAPI(title="Milepost", docs_url=None, redoc_url=None, openapi_url=None)
    app.router.redirect_slashes = False
    unsubscribe.add(app, room)
    preferences.add(app, room)
    clicks.add(app, room, metrics)
    desk = staff.add(app, room, public_url)
    reception.add(app, room, desk)
    broadcasts.add(app, room, operator_key)
    v1.add(app, room)
    hooks.add(app, room, public_url, metrics)
    health.add(app, room, metrics)
    assets.add(app, room)
    _add_failures(app, room)
    return Guard(app, metrics, secure=public_url.startswith("https://"))


def _add_failures(app: FastAPI, room: Room) -> None:
    @app.exception_handler(HTTPException)
    async def wrong(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404 and _is_for_people(request):
            return await room.do(room.lost, request)
        headers = dict(error.headers) if error.headers else None
        return problem(error.status_code, error.detail, headers)

    @app.exception_handler(RequestValidationError)
    async def unfit(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        errors = [
            {"member": str(one["loc"][-1]), "detail": str(one["msg"])} for one in error.errors() if one["loc"]
        ]
        return problem(422, "What was asked for is not right.", errors=errors)

    @app.exception_handler(ClientDisconnect)
    async def gone(_request: Request, _error: Exception) -> Response:
        return problem(400, "It broke off.")  # nobody hears it

    @app.exception_handler(ServiceUnavailable)
    async def away(request: Request, error: Exception) -> Response:
        log.warning("not taken: %s", error)
        if request.method == "POST" and _is_for_people(request):
            return await room.do(room.later, request)
        return problem(
            503, "It cannot be taken at present. Please bring it again.", {"retry-after": RETRY_AFTER_S}
        )

    @app.exception_handler(MilepostError)
    async def ours(_request: Request, error: Exception) -> Response:
        log.error("a request failed", exc_info=error)
        return problem(500, "Something went wrong here.")

    @app.exception_handler(Exception)
    async def unforeseen(_request: Request, _error: Exception) -> Response:
        return problem(500, "Something went wrong here.")


def _is_for_people(request: Request) -> bool:
    """Whether a browser asks for a page. A mail program that posts wants none, and reads the status; neither does
    whatever asks for `/v1/…`."""
    if request.url.path.startswith("/v1/"):
        return False
    return "text/html" in request.headers.get("accept", "")
