"""Who asks: the key that a request shows, what it opens, whether it is signed.

A dealer shows `Authorization: Bearer mp_…`. Where the key is one that signs, each request carries
`X-Milepost-Signature: t=<unix seconds>,v1=<hex>` too, the HMAC-SHA256 of `<t>.<body>` by the key's signing secret, not
older than `MOST_AGE_S`.
"""

import hmac
import re
import time
from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import Annotated, Any, cast

import msgspec
from fastapi import Depends, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException

from engine.model.keys import DealerKey, Scope
from engine.web.room import Room
from engine.web.v1.limits import Limits

MOST_AGE_S = 300
"""How far from now the moment may lie at which a request was signed."""

SIGNATURE = "x-milepost-signature"
_SIGNED = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")
_BEARER = HTTPBearer(
    scheme_name="key",
    description="A dealer's key, `mp_…`, as `milepost keys create` prints it.",
    auto_error=False,
)


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Whose key it is: all that the request may see or change is this dealer's."""

    dealer: str
    key_id: str
    scopes: frozenset[Scope]


def room_of(request: Request) -> Room:
    return cast(Room, request.app.state.room)


def limits_of(request: Request) -> Limits:
    return cast(Limits, request.app.state.limits)


async def caller(request: Request, scope: Scope) -> Caller:
    """Raises `HTTPException`: 401 without an open key, 403 where it does not open this, 429 where it comes too often;
    `ServiceUnavailable` where the database cannot be asked. The body is read only where the key signs; Starlette keeps
    it, so that it may be read again."""
    room = room_of(request)
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not shown.strip():
        raise _unknown("A key is wanted, as Authorization: Bearer mp_….")
    key = await room.do(room.gateway.keys.opened_by, shown.strip())
    if key is None:
        raise _unknown("The key is none, or opens nothing any more. Ask the programme's operator for one.")
    if scope not in key.scopes:
        raise HTTPException(
            403,
            f"The key does not open this; it needs the scope {scope}.",
            {"www-authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
        )
    tell(request, limits_of(request).count("requests", key.id))
    if key.signing:
        await _check_signature(request, key)
    return Caller(dealer=key.dealer, key_id=key.id, scopes=key.scopes)


def needs(scope: Scope) -> Any:
    """The dependency of a route that is for keys of that scope."""

    async def known(request: Request, _shown: Annotated[Any, Security(_BEARER)] = None) -> Caller:
        return await caller(request, scope)

    return Depends(known)


def tell(request: Request, headers: dict[str, str]) -> None:
    """Puts headers on the answer."""
    told = getattr(request.state, "told", {})
    request.state.told = {**told, **headers}


class DealerRoute(APIRoute):
    """A route whose answers carry what was told on the way."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            response = await handler(request)
            response.headers.update(getattr(request.state, "told", {}))
            return response

        return answered


async def _check_signature(request: Request, key: DealerKey) -> None:
    given = _SIGNED.fullmatch(request.headers.get(SIGNATURE, "").replace(" ", ""))
    if given is None:
        raise _unknown("Requests with this key are signed: X-Milepost-Signature: t=<unix seconds>,v1=<hex>.")
    at, signature = given.groups()
    if abs(time.time() - int(at)) > MOST_AGE_S:
        raise _unknown(f"It was signed more than {MOST_AGE_S} s from now. Is the clock right?")
    signed = hmac.new(key.signing, at.encode() + b"." + await request.body(), sha256)
    if not hmac.compare_digest(signed.hexdigest(), signature):
        raise _unknown("The signature is not that of this body by this key.")


def _unknown(detail: str) -> HTTPException:
    return HTTPException(401, detail, {"www-authenticate": 'Bearer realm="milepost"'})
