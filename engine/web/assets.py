"""Styles: the frame of all pages, and each brand's own."""

from fastapi import FastAPI
from starlette.responses import FileResponse, PlainTextResponse, Response

from engine.web.looks import brand_of, css_of
from engine.web.room import ASSETS, Room

_FOR_A_DAY = {"cache-control": "public, max-age=86400"}
_FOR_A_WHILE = {"cache-control": "public, max-age=300"}


def add(app: FastAPI, room: Room) -> None:
    @app.get("/assets/page.css")
    async def frame() -> Response:
        return FileResponse(ASSETS / "page.css", media_type="text/css", headers=_FOR_A_DAY)

    @app.get("/assets/desk.css")
    async def desk() -> Response:
        return FileResponse(ASSETS / "desk.css", media_type="text/css", headers=_FOR_A_DAY)

    @app.get("/assets/brands/{brand}.css")
    async def of_brand(brand: str) -> Response:
        return Response(await room.do(_css, room, brand), media_type="text/css", headers=_FOR_A_WHILE)

    @app.get("/robots.txt")
    async def robots() -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n", headers=_FOR_A_DAY)


def _css(room: Room, brand: str) -> str:
    project = room.gateway.project
    return css_of(brand_of(project, brand), project.folder)
