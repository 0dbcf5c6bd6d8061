"""What Twilio's refusals mean, by their codes. Its own words name the number, so they are not repeated."""

import msgspec

from engine.channels.sms.pacing import Busy
from engine.channels.sms.sending import unsendable
from engine.model.errors import DeliveryError, ServiceUnavailable, Unsettled
from engine.ports import Answer

_OF_THE_MESSAGE = {
    21211: "that is no number to which an SMS can be sent",
    21217: "that is no number to which an SMS can be sent",
    21408: "the account may not send to that country",
    21601: "that number cannot take an SMS",
    21608: "a trial account sends to verified numbers only",
    21610: "its owner has answered STOP",
    21612: "no way leads from the sender to that number",
    21614: "that is no mobile number",
    21617: "the text is too long",
    21635: "that is a landline",
}
"""For good."""

_OF_THE_SENDER = {
    21212: "the sender's number is not right",
    21603: "there is no sender",
    21606: "the sender's number cannot send SMS",
    21659: "the sender's number is not of this account",
    21660: "the sender's number is not of this account",
    21701: "the messaging service is not there",
    21703: "the messaging service has no sender",
    21704: "the messaging service has no sender",
}
_OF_THE_ACCOUNT = {
    20003: "account and token do not fit",
    20005: "the account is not active",
    20404: "the account is not there",
    30002: "the account is suspended",
    90010: "the account is not active",
}
_TOO_FAST = frozenset({14107, 20429, 21611, 30001, 30022})
OPTED_OUT = 21610


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP answer that is none of success: `code` is Twilio's, 0 where it gave none."""

    status: int
    code: int = 0
    retry_after_s: float | None = None

    @property
    def is_too_fast(self) -> bool:
        return self.status == 429 or self.code in _TOO_FAST

    @property
    def is_passing(self) -> bool:
        """Certainly not taken, and likely taken in a moment."""
        return self.is_too_fast or self.status == 503


def answer_to(refusal: Refusal) -> Answer:
    """What became of the message that was refused so."""
    code = refusal.code
    if refusal.is_passing:
        why = "asks for fewer requests" if refusal.is_too_fast else "cannot be used at present"
        hint = "Lower MILEPOST_SMS_RATE to what the senders' numbers may send." if refusal.is_too_fast else ""
        return Busy(f"Twilio {why}.", hint, retry_after_s=refusal.retry_after_s)
    if refusal.status >= 500:
        return Unsettled(f"Twilio had a trouble of its own (HTTP {refusal.status}).")
    if code in _OF_THE_SENDER:
        return unsendable(
            f"Twilio does not take messages from this sender ({code}): {_OF_THE_SENDER[code]}.",
            "Look at MILEPOST_TWILIO_FROM, and at senders.sms.from of the brand.",
        )
    if code in _OF_THE_ACCOUNT or refusal.status in (401, 402, 403, 404):
        why = _OF_THE_ACCOUNT.get(code, f"HTTP {refusal.status}")
        return ServiceUnavailable(
            f"Twilio does not let the account in: {why}.",
            "Look at MILEPOST_TWILIO_ACCOUNT_SID and MILEPOST_TWILIO_AUTH_TOKEN, and at the account's balance.",
        )
    why = _OF_THE_MESSAGE.get(code, f"see https://www.twilio.com/docs/api/errors/{code}")
    return DeliveryError(f"Twilio refused the SMS ({code or refusal.status}): {why}.", permanent=True)


def outcome_of(code: int) -> tuple[str, bool]:
    """What the code of a message that was not delivered says: the reason, and whether the number cannot be reached for
    ever (`30003` is a telephone switched off, and may well be on tomorrow)."""
    return _UNDELIVERED.get(code, (f"not delivered ({code})" if code else "not delivered", False))


_UNDELIVERED = {
    21610: ("its owner has answered STOP", False),
    21211: ("no such number", True),
    21614: ("no mobile number", True),
    21635: ("a landline", True),
    30003: ("the telephone could not be reached", False),
    30004: ("blocked by its owner or the carrier", False),
    30005: ("no such number", True),
    30006: ("a landline, or a carrier that cannot be reached", True),
    30007: ("filtered by the carrier", False),
    30008: ("not delivered, for no reason told", False),
    30036: ("it was too late for it", False),
}
UNREACHED = frozenset({30003, 30005, 30006, 21211, 21614, 21635})
"""Codes that say that the telephone, not the message, was in the way."""
