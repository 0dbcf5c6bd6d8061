"""`/v1/rejections`: what of a dealer's was refused, why; mended, it is sent in again."""

from base64 import b64encode
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from engine.client.events import MOST_EVENT_BYTES
from engine.model.keys import Scope
from engine.ports import RejectionRow, RejectionStatus
from engine.web.problems import problem
from engine.web.v1.access import Caller, DealerRoute, needs, room_of
from engine.web.v1.schemas import Answered, problems

_LAST_NUMBER = (1 << 62) - 1

router = APIRouter(prefix="/v1", route_class=DealerRoute, tags=["rejections"])


class RejectionTold(Answered):
    """A refused input."""

    id: str
    status: RejectionStatus
    at: str = Field(description="when it was refused; RFC 3339")
    file: str = Field(description="the file that it came in; `gateway` for one that came by itself")
    line: int = Field(description="its line, from 1; 0 where there are none")
    field: str = Field(description="the member or the column at fault", examples=["data.customer.mobile"])
    reason: str


class RejectionWhole(RejectionTold):
    """The same with what was refused."""

    raw: str = Field(description="as it came: an event, or a row as JSON by its columns' names")
    encoding: str = Field(
        description="of `raw`: `utf-8`, or `base64` where it is no text", examples=["utf-8"]
    )


class RejectionList(Answered):
    rejections: list[RejectionTold]
    next: int | None = Field(description="`after` for the next page; null on the last one")


class Retried(Answered):
    id: str
    taken: bool


@router.get(
    "/rejections", response_model=RejectionList, responses=problems(422), operation_id="listRejections"
)
async def list_rejections(
    request: Request,
    who: Annotated[Caller, needs(Scope.REJECTIONS_READ)],
    status: Annotated[RejectionStatus, Query()] = RejectionStatus.OPEN,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[int, Query(ge=0, le=_LAST_NUMBER, description="`next` of the page before")] = 0,
) -> Response:
    """A dealer's refused inputs, in the order in which they came."""
    room = room_of(request)
    found = await room.do(room.gateway.rejections, who.dealer, status.value, limit + 1, after)
    shown = found[:limit]
    following = shown[-1].number if len(found) > limit else None
    return JSONResponse({"rejections": [_told(one.row) for one in shown], "next": following})


@router.get(
    "/rejections/{rejection}",
    response_model=RejectionWhole,
    responses=problems(404),
    operation_id="getRejection",
)
async def get_rejection(
    request: Request, who: Annotated[Caller, needs(Scope.REJECTIONS_READ)], rejection: str
) -> Response:
    """A refused input as it came, to be mended."""
    row = await _own(request, who, rejection)
    return JSONResponse({**_told(row), **_raw(row.raw)})


@router.post(
    "/rejections/{rejection}/retry",
    status_code=202,
    response_model=Retried,
    responses=problems(404, 408, 409, 413, 422),
    openapi_extra={
        "requestBody": {
            "required": False,
            "description": "the mended input: an event, or a row as `raw` has it; left out: as it came",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
    operation_id="retryRejection",
)
async def retry(
    request: Request, who: Annotated[Caller, needs(Scope.REJECTIONS_WRITE)], rejection: str
) -> Response:
    """Sends a refused input in again, mended or as it came. 202 says that it is there for good; it leaves the list of
    those that are open, with a broker as soon as a worker has taken it in."""
    row = await _own(request, who, rejection)
    if row.status != RejectionStatus.OPEN:
        return problem(409, f"It is {row.status}, and no more open.")
    mended = (await request.body()).strip()
    if len(mended) > MOST_EVENT_BYTES:
        raise HTTPException(413, f"It is longer than an event may be ({MOST_EVENT_BYTES} bytes).")
    room = room_of(request)
    still = await room.do(room.gateway.retry, who.dealer, row, mended or None)
    if still:
        errors = [{"member": one.field, "detail": one.reason} for one in still]
        return problem(422, "It is still not right, and stays in the list as it came.", errors=errors)
    return JSONResponse({"id": row.id, "taken": True}, 202)


async def _own(request: Request, who: Caller, rejection: str) -> RejectionRow:
    room = room_of(request)
    found: RejectionRow | None = await room.do(room.gateway.rejection, who.dealer, rejection)
    if found is None:
        raise HTTPException(404, "Nothing of that id was refused.")
    return found


def _raw(raw: bytes) -> dict[str, str]:
    try:
        return {"raw": raw.decode(), "encoding": "utf-8"}
    except UnicodeDecodeError:
        return {"raw": b64encode(raw).decode("ascii"), "encoding": "base64"}


def _told(row: RejectionRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": row.status,
        "at": row.at.isoformat(),
        "file": row.file,
        "line": row.line,
        "field": row.field,
        "reason": row.reason,
    }
