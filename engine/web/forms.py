"""What a form says. Nothing of it is believed but by name: values are looked up, never written anywhere."""

import re

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

MOST_FIELDS = 500
_NAME = re.compile(r"\d{1,20}")


class Form:
    def __init__(self, data: FormData | None) -> None:
        self._data = data

    def one(self, name: str) -> str:
        """The value of a field, empty where there is none. `page` is a number, or nothing."""
        value = self._data.get(name) if self._data is not None else None
        if not isinstance(value, str):
            return ""
        return value if name != "page" or _NAME.fullmatch(value) else ""

    def all(self, name: str) -> frozenset[str]:
        values = self._data.getlist(name) if self._data is not None else ()
        return frozenset(one for one in values if isinstance(one, str))


async def form_of(request: Request) -> Form:
    """The form that was posted; an empty one where nothing was, or something else."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return Form(None)
    try:
        return Form(await request.form(max_files=0, max_fields=MOST_FIELDS))
    except HTTPException as error:
        if error.status_code in (408, 413):
            raise
        return Form(None)
