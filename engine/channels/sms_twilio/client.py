"""The `twilio` library, over connections of our own: kept open, with time-outs, and shared by threads."""

import json
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlencode

from twilio.http.response import Response
from twilio.rest import Client
from urllib3.util import make_headers

from engine.channels.backoff import retry_after_s
from engine.channels.sms.http import Http, HttpAnswer
from engine.channels.sms_twilio.refusals import Refusal

URL = "https://api.twilio.com"


class RefusedByTwilio(Exception):  # noqa: N818 - named for what is so
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"HTTP {refusal.status}, code {refusal.code}")
        self.refusal = refusal


class OurHttp:
    """What the library asks of an HTTP client. Unlike its own, this logs nothing: addresses and forms hold numbers."""

    is_async = False

    def __init__(self, url: str, connections: int, answer_s: float) -> None:
        self._http = Http(url, connections, answer_s=answer_s)

    def request(  # noqa: PLR0917 - as the library calls it
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 - one for all
        allow_redirects: bool = False,  # noqa: ARG002 - none is followed
    ) -> Response:
        """Raises `NotReached` and `NoAnswer`, and `RefusedByTwilio` for all but success."""
        sent = dict(headers or {})
        if auth is not None:
            sent.update(make_headers(basic_auth=":".join(auth)))
        address = f"{url}?{urlencode(params)}" if params else url
        body = urlencode(data).encode() if data else None
        answer = self._http.request(method.upper(), address, headers=sent, body=body)
        if not 200 <= answer.status < 300:
            raise RefusedByTwilio(_refusal(answer))
        return Response(answer.status, answer.body.decode(), dict(answer.headers))

    def close(self) -> None:
        self._http.close()


def client_for(url: str, account: str, token: str, http: OurHttp) -> Client:
    """The library's client of that account, at `url`; whatever the environment says of Twilio's regions."""
    client = Client(account, token, http_client=http, environment={"TWILIO_REGION": ""})
    client.api.base_url = url.rstrip("/")
    return client


def _refusal(answer: HttpAnswer) -> Refusal:
    code = 0
    with suppress(ValueError, AttributeError, TypeError):
        code = int(json.loads(answer.body).get("code") or 0)
    return Refusal(
        status=answer.status, code=code, retry_after_s=retry_after_s(answer.headers.get("retry-after"))
    )
