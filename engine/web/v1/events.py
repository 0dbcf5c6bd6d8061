"""`POST /v1/events`: what a dealer's software tells, as CloudEvents.

Answered by 202 when it is there for good: the broker has it on all its replicas, or the database has it. What is wrong
with an event is told at once; it is kept among the refused inputs all the same.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from engine.intake.http_modes import Brought, Unread, read_http
from engine.intake.parse.faults import Fault
from engine.model.keys import Scope
from engine.web.problems import problem
from engine.web.v1.access import Caller, DealerRoute, limits_of, needs, room_of, tell
from engine.web.v1.event_schemas import REQUEST_BODY
from engine.web.v1.schemas import Answered, FaultTold, problems
from engine.wiring.bringing import Refusal

MOST_EVENTS = 1000
"""How many a batch may hold."""

_STEP = re.compile(r"[^.\[\]]+")

router = APIRouter(prefix="/v1", route_class=DealerRoute, tags=["events"])


class EventRefused(Answered):
    """An event of a batch that was refused. It is kept, to be mended and sent in again."""

    index: int = Field(description="its place in the batch, from 0")
    id: str | None = Field(description="its `id`, where it has one")
    rejection: str = Field(description="the id under which it is kept: `/v1/rejections/{id}`")
    errors: list[FaultTold]


class EventsTaken(Answered):
    """What became of the events. `accepted` are there for good; those that were there before are among them."""

    read: int = Field(examples=[2])
    accepted: int = Field(examples=[2])
    rejected: int = Field(examples=[0])
    rejections: list[EventRefused]


@router.post(
    "/events",
    status_code=202,
    response_model=EventsTaken,
    response_description="The accepted events are there for good; those that were refused are kept.",
    responses=problems(408, 413, 415, 422),
    openapi_extra={"requestBody": REQUEST_BODY},
    summary="Takes events",
    operation_id="postEvents",
)
async def post_events(request: Request, who: Annotated[Caller, needs(Scope.EVENTS_WRITE)]) -> Response:
    """One event or a batch of up to 1 000, in structured, batched or binary mode of the CloudEvents HTTP binding.

    202 says that the accepted ones are there for good, and that the refused ones are kept. The same `source` and `id`
    again is accepted again and changes nothing: whoever is not sure that he was heard sends it once more. 422 says that
    none was accepted.
    """
    brought = read_http(request.headers.items(), await request.body())
    if isinstance(brought, Unread):
        return _unread(brought)
    count = len(brought.events)
    if count > MOST_EVENTS:
        raise HTTPException(413, f"A batch holds up to {MOST_EVENTS} events; this one holds {count}.")
    tell(request, limits_of(request).count("events", who.key_id, count))
    room = room_of(request)
    refusals = await room.do(room.gateway.bring, who.dealer, brought.events)
    if refusals and len(refusals) == count:
        return _none_taken(brought, refusals)
    told = {"read": count, "accepted": count - len(refusals), "rejected": len(refusals)}
    return JSONResponse({**told, "rejections": [_told(one) for one in refusals]}, 202)


def _unread(one: Unread) -> Response:
    errors = [{"member": one.member, "detail": one.detail}] if one.member else None
    headers = {"accept-post": "application/cloudevents+json, application/cloudevents-batch+json"}
    more = {"errors": errors} if errors else {}
    return problem(one.status, one.detail, headers if one.status == 415 else None, **more)


def _none_taken(brought: Brought, refusals: Sequence[Refusal]) -> Response:
    if not brought.batch:
        [only] = refusals
        return problem(
            422,
            "The event was refused, and is kept to be mended.",
            errors=_errors(only.faults, ()),
            rejection=only.kept_as,
        )
    errors = [one for refusal in refusals for one in _errors(refusal.faults, (str(refusal.index),))]
    return problem(
        422,
        "None of the events was accepted; they are kept to be mended.",
        errors=errors,
        rejections=[_told(one) for one in refusals],
    )


def _told(one: Refusal) -> dict[str, Any]:
    errors = _errors(one.faults, (str(one.index),))
    return {"index": one.index, "id": one.id, "rejection": one.kept_as, "errors": errors}


def _errors(faults: Sequence[Fault], before: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        {
            "member": one.field,
            "pointer": "#" + "".join(f"/{step}" for step in (*before, *_STEP.findall(one.field))),
            "detail": one.reason,
        }
        for one in faults
    ]
