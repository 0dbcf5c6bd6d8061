"""What Twilio posts: status callbacks (`?message=<id>` is ours), and messages that customers send.

Both are signed with the account's token over the whole address and all values, and come as forms. They carry no moment,
so an old one that is posted again cannot be told by its age; it has the id it had, and changes nothing.

Twilio itself answers STOP and START and keeps the number from being written to; `OptOutType` says so, also for words
that the account has added. What is sent on to us withdraws the consent, too.
"""

from datetime import datetime
from urllib.parse import parse_qs, parse_qsl, urlsplit

from twilio.request_validator import SIGNATURE_SETTINGS_HEADER, RequestValidator, get_signature_algorithm

from engine.channels.hooks import Call, Heard, Refused
from engine.channels.sms import receipts
from engine.channels.sms.replies import Reply, meaning
from engine.channels.sms_twilio.refusals import OPTED_OUT, UNREACHED, outcome_of

WAY = "twilio"
_SAYS_NOTHING = frozenset(
    {"accepted", "scheduled", "queued", "sending", "sent", "receiving", "received", "read"}
)
_ANSWER = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


def hear(token: str, call: Call, now: datetime) -> Heard | Refused:
    """`token` is the account's."""
    try:
        form = dict(parse_qsl(call.body.decode(), keep_blank_values=True, strict_parsing=bool(call.body)))
    except ValueError:
        return Refused(status=400, reason="it is no form")
    algorithm = get_signature_algorithm(call.headers.get(SIGNATURE_SETTINGS_HEADER.lower()))
    signature = call.headers.get("x-twilio-signature", "")
    if not RequestValidator(token).validate(call.url, form, signature, algorithm):
        return Refused(status=403, reason="the signature is not right")
    told = form.get("MessageSid") or form.get("SmsSid") or ""
    if not told:
        return Refused(status=400, reason="it names no message")
    if "MessageStatus" in form:
        return _status(call, form, told, now)
    return _reply(form, told, now)


def _status(call: Call, form: dict[str, str], told: str, now: datetime) -> Heard:
    status = form["MessageStatus"]
    message_id = parse_qs(urlsplit(call.url).query).get("message", [""])[0]
    if not message_id:
        return _heard(ignored="not one of ours")
    if status in _SAYS_NOTHING:
        return _heard(ignored=status)
    more = {"provider_id": told}
    notice = f"{told}/{status}"
    if status == "delivered":
        return _heard(receipts.delivered(WAY, notice, message_id, now, **more))
    code = int(form["ErrorCode"]) if form.get("ErrorCode", "").isdecimal() else 0
    reason, permanent = outcome_of(code)
    if code in UNREACHED:
        return _heard(receipts.bounced(WAY, notice, message_id, now, reason, permanent=permanent, **more))
    event = receipts.failed(WAY, notice, message_id, now, reason, **more)
    if code == OPTED_OUT and form.get("To"):
        return _heard(event, receipts.withdrawn(WAY, notice, form["To"], now, "refused by Twilio: STOP"))
    return _heard(event)


def _reply(form: dict[str, str], told: str, now: datetime) -> Heard:
    says = {"STOP": Reply.STOP, "START": Reply.START}.get(
        form.get("OptOutType", ""), meaning(form.get("Body", ""))
    )
    if says is Reply.STOP and form.get("From"):
        return _heard(receipts.withdrawn(WAY, told, form["From"], now, "answer to an SMS"))
    return _heard(ignored="asks to start again" if says is Reply.START else "another answer")


def _heard(*events: dict[str, object], ignored: str = "") -> Heard:
    return Heard(
        events=events, ignored={ignored: 1} if ignored else {}, answer=_ANSWER, media_type="text/xml"
    )
