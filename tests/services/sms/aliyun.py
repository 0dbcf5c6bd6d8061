"""Alibaba Cloud's SMS API (Dysmsapi 2017-05-25), in the RPC style with signatures of version 3."""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web

from tests.services.sms.control import Control, Told, as_json, cut, post

KEY_ID, KEY_SECRET = "LTAI-test", "a-secret-of-aliyun"
SIGNATURES = ("米其林", "百路驰")
TEMPLATES = {
    "SMS_100": "${name}，您的轮胎已跑约${km}公里，该检查了。回T退订",
    "SMS_200": "祝您新春快乐。回T退订",
}
_BEIJING = ZoneInfo("Asia/Shanghai")
_MOST_A_DAY = 40
_VALUE = re.compile(r"\$\{(\w+)\}")


class Aliyun(Control):
    def __init__(self) -> None:
        super().__init__()
        self.nonces: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/", self.call)]

    async def call(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if code := self._unsigned(request, body):
            return _http_error(404 if "AccessKeyId" in code else 400, code)
        action = request.headers.get("x-acs-action", "")
        if request.headers.get("x-acs-version") != "2017-05-25":
            return _http_error(404, "InvalidVersion")
        if action == "SendSms":
            return await self._send(request)
        if action == "QuerySendDetails":
            return self._details(request)
        if action == "QuerySmsSignList":
            return self._signatures()
        if action == "QuerySmsTemplateList":
            return self._texts()
        return _http_error(404, "InvalidAction.NotFound")

    def _unsigned(self, request: web.Request, body: bytes) -> str:
        """The code of what is wrong with the signature."""
        given = request.headers.get("Authorization", "")
        match = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]+)", given
        )
        if match is None:
            return "MissingAuthorization"
        key_id, names, signature = match.groups()
        if key_id != KEY_ID:
            return "InvalidAccessKeyId.NotFound"
        needed = {"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-content-sha256"}
        if not needed <= set(names.split(";")):
            return "IncompleteSignature"
        digest = hashlib.sha256(body).hexdigest()
        if request.headers["x-acs-content-sha256"] != digest:
            return "SignatureDoesNotMatch"
        query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(request.query.items()))
        headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names.split(";"))
        canonical = "\n".join(["POST", "/", query, headers, names, digest])
        to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        if hmac.new(KEY_SECRET.encode(), to_sign.encode(), hashlib.sha256).hexdigest() != signature:
            return "SignatureDoesNotMatch"
        at = datetime.strptime(request.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(datetime.now(UTC) - at) > timedelta(minutes=15):
            return "InvalidTimeStamp.Expired"
        nonce = request.headers.get("x-acs-signature-nonce", "")
        if nonce in self.nonces:
            return "SignatureNonceUsed"
        self.nonces.add(nonce)
        return ""

    async def _send(self, request: web.Request) -> web.StreamResponse:
        self.asked(request)
        query = dict(request.query)
        fault = self.fault_for(query.get("PhoneNumbers", ""))
        if fault is not None:
            if fault.cut == "before":
                cut(request)
            if fault.status >= 300:
                return _http_error(fault.status, fault.code)
            if fault.code:
                return _told(fault.code)
        if code := self._fault_in(query):
            return _told(code)
        message = self._take(query, found=fault is None or not fault.unheard)
        await self.after(request, fault)
        return _told("OK", BizId=message["id"])

    def _fault_in(self, query: dict[str, str]) -> str:
        if query.get("SignName") not in SIGNATURES:
            return "isv.SMS_SIGNATURE_ILLEGAL"
        if query.get("TemplateCode") not in TEMPLATES:
            return "isv.SMS_TEMPLATE_ILLEGAL"
        if not re.fullmatch(r"(\+86)?1[3-9]\d{9}", query.get("PhoneNumbers", "")):
            return "isv.MOBILE_NUMBER_ILLEGAL"
        try:
            params = json.loads(query.get("TemplateParam") or "{}")
        except ValueError:
            return "isv.INVALID_JSON_PARAM"
        if not all(isinstance(one, str) for one in params.values()):
            return "isv.INVALID_JSON_PARAM"
        if not set(_VALUE.findall(TEMPLATES[query["TemplateCode"]])) <= set(params):
            return "isv.TEMPLATE_MISSING_PARAMETERS"
        if any("://" in one for one in params.values()):
            return "isv.PARAM_NOT_SUPPORT_URL"
        if sum(one["to"] == query["PhoneNumbers"] for one in self.taken) >= _MOST_A_DAY:
            return "isv.BUSINESS_LIMIT_CONTROL"
        return ""

    def _take(self, query: dict[str, str], *, found: bool) -> dict[str, Any]:
        params = json.loads(query.get("TemplateParam") or "{}")
        text = _VALUE.sub(lambda match: params[match[1]], TEMPLATES[query["TemplateCode"]])
        self.taken.append(
            {
                "id": f"{len(self.taken) + 1}^0",
                "to": query["PhoneNumbers"],
                "text": f"【{query['SignName']}】{text}",
                "out_id": query.get("OutId", ""),
                "at": f"{datetime.now(_BEIJING):%Y-%m-%d %H:%M:%S}",
                "found": found,
            }
        )
        return self.taken[-1]

    def _details(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        if not re.fullmatch(r"\d{8}", query.get("SendDate", "")):
            return _told("isv.QUERY_DATE_ILLEGAL")
        found = [
            {
                "Content": one["text"],
                "OutId": one["out_id"],
                "PhoneNum": one["to"],
                "SendDate": one["at"],
                "SendStatus": 1,
            }
            for one in reversed(self.taken)
            if one["found"]
            and one["to"] == query.get("PhoneNumber")
            and one["at"][:10].replace("-", "") == query["SendDate"]
        ]
        size, page = int(query["PageSize"]), int(query["CurrentPage"])
        shown = found[(page - 1) * size : page * size]
        return _told("OK", TotalCount=len(found), SmsSendDetailDTOs={"SmsSendDetailDTO": shown})

    def _signatures(self) -> web.Response:
        listed = [{"SignName": one, "AuditStatus": "AUDIT_STATE_PASS"} for one in SIGNATURES]
        listed.append({"SignName": "回力", "AuditStatus": "AUDIT_STATE_INIT"})
        return _told("OK", SmsSignList=listed, TotalCount=len(listed), PageSize=50, CurrentPage=1)

    def _texts(self) -> web.Response:
        listed = [{"TemplateCode": one, "AuditStatus": "AUDIT_STATE_PASS"} for one in TEMPLATES]
        listed.append({"TemplateCode": "SMS_300", "AuditStatus": "AUDIT_STATE_NOT_PASS"})
        return _told("OK", SmsTemplateList=listed, TotalCount=len(listed), PageSize=50, CurrentPage=1)

    async def receipts(self, told: Told) -> list[int]:
        """All in one post, as Alibaba Cloud does it."""
        notices = [
            {
                "phone_number": one["to"],
                "send_time": one["at"],
                "report_time": one["at"],
                "success": told.status == "delivered",
                "err_code": told.code or "DELIVERED",
                "err_msg": "用户接收成功",
                "sms_size": "1",
                "biz_id": one["id"],
                "out_id": one["out_id"],
            }
            for one in self.taken
        ]
        return [await _post(told, notices)]

    async def answers(self, told: Told) -> list[int]:
        notice = {
            "phone_number": told.sender,
            "content": told.text,
            "send_time": f"{datetime.now(_BEIJING):%Y-%m-%d %H:%M:%S}",
            "dest_code": "1234",
            "sequence_id": hashlib.md5(f"{told.sender}/{told.text}".encode()).hexdigest()[:10],
        }
        return [await _post(told, [notice])]


async def _post(told: Told, notices: list[dict[str, Any]]) -> int:
    headers = {"Content-Type": "application/json;charset=UTF-8"}
    return await post(told.url, json.dumps(notices, ensure_ascii=False).encode(), headers)


def _told(code: str, **more: Any) -> web.Response:
    return as_json({"RequestId": "F655A8D5", "Code": code, "Message": f"{code} of 13800000001", **more})


def _http_error(status: int, code: str) -> web.Response:
    told = {"RequestId": "F655A8D5", "HostId": "dysmsapi.aliyuncs.com", "Code": code, "Message": "not so"}
    return as_json(told, status)


def _quoted(text: str) -> str:
    return quote(text, safe="~")
