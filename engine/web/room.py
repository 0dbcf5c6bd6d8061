"""What routes work with: threads for what waits, and pages in a brand's look."""

import asyncio
import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from engine.model.links import Page
from engine.web.looks import brand_of, look_of
from engine.web.words import CHINESE, ENGLISH, Words
from engine.wiring.gateway import Gateway, Opened

THREADS = 8
"""How many requests work with the database at once; as many connections are opened to it at most."""

ASSETS = Path(__file__).parent / "assets"
_TEMPLATES = Path(__file__).parent / "templates"
_HTML_HEADERS = {"vary": "accept-language"}

T = TypeVar("T")


class Room:
    """`gateway`, and a thread at a time for what it does."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._threads = ThreadPoolExecutor(THREADS, "request")
        self._pages = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def do(self, work: Callable[..., T], *args: Any) -> T:
        """Does it in a thread: databases and brokers make one wait."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    # Pages

    def words_for(self, opened: Opened) -> Words:
        policy = self.gateway.project.program.policy
        return Words(opened.message.locale or policy.locale, policy.zone)

    def page(self, name: str, opened: Opened, words: Words, **values: Any) -> Response:
        """A page about a message, in the look of its brand."""
        return self._page(name, opened.message.brand, words, 200, values)

    def lost(self, request: Request, status: int = 404) -> Response:
        """The page of whoever has come by a link that is none. It does not tell why."""
        return self._plain("lost", request, status)

    def later(self, request: Request) -> Response:
        response = self._plain("later", request, 503)
        response.headers["retry-after"] = RETRY_AFTER_S
        return response

    def _plain(self, name: str, request: Request, status: int) -> Response:
        return self.plain_page(request, "notice.html", status, {"name": name})

    def words_asked_for(self, request: Request) -> Words:
        """In the language that the browser asks for, else in the policy's."""
        policy = self.gateway.project.program.policy
        return Words(_asked_for(request) or policy.locale, policy.zone)

    def plain_page(self, request: Request, name: str, status: int, values: dict[str, Any]) -> Response:
        """A page that is about no message, in the look of the policy's brand."""
        brand = self.gateway.project.program.policy.brand
        response = self._page(name, brand, self.words_asked_for(request), status, values)
        response.headers.update(_HTML_HEADERS)
        return response

    def _page(self, name: str, brand: str, words: Words, status: int, values: dict[str, Any]) -> Response:
        project = self.gateway.project
        look = look_of(brand_of(project, brand), words.locale)
        style = _version(ASSETS / "page.css") + _version(ASSETS / "desk.css")
        stamp = {"deployment": project.program.deployment}
        html = self._pages.get_template(name).render(
            look=look, words=words, say=words.say, style=style, **stamp, **values
        )
        return HTMLResponse(html, status)

    def link(self, page: Page, opened: Opened) -> str:
        """To another page about the same message, from `/u/…` as from `/p/…`, wherever they are found."""
        return f"../{page}/{self.gateway.links.token(page, opened.message.id)}"


RETRY_AFTER_S = "10"


def page_name() -> str:
    """What tells this page from the same one shown at another time."""
    return str(time.time_ns() // 1000)


def _asked_for(request: Request) -> str:
    """The language that the browser names first, if it is one of ours."""
    first = request.headers.get("accept-language", "").partition(",")[0].strip().lower()
    return CHINESE if first.startswith("zh") else ENGLISH if first.startswith("en") else ""


@lru_cache(maxsize=8)
def _version(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
