"""`/login`, `/logout` and what stands behind them: pages for a dealer's staff.

A page in the area begins with `staff = await desk.staff(request)`: who is logged in, with their dealer (None at
headquarters) and role. Whoever is not is led to the login, and back. A form in it carries `csrf`, as `desk.page` gives
it, and is taken in by `desk.posted`. What the browser shows is a cookie that scripts cannot read and that other sites'
pages do not send along.
"""

import hmac
import re
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.model.staff import SESSION_LASTS, Staff
from engine.web.forms import Form, form_of
from engine.web.room import Room
from engine.wiring.staffing import NotLoggedIn

_HEADERS = {"referrer-policy": "same-origin", "vary": "accept-language, cookie"}
_PLACE = re.compile(r"[a-z]+(?:/[\w-]+)*")
_FOREIGN = HTTPException(
    403, "A form of another page, or of a login that is over. Please go back and load it anew."
)


class LoginWanted(Exception):  # noqa: N818 - named for what is wanted
    """Nobody is logged in."""


class Desk:
    """The area behind the login. `pages` are those that it leads to: a path, and the name of the text it is called
    by."""

    def __init__(self, room: Room, public_url: str) -> None:
        self._room = room
        self._secure = public_url.startswith("https://")
        self._cookie = "__Host-milepost" if self._secure else "milepost"
        self._public_host = urlsplit(public_url).netloc
        self.pages: dict[str, str] = {}

    async def staff(self, request: Request) -> Staff:
        """Who is logged in. Raises `LoginWanted` where nobody is."""
        token = request.cookies.get(self._cookie)
        session = None if token is None else await self._room.do(self._room.gateway.staffing.session, token)
        if session is None:
            raise LoginWanted
        return session.staff

    async def posted(self, request: Request) -> tuple[Staff, Form]:
        """Who is logged in, and the form that they have sent. Refuses one that is not from a page of theirs."""
        staff, form = await self.staff(request), await form_of(request)
        self._refuse_foreign(request)
        if not hmac.compare_digest(form.one("csrf").encode("utf-8", "replace"), self._csrf(request).encode()):
            raise _FOREIGN
        return staff, form

    def page(
        self, request: Request, template: str, staff: Staff | None, /, status: int = 200, **values: Any
    ) -> Response:
        """A page of the area, in the language that the browser asks for."""
        known = self._room.gateway.project.program.dealers.get(staff.dealer or "") if staff else None
        here = {
            "staff": staff,
            "dealer": known.name if known else (staff.dealer if staff else None),
            "csrf": self._csrf(request) if staff else "",
            "base": self.base(request),
            "pages": self.pages,
            **values,
        }
        response = self._room.plain_page(request, template, status, here)
        response.headers.update(_HEADERS)
        return response

    def go(self, request: Request, place: str) -> RedirectResponse:
        """On to a page of the area (`reception/abc`), by GET."""
        return RedirectResponse(f"{self.base(request)}{place}", 303, headers=_HEADERS)

    def base(self, request: Request) -> str:
        """The way from the page to where all paths begin, wherever that is."""
        return "../" * (request.url.path.count("/") - 1) or "./"

    # Logging in and out

    def ask(self, request: Request, told: str = "", status: int = 200, name: str = "") -> Response:
        place = request.query_params.get("to", "")
        return self.page(request, "login.html", None, status=status, told=told, name=name, to=_ours(place))

    async def log_in(self, request: Request) -> Response:
        form = await form_of(request)
        self._refuse_foreign(request)
        name = form.one("name")[:200]
        address = request.client.host if request.client else ""
        token = await self._room.do(self._room.gateway.staffing.log_in, name, form.one("password"), address)
        if isinstance(token, NotLoggedIn):
            told, status = ("login.wrong", 401) if token is NotLoggedIn.WRONG else ("login.often", 429)
            return self.ask(request, told, status, name)
        response = self.go(request, _ours(request.query_params.get("to", "")) or self.first)
        response.set_cookie(
            self._cookie,
            token,
            max_age=int(SESSION_LASTS.total_seconds()),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )
        return response

    async def log_out(self, request: Request) -> Response:
        await self.posted(request)
        await self._room.do(self._room.gateway.staffing.log_out, request.cookies[self._cookie])
        response = self.go(request, "login")
        response.delete_cookie(self._cookie, path="/", secure=self._secure, httponly=True, samesite="strict")
        return response

    @property
    def first(self) -> str:
        return next(iter(self.pages), "home")

    def _csrf(self, request: Request) -> str:
        return sha256(
            b"form\x1f" + request.cookies.get(self._cookie, "").encode("utf-8", "replace")
        ).hexdigest()

    def _refuse_foreign(self, request: Request) -> None:
        """Raises 403 where the browser says that another site's page has sent this."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise _FOREIGN
        origin = request.headers.get("origin")
        hosts = (request.headers.get("host", ""), self._public_host)
        if origin is not None and urlsplit(origin).netloc not in hosts:
            raise _FOREIGN


def add(app: FastAPI, room: Room, public_url: str) -> Desk:
    desk = Desk(room, public_url)

    @app.get("/login")
    async def ask(request: Request) -> Response:
        return await room.do(desk.ask, request)

    @app.post("/login")
    async def log_in(request: Request) -> Response:
        return await desk.log_in(request)

    @app.post("/logout")
    async def log_out(request: Request) -> Response:
        return await desk.log_out(request)

    @app.get("/home")
    async def home(request: Request) -> Response:
        return desk.page(request, "home.html", await desk.staff(request))

    @app.exception_handler(LoginWanted)
    async def wanted(request: Request, _error: Exception) -> Response:
        place = _ours(request.url.path.strip("/")) if request.method == "GET" else ""
        return desk.go(request, f"login?to={quote(place)}" if place else "login")

    return desk


def _ours(place: str) -> str:
    """A path of the area, empty where it is none: whoever logs in is led nowhere else."""
    return place if _PLACE.fullmatch(place) and len(place) < 200 else ""
