"""What Alibaba Cloud posts: receipts (SmsReport), and what customers answer (SmsUp), each a JSON array.

These posts are not signed, and come from addresses that it does not promise; what shows that they are its own is a key
in the address that only it was given (`…/hooks/aliyun?key=…`). Without such a key nothing is believed. Moments are told
in Beijing's time, and without saying so.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from engine.channels.hooks import Call, Heard, Refused, same
from engine.channels.sms import receipts
from engine.channels.sms.replies import Reply, meaning

WAY = "aliyun"
_BEIJING = ZoneInfo("Asia/Shanghai")
_ANSWER = '{"code": 0, "msg": "接收成功"}'.encode()
_NO_SUCH_NUMBER = frozenset({"INVALID_NUMBER", "MK:0001", "MK:0000"})
_NOT_REACHED = frozenset({"MOBILE_NOT_ON_SERVICE", "MOBILE_ACCOUNT_ABNORMAL", "MOBILE_TERMINAL_ERROR"})
_REFUSED_BY_OWNER = frozenset({"USER_REJECT", "MOBILE_IN_BLACK", "TDBLACK"})

Notice = Mapping[str, Any]


def hear(key: str, call: Call, now: datetime) -> Heard | Refused:
    """`key` is the one in the address; where it is empty, nothing is believed."""
    given = parse_qs(urlsplit(call.url).query).get("key", [""])[0]
    if not key or not same(given, key):
        return Refused(status=403, reason="the key in the address is not right")
    try:
        notices = json.loads(call.body)
    except ValueError:
        return Refused(status=400, reason="it is not JSON")
    if not isinstance(notices, list) or not all(isinstance(one, dict) for one in notices):
        return Refused(status=400, reason="it is no list of notices")
    ignored: Counter[str] = Counter()
    events = [event for one in notices for event in _events(one, now, ignored)]
    return Heard(events=tuple(events), ignored=ignored, answer=_ANSWER, media_type="application/json")


def _events(one: Notice, now: datetime, ignored: Counter[str]) -> Iterator[dict[str, Any]]:
    if "content" in one:
        yield from _reply(one, now, ignored)
    elif one.get("out_id") and isinstance(one.get("success"), bool):
        yield from _report(one, now)
    else:
        ignored["not one of ours"] += 1


def _report(one: Notice, now: datetime) -> Iterator[dict[str, Any]]:
    at = _moment(one.get("report_time"), now)
    message_id, code = str(one["out_id"]), str(one.get("err_code") or "")
    told = receipts.unnamed(WAY, str(one.get("biz_id")), message_id, code)
    more: dict[str, Any] = {"provider_id": str(one.get("biz_id") or "")}
    parts = str(one.get("sms_size") or "")
    if parts.isdecimal():
        more["parts"] = int(parts)
    if one["success"]:
        yield receipts.delivered(WAY, told, message_id, at, **more)
        return
    reason = f"not delivered ({code})" if code else "not delivered"
    if code in _NO_SUCH_NUMBER or code in _NOT_REACHED:
        permanent = code in _NO_SUCH_NUMBER
        yield receipts.bounced(WAY, told, message_id, at, reason, permanent=permanent, **more)
        return
    yield receipts.failed(WAY, told, message_id, at, reason, **more)
    mobile = _international(one.get("phone_number"))
    if code in _REFUSED_BY_OWNER and mobile:
        yield receipts.withdrawn(WAY, told, mobile, at, f"refused by the number's owner ({code})")


def _reply(one: Notice, now: datetime, ignored: Counter[str]) -> Iterator[dict[str, Any]]:
    says = meaning(str(one["content"]))
    mobile = _international(one.get("phone_number"))
    if says is Reply.STOP and mobile:
        told = receipts.unnamed(WAY, str(one.get("sequence_id")), mobile, str(one.get("send_time")))
        yield receipts.withdrawn(WAY, told, mobile, _moment(one.get("send_time"), now), "answer to an SMS")
    else:
        ignored["asks to start again" if says is Reply.START else "another answer"] += 1


def _international(given: object) -> str:
    """E.164: eleven digits that begin with 1 are Chinese, others have their country before them."""
    digits = "".join(char for char in str(given or "") if char.isdecimal())
    if len(digits) == 11 and digits.startswith("1"):
        return f"+86{digits}"
    return f"+{digits.removeprefix('00')}" if digits else ""


def _moment(given: object, now: datetime) -> datetime:
    """As told, yet not to come; `now` where it tells none."""
    for form in ("%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S"):
        with suppress(ValueError):
            return min(datetime.strptime(str(given), form).replace(tzinfo=_BEIJING), now)
    return now
