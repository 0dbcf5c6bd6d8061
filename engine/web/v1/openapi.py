"""The OpenAPI document of `/v1/…`: what the gateway serves as `/openapi.json`, and `docs/reference/openapi.json`."""

from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi

from engine import __version__
from engine.web.v1.event_schemas import event_components
from engine.web.v1.schemas import FaultTold, Problem

_ABOUT = """\
What dealers' software tells Milepost, and asks it. Every request shows a key (`Authorization: Bearer mp_…`), which is
one dealer's: it sees and changes what is this dealer's own. Where the key is one that signs, a request carries
`X-Milepost-Signature: t=<unix seconds>,v1=<hex>` too: HMAC-SHA256 of `<t>.<body>` by the key's signing secret, not
more than five minutes from now. What goes wrong is told as problem details (RFC 9457).

2xx is a promise: what was taken is there for good. Whoever gets none, or a 5xx, sends it again: it counts once. How a
dealer connects: docs/howto/dealers-http.md.
"""


def document(*routers: APIRouter) -> dict[str, Any]:
    told = get_openapi(
        title="Milepost for dealers",
        version=__version__,
        description=_ABOUT,
        routes=[route for router in routers for route in router.routes],
        servers=[{"url": "/"}],
    )
    schemas = told["components"].setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for model in (Problem, FaultTold):
        own = model.model_json_schema(ref_template="#/components/schemas/{model}")
        own.pop("$defs", None)
        schemas[model.__name__] = own
    schemas.update(event_components())
    told["components"]["schemas"] = dict(sorted(schemas.items()))
    return told
