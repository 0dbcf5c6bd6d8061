"""`/v1/files`: a dealer's spreadsheets and event files. Answered at once when the file is there for good; read by and
by, which can be followed.
"""

from enum import StrEnum
from pathlib import PurePath
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from engine.model.errors import MilepostError, ServiceUnavailable
from engine.model.keys import Scope
from engine.model.uploads import Upload, UploadStatus
from engine.web.problems import problem
from engine.web.v1.access import Caller, DealerRoute, needs, room_of
from engine.web.v1.schemas import Answered, problems

MOST_BYTES = 32 * 1024 * 1024
_MOST_NAME = 200
_MOST_MAPPING = 16 * 1024
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ENDS = {
    "text/csv": ".csv",
    _WORKBOOK: ".xlsx",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
}
_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".jsonl", ".ndjson"})

router = APIRouter(prefix="/v1", route_class=DealerRoute, tags=["files"])


class Holds(StrEnum):
    """What a file holds."""

    REGISTRATION = "registration"
    PROSPECTS = "prospects"
    EVENTS = "events"


class RowRefused(Answered):
    """A row that was refused. It is kept, to be mended and sent in again."""

    line: int = Field(description="the file's line, the first being 1", examples=[42])
    field: str = Field(description="the column, as the file names it", examples=["手机"])
    reason: str = Field(examples=["手机 is no valid mobile number"])
    rejection: str = Field(description="the id under which it is kept: `/v1/rejections/{id}`")


class FileTold(Answered):
    """A file and how far its reading is."""

    id: str
    name: str
    holds: Holds
    at: str = Field(description="when it came; RFC 3339")
    status: UploadStatus
    read: int = Field(description="rows read so far")
    accepted: int = Field(description="of them taken; with a broker, those that it has")
    duplicates: int
    rejected: int
    error: str | None = Field(description="why the file as a whole cannot be read")
    rejections: list[RowRefused] = Field(description="the first 1 000")
    annotated: str | None = Field(description="where the copy is whose faulty cells are marked")


class FileList(Answered):
    files: list[FileTold]
    next: str | None = Field(description="`before` for the next page; null on the last one")


_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY = {
    "required": True,
    "content": {
        "text/csv": _BINARY,
        _WORKBOOK: _BINARY,
        "application/x-ndjson": _BINARY,
        "application/octet-stream": _BINARY,
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}, "mapping": {"type": "string"}},
            }
        },
    },
}


@router.post(
    "/files",
    status_code=202,
    response_model=FileTold,
    responses=problems(408, 413, 415, 422),
    openapi_extra={"requestBody": _BODY},
    summary="Takes a file",
    operation_id="postFile",
)
async def post_file(
    request: Request,
    who: Annotated[Caller, needs(Scope.FILES_WRITE)],
    holds: Annotated[Holds, Query(alias="as", description="what the file holds")],
    name: Annotated[str, Query(max_length=_MOST_NAME, description="what the dealer calls it")] = "",
    mapping: Annotated[
        str, Query(max_length=_MOST_MAPPING, description="what the dealer's own columns mean (YAML)")
    ] = "",
) -> Response:
    """A spreadsheet (.csv, .xlsx) of registration cards or prospects, or a file of events (.jsonl), up to 32 MB.

    202 says that the file is there for good; `Location` tells where its reading can be followed. The same file again is
    the same upload, and changes nothing.
    """
    content, sent_name, sent_mapping = await _file_of(request)
    named = PurePath((name or sent_name).replace("\\", "/")).name[:_MOST_NAME]
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if PurePath(named).suffix.lower() not in _SUFFIXES:
        end = (
            ".jsonl"
            if holds is Holds.EVENTS
            else _ENDS.get(kind, ".xlsx" if content[:2] == b"PK" else ".csv")
        )
        named = f"{named or 'upload'}{end}"
    if not content:
        return problem(422, "The file is empty.", errors=[{"member": "", "detail": "is empty"}])
    room = room_of(request)
    try:
        upload = await room.do(
            room.gateway.uploading.bring, who.dealer, named, holds.value, mapping or sent_mapping, content
        )
    except ServiceUnavailable:
        raise
    except MilepostError as error:
        return problem(422, str(error), errors=[{"member": "mapping", "detail": str(error)}])
    return JSONResponse(_told(upload), 202, {"location": f"/v1/files/{upload.id}"})


@router.get("/files", response_model=FileList, responses=problems(422), operation_id="listFiles")
async def list_files(
    request: Request,
    who: Annotated[Caller, needs(Scope.FILES_WRITE)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    before: Annotated[str, Query(max_length=64, description="`next` of the page before")] = "",
) -> Response:
    """A dealer's files, the newest first."""
    room = room_of(request)
    found = await room.do(room.gateway.uploading.page, who.dealer, limit + 1, before)
    shown = found[:limit]
    following = shown[-1].id if len(found) > limit else None
    return JSONResponse({"files": [{**_told(one), "rejections": []} for one in shown], "next": following})


@router.get("/files/{upload}", response_model=FileTold, responses=problems(404), operation_id="getFile")
async def get_file(
    request: Request, who: Annotated[Caller, needs(Scope.FILES_WRITE)], upload: str
) -> Response:
    """How far the reading of a file is, and what was refused of it."""
    return JSONResponse(_told(await _own(request, who, upload)))


@router.get(
    "/files/{upload}/annotated",
    response_class=Response,
    responses={
        **problems(404, 409),
        200: {"description": "The marked copy.", "content": {_WORKBOOK: _BINARY}},
    },
    operation_id="getMarkedCopy",
)
async def get_marked_copy(
    request: Request, who: Annotated[Caller, needs(Scope.FILES_WRITE)], upload: str
) -> Response:
    """The file as a workbook with the faulty cells marked, to be mended and sent again. It is there for a month."""
    own = await _own(request, who, upload)
    if own.status is not UploadStatus.DONE:
        return problem(409, f"The file is {own.status}; its marked copy is there when it is done.")
    room = room_of(request)
    copy = await room.do(room.gateway.uploading.marked_copy, own)
    if copy is None:
        raise HTTPException(404, "There is no copy: it was a file of events, or is kept no more.")
    headers = {"content-disposition": f'attachment; filename="{own.id[:12]}-marked.xlsx"'}
    return Response(copy, 200, headers, media_type=_WORKBOOK)


async def _own(request: Request, who: Caller, upload: str) -> Upload:
    room = room_of(request)
    found: Upload | None = await room.do(room.gateway.uploading.one_of, who.dealer, upload)
    if found is None:
        raise HTTPException(404, "There is no such file.")
    return found


async def _file_of(request: Request) -> tuple[bytes, str, str]:
    """The file, what it is called, and the mapping that came with it."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await request.body(), "", ""
    async with request.form(max_files=1, max_fields=4, max_part_size=_MOST_MAPPING) as form:
        file, mapping = form.get("file"), form.get("mapping")
        if not isinstance(file, UploadFile):
            raise HTTPException(400, "The form has no file: its part is to be called `file`.")
        return await file.read(), file.filename or "", mapping if isinstance(mapping, str) else ""


def _told(one: Upload) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "holds": one.kind,
        "at": one.at.isoformat(),
        "status": one.status,
        "read": one.read,
        "accepted": one.accepted,
        "duplicates": one.duplicates,
        "rejected": one.rejected,
        "error": one.error or None,
        "rejections": msgspec.json.decode(one.refusals),
        "annotated": f"/v1/files/{one.id}/annotated"
        if one.rejected and one.status is UploadStatus.DONE and one.kind != Holds.EVENTS
        else None,
    }
