"""SMS by whichever provider, or gateway of one's own, takes this request (docs/howto/sms.md has the whole of it):

    POST https://…
    Idempotency-Key: <message id>
    Authorization: Bearer <token>            where one is set
    X-Milepost-Timestamp, X-Milepost-Signature   where a secret is set: see `signing`

    {"id": …, "to": "+8613800000001", "text": …, "sender": …, "brand": …, "parts": 1, "not_after": …,
     "template_code": …, "params": {…}}      the last two where the text has them

| answer | means |
|---|---|
| 2xx | taken; `{"id": …, "parts": …}` are the provider's, and may be left out |
| 400, 410, 413, 422 | this message is refused for good; `{"code": …}` goes into the ledger |
| 409, 425, 429, 503 | not now; `Retry-After` is heeded |
| 401, 402, 403, 404, 405, 3xx | the way cannot be used: all messages wait |
| any other, or none | nobody can tell: it is sent again |

Repeatable: who answers must take a second request of the same Idempotency-Key for the first, and answer it alike.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from engine.channels.backoff import BACKOFF, Backoff, retry_after_s
from engine.channels.sms.http import ANSWER_S, Http, HttpAnswer, NoAnswer, NotReached
from engine.channels.sms.pacing import Busy
from engine.channels.sms.sending import MOST_PARTS, mobile_of
from engine.channels.sms.way import CONNECTIONS, SmsWay
from engine.channels.sms_http.signing import signed
from engine.model.errors import DeliveryError, ServiceUnavailable, Unsettled
from engine.ports import Answer, Outgoing, Receipt

_REFUSED = frozenset({400, 410, 413, 422})
_NOT_NOW = frozenset({409, 425, 429, 503})
_CLOSED = frozenset({401, 402, 403, 404, 405})
_CODE = re.compile(r"[\w.:-]{1,40}", re.ASCII)


class SmsHttp(SmsWay):
    """Without `token` and `secret` the address itself must be what is trusted."""

    repeatable = True
    batch = 100

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        secret: str = "",
        most_parts: int = MOST_PARTS,
        per_s: float = 0.0,
        backoff: Backoff = BACKOFF,
        answer_s: float = ANSWER_S,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(most_parts=most_parts, per_s=per_s, backoff=backoff)
        self._url = url
        self._token = token
        self._secret = secret
        self._http = Http(url, CONNECTIONS, answer_s=answer_s)
        self._now = now

    def check(self) -> str:
        """Asks for the address's options, which sends nothing; whatever it answers, it is there."""
        try:
            answer = self._http.request("OPTIONS", self._url, headers=self._headers(b""))
        except (NotReached, NoAnswer) as error:
            raise self._unreached(error) from None
        if answer.status in (401, 403):
            raise _closed(answer.status)
        return f"by HTTP at {self._place}"

    def close(self) -> None:
        super().close()
        self._http.close()

    def _hand_over(self, outgoing: Outgoing) -> Answer:
        body = msgspec.json.encode(_request(outgoing))
        headers = {
            "content-type": "application/json",
            "idempotency-key": outgoing.message.id,
            **self._headers(body),
        }
        try:
            answer = self._http.request("POST", self._url, headers=headers, body=body)
        except NotReached as error:
            return self._unreached(error)
        except NoAnswer as error:
            return Unsettled(f"The provider at {self._place} gave no answer ({error}).")
        return _meaning(answer, outgoing.rendered.parts)

    def _headers(self, body: bytes) -> dict[str, str]:
        bearer = {"authorization": f"Bearer {self._token}"} if self._token else {}
        return {**bearer, **(signed(self._secret, body, self._now()) if self._secret else {})}

    @property
    def _place(self) -> str:
        """Without what may be secret in the address."""
        parts = urlsplit(self._url)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"

    def _unreached(self, error: Exception) -> ServiceUnavailable:
        return Busy(
            f"The provider of SMS cannot be reached at {self._place} ({error}).",
            "Look at MILEPOST_SMS.",
        )


def _request(outgoing: Outgoing) -> dict[str, Any]:
    message, rendered = outgoing.message, outgoing.rendered
    body = {
        "id": message.id,
        "to": mobile_of(outgoing),
        "text": rendered.text,
        "sender": rendered.sender.get("from") or rendered.sender.get("signature") or "",
        "brand": message.brand,
        "parts": rendered.parts,
        "not_after": message.not_after,
    }
    if rendered.template_code:
        body |= {"template_code": rendered.template_code, "params": dict(rendered.params)}
    return body


def _meaning(answer: HttpAnswer, parts: int) -> Answer:
    told = _told(answer.body)
    if 200 <= answer.status < 300:
        taken = told.get("parts")
        own = str(told.get("id") or "")
        return Receipt(provider_id=own, parts=taken if isinstance(taken, int) and taken > 0 else parts)
    if answer.status in _REFUSED:
        code = str(told.get("code") or "")
        why = f", {code}" if _CODE.fullmatch(code) else ""
        return DeliveryError(f"The provider refused the SMS (HTTP {answer.status}{why}).", permanent=True)
    if answer.status in _NOT_NOW:
        wait_s = retry_after_s(answer.headers.get("retry-after"))
        return Busy(f"The provider takes no SMS just now (HTTP {answer.status}).", retry_after_s=wait_s)
    if answer.status in _CLOSED or 300 <= answer.status < 400:
        return _closed(answer.status)
    return Unsettled(f"The provider had a trouble of its own (HTTP {answer.status}).")


def _closed(status: int) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"The provider of SMS does not let us in (HTTP {status}).",
        "Look at MILEPOST_SMS, MILEPOST_SMS_TOKEN and MILEPOST_SMS_SECRET, and at the account's balance.",
    )


def _told(body: bytes) -> dict[str, Any]:
    with suppress(msgspec.DecodeError):
        told = msgspec.json.decode(body)
        if isinstance(told, dict):
            return told
    return {}
