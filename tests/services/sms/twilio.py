"""Twilio's API 2010-04-01, as far as messages go."""

import base64
import hashlib
import hmac
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import BasicAuth, web

from tests.services.sms.control import Control, Fault, Told, as_json, cut, post, retry_after

ACCOUNT = "AC" + "0" * 32
TOKEN = "a-token-of-twilio"
SENDERS = ("+15005550006", "Michelin", "MG" + "1" * 32)
_NUMBER = re.compile(r"\+[1-9]\d{7,14}")


class Twilio(Control):
    def __init__(self) -> None:
        super().__init__()
        self.opted_out: set[str] = set()

    def forget(self) -> None:
        self.opted_out = set()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/2010-04-01/Accounts/{account}.json", self.account),
            web.post("/2010-04-01/Accounts/{account}/Messages.json", self.create),
        ]

    async def account(self, request: web.Request) -> web.StreamResponse:
        if refused := _not_let_in(request):
            return refused
        if (fault := self.fault_for("")) is not None:
            return _error(fault.status, fault.code)
        return as_json({"sid": ACCOUNT, "status": "active", "friendly_name": "Care"})

    async def create(self, request: web.Request) -> web.StreamResponse:
        self.asked(request)
        form = {name: str(value) for name, value in (await request.post()).items()}
        if refused := _not_let_in(request):
            return refused
        fault = self.fault_for(form.get("To", ""))
        if fault is not None:
            if fault.cut == "before":
                cut(request)
            if fault.status:
                return _error(fault.status, fault.code, fault)
        if code := self._fault_in(form):
            return _error(400, code, to=form.get("To", ""))
        message = self._take(form)
        await self.after(request, fault)
        by_service = "MessagingServiceSid" in form
        told = {
            "sid": message["id"],
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": form["Body"],
            "to": form["To"],
            "from": None if by_service else form["From"],
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "status": "accepted" if by_service else "queued",
            "num_segments": "0" if by_service else "1",
            "error_code": None,
            "error_message": None,
            "date_created": "Wed, 18 Aug 2021 20:01:14 +0000",
        }
        return as_json(told, 201)

    def _fault_in(self, form: dict[str, str]) -> str:
        body, to = form.get("Body", ""), form.get("To", "")
        sender = form.get("MessagingServiceSid") or form.get("From", "")
        validity = form.get("ValidityPeriod", "36000")
        callback = urlsplit(form.get("StatusCallback", "https://care.example.com"))
        faults = {
            "21604": not to,
            "21211": not _NUMBER.fullmatch(to),
            "21603": not sender,
            "21606": sender not in SENDERS,
            "21602": not body,
            "21617": len(body) > 1600,
            "90007": not (validity.isdecimal() and 1 <= int(validity) <= 36_000),
            "21609": callback.scheme not in ("http", "https") or not callback.hostname,
            "21610": to in self.opted_out,
        }
        return next((code for code, so in faults.items() if so), "")

    def _take(self, form: dict[str, str]) -> dict[str, Any]:
        sid = "SM" + hashlib.md5(f"{len(self.taken)}/{form['To']}".encode()).hexdigest()
        self.taken.append(
            {
                "id": sid,
                "to": form["To"],
                "text": form["Body"],
                "from": form.get("From") or form.get("MessagingServiceSid"),
                "validity_s": int(form.get("ValidityPeriod", 36_000)),
                "callback": form.get("StatusCallback", ""),
            }
        )
        return self.taken[-1]

    async def receipts(self, told: Told) -> list[int]:
        """To the callback that each message named, of which `url` replaces what comes before the path."""
        return [await self._callback(one, told) for one in self.taken if one["callback"]]

    async def _callback(self, one: dict[str, Any], told: Told) -> int:
        parts = urlsplit(one["callback"])
        called = f"{told.url}{parts.path}?{parts.query}" if told.url else one["callback"]
        form = {
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "From": one["from"],
            "To": one["to"],
            "MessageSid": one["id"],
            "SmsSid": one["id"],
            "MessageStatus": told.status,
            "SmsStatus": told.status,
            **({"ErrorCode": told.code} if told.code else {}),
        }
        return await _post_signed(called, one["callback"], form)

    async def answers(self, told: Told) -> list[int]:
        """Twilio keeps those who answer STOP from being written to."""
        if told.text.strip().upper() in ("STOP", "UNSUBSCRIBE"):
            self.opted_out.add(told.sender)
        sid = "SM" + hashlib.md5(f"{told.sender}/{told.text}".encode()).hexdigest()
        form = {
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "SmsStatus": "received",
            "From": told.sender,
            "To": SENDERS[0],
            "Body": told.text,
            "NumMedia": "0",
            "NumSegments": "1",
            **({"OptOutType": told.code} if told.code else {}),
        }
        return [await _post_signed(told.url, told.known_as or told.url, form)]


async def _post_signed(url: str, known_as: str, form: dict[str, str]) -> int:
    """To `url`, signed for the address by which Twilio knows it."""
    signed = known_as + "".join(name + form[name] for name in sorted(form))
    signature = base64.b64encode(hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "X-Twilio-Signature": signature,
        "I-Twilio-Idempotency-Token": hashlib.md5(signed.encode()).hexdigest(),
    }
    return await post(url, urlencode(form).encode(), headers)


def _not_let_in(request: web.Request) -> web.Response | None:
    given = request.headers.get("Authorization", "")
    if given != BasicAuth(ACCOUNT, TOKEN).encode():
        return _error(401, "20003")
    return None if request.match_info["account"] == ACCOUNT else _error(404, "20404")


def _error(status: int, code: str, fault: Fault | None = None, to: str = "") -> web.Response:
    """As Twilio's, with the number in it."""
    if not code:
        return web.Response(status=status, text="<html>", headers=retry_after(fault) if fault else {})
    told = {
        "code": int(code),
        "message": f"The 'To' number {to} cannot be used.",
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return as_json(told, status, **(retry_after(fault) if fault else {}))
