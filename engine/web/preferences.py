"""`/p/<token>`: what a customer wants to hear of, and how; all off at once; a pause.

A form tells what was shown and what is wanted: what differs becomes an event each. So two pages that are open at once
do not undo one another's choices, and a form that is posted twice says what it says once.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from engine.model.links import Page
from engine.runtime.wishes import Said, Wishes, wishes_of
from engine.web.forms import Form, form_of
from engine.web.room import Room, page_name
from engine.web.words import Words
from engine.wiring.gateway import Opened

Events = list[Mapping[str, Any]]


def add(app: FastAPI, room: Room) -> None:
    @app.api_route("/p/{token}", methods=["GET", "HEAD"])
    async def show(request: Request, token: str) -> Response:
        opened = await room.do(room.gateway.open, Page.PREFERENCES, token)
        if opened is None:
            return await room.do(room.lost, request)
        return await room.do(_shown, room, opened)

    @app.post("/p/{token}")
    async def choose(request: Request, token: str) -> Response:
        form = await form_of(request)
        opened = await room.do(room.gateway.open, Page.PREFERENCES, token)
        if opened is None:
            return await room.do(room.lost, request)
        return await room.do(_chosen, room, opened, form)


def _shown(room: Room, opened: Opened) -> Response:
    return _page(room, opened, _wishes(room, opened, room.gateway.now()), "")


def _wishes(room: Room, opened: Opened, now: datetime) -> Wishes:
    return wishes_of(room.gateway.project.program.policy, opened.customer, now)


def _chosen(room: Room, opened: Opened, form: Form) -> Response:
    """What is shown afterwards is what was asked for: with a broker it is known to the database a moment later."""
    now = room.gateway.now()
    said = Said(opened.message, opened.customer, now, form.one("page"))
    wishes, words = _wishes(room, opened, now), room.words_for(opened)
    events, wishes, told = _meant(room, said, wishes, form, words)
    room.gateway.take(events)
    return _page(room, opened, wishes, told)


def _meant(room: Room, said: Said, wishes: Wishes, form: Form, words: Words) -> tuple[Events, Wishes, str]:
    """What a form says, as events; what is wished then, and what is told of it."""
    action = form.one("action")
    if action == "pause":
        event, until = said.pause(room.gateway.project.program.policy)
        after = replace(wishes, paused_until=until)
        return [event], after, words.say("pause.begun", until=words.day(until))
    if action == "resume":
        return [said.end_pause()], replace(wishes, paused_until=None), words.say("pause.ended")
    if action == "none":
        return [*said.stop_all(wishes.topics)], _with(wishes, frozenset()), words.say("none.done")
    if action != "save":
        return [], wishes, ""
    known = frozenset(f"{channel}/{topic.name}" for topic in wishes.topics for channel in topic.channels)
    shown, wanted = form.all("shown") & known, form.all("want") & known
    events = [*said.choose(shown, wanted)]
    after = _with(wishes, (wishes.wanted - (shown - wanted)) | (wanted - shown))
    return events, after, words.say("preferences.saved" if events else "preferences.same")


def _with(wishes: Wishes, wanted: frozenset[str]) -> Wishes:
    topics = tuple(
        replace(topic, channels={channel: f"{channel}/{topic.name}" in wanted for channel in topic.channels})
        for topic in wishes.topics
    )
    return replace(wishes, topics=topics)


def _page(room: Room, opened: Opened, wishes: Wishes, told: str) -> Response:
    words = room.words_for(opened)
    return room.page("preferences.html", opened, words, wishes=wishes, told=told, page=page_name())
