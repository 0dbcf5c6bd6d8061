"""What `/v1/…` answers, as the OpenAPI document tells it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Answered(BaseModel):
    """Members may be added; none is taken away."""

    model_config = ConfigDict(extra="allow")


class FaultTold(Answered):
    """One thing that is wrong."""

    member: str = Field(
        description="the member, such as `data.tyres[0].quantity`; empty for the whole",
        examples=["data.tyres[0].quantity"],
    )
    pointer: str | None = Field(
        default=None,
        description="where it is in the body, as a JSON pointer",
        examples=["#/data/tyres/0/quantity"],
    )
    detail: str = Field(description="what is wrong", examples=["must be a whole number"])


class Problem(Answered):
    """Problem details (RFC 9457)."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(
        description="for people", examples=["The event was refused, and is kept to be mended."]
    )
    errors: list[FaultTold] | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer so; those that any route with a key may give are among them."""
    told = {one: _PROBLEMS[one] for one in sorted({*_OF_ALL, *statuses})}
    return {
        status: {
            "description": about,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        | ({"headers": {"Retry-After": _RETRY_AFTER}} if status in (429, 503) else {})
        for status, about in told.items()
    }


_OF_ALL = (400, 401, 403, 429, 500, 503)
_RETRY_AFTER = {"description": "seconds to wait", "schema": {"type": "string", "pattern": "^[0-9]+$"}}
_PROBLEMS = {
    400: "What was sent cannot be read.",
    401: "No key, none that opens anything, or a signature that is wanted and is not right.",
    403: "The key does not open this.",
    404: "There is none, or it is another dealer's.",
    408: "The body took too long to come.",
    409: "It is not in the state for this.",
    413: "It is larger than is taken.",
    415: "Its type is none that is taken.",
    422: "It can be read, and is wrong: `errors` says where and why.",
    429: "Too much within a minute; bring it again later.",
    500: "Our fault.",
    503: "It cannot be taken at present; bring it again.",
}
