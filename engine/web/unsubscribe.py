"""`/u/<token>`: no more messages like this one.

Somebody who follows the link is asked, and stops by a button; a mail program that posts what RFC 8058 says stops at
once. Whoever posts the form again, or twice, or later, says the same thing again.
"""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from engine.decide import agreed
from engine.model.links import Page
from engine.runtime.wishes import Said
from engine.web.forms import form_of
from engine.web.room import Room, page_name
from engine.wiring.gateway import Opened


def add(app: FastAPI, room: Room) -> None:
    @app.api_route("/u/{token}", methods=["GET", "HEAD"])
    async def ask(request: Request, token: str) -> Response:
        opened = await room.do(room.gateway.open, Page.UNSUBSCRIBE, token)
        if opened is None:
            return await room.do(room.lost, request)
        return await room.do(_asked, room, opened)

    @app.post("/u/{token}")
    async def answer(request: Request, token: str) -> Response:
        form = await form_of(request)
        opened = await room.do(room.gateway.open, Page.UNSUBSCRIBE, token)
        if opened is None:
            return await room.do(room.lost, request)
        return await room.do(_answered, room, opened, form.one("action"), form.one("page"))


def _asked(room: Room, opened: Opened) -> Response:
    message, policy = opened.message, room.gateway.project.program.policy
    known = agreed(opened.customer, policy, message.channel or "", message.purpose)
    return _page(room, opened, "stop" if known else "stopped")


def _answered(room: Room, opened: Opened, action: str, page: str) -> Response:
    """All but the wish to undo it stops: a mail program's post has a form of its own, or none."""
    said = Said(opened.message, opened.customer, room.gateway.now(), page)
    undo = action == "undo"
    event = said.go_on() if undo else said.stop()
    room.gateway.take([event] if event is not None else [])
    return _page(room, opened, "resumed" if undo else "stopped")


def _page(room: Room, opened: Opened, state: str) -> Response:
    message, words = opened.message, room.words_for(opened)
    purpose = room.gateway.project.program.policy.purposes.get(message.purpose)
    return room.page(
        "unsubscribe.html",
        opened,
        words,
        state=state,
        channels=words.channels(message.channel or ""),
        topic=words.topic(message.purpose, purpose),
        preferences=room.link(Page.PREFERENCES, opened),
        page=page_name(),
    )
