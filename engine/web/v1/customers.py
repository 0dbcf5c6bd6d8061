"""`/v1/customers`: a dealer's customer, by the car that has come in or the number that rings."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from engine.model.keys import Scope
from engine.web.problems import problem
from engine.web.v1.access import Caller, DealerRoute, needs, room_of
from engine.web.v1.schemas import Answered, problems

_MOST = 40

router = APIRouter(prefix="/v1", route_class=DealerRoute, tags=["customers"])


class CustomerTold(Answered):
    """What the dealer may see: what other dealers did is not in it, nor their readings."""

    customer: dict[str, Any]
    consents: dict[str, dict[str, bool]]
    vehicles: list[dict[str, Any]]
    purchases: list[dict[str, Any]]
    visits: list[dict[str, Any]]
    next: list[dict[str, Any]] | None


class CustomerList(Answered):
    customers: list[CustomerTold]


@router.get("/customers", response_model=CustomerList, responses=problems(422), operation_id="findCustomers")
async def find_customers(
    request: Request,
    who: Annotated[Caller, needs(Scope.CUSTOMERS_READ)],
    plate: Annotated[str, Query(max_length=_MOST, examples=["京A12345"])] = "",
    mobile: Annotated[str, Query(max_length=_MOST, examples=["13800000001"])] = "",
) -> Response:
    """The dealer's customers whom a number plate or a mobile number leads to: one of the two, whole."""
    given = [(kind, told) for kind, told in (("plate", plate), ("mobile", mobile)) if told.strip()]
    if len(given) != 1:
        member = "plate" if not given else "mobile"
        detail = "Ask by a plate or by a mobile number: one of the two."
        return problem(422, detail, errors=[{"member": member, "detail": detail}])
    [(kind, told)] = given
    room = room_of(request)
    found = await room.do(room.gateway.customers, who.dealer, kind, told)
    return JSONResponse({"customers": found})
