"""Answers to programs that went wrong: problem details (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse, Response


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **members: Any) -> Response:
    """`detail` is for people, and says what to do where something can be done."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse({**told, **members}, status, headers, media_type="application/problem+json")
