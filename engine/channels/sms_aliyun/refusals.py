"""What Alibaba Cloud's refusals mean, by their codes. Its own words may name the number, so they are not repeated."""

from engine.channels.sms.pacing import Busy
from engine.channels.sms.sending import unsendable
from engine.channels.sms_aliyun.client import RefusedByAliyun
from engine.model.errors import DeliveryError, ServiceUnavailable, Unsettled
from engine.ports import Answer

_OF_THE_ACCOUNT = {
    "InvalidAccessKeyId.NotFound": "the access key is not there",
    "InvalidAccessKeyId.Inactive": "the access key is switched off",
    "SignatureDoesNotMatch": "the secret of the access key is not right",
    "InvalidTimeStamp.Expired": "the clock of this machine is wrong",
    "isp.RAM_PERMISSION_DENY": "the access key may not send SMS",
    "isv.ACCOUNT_ABNORMAL": "the account is not in order",
    "isv.ACCOUNT_NOT_EXISTS": "the account is not there",
    "isv.AMOUNT_NOT_ENOUGH": "the balance is used up",
    "isv.DAY_LIMIT_CONTROL": "the day's limit that the account set itself is used up",
    "isv.DENY_IP_RANGE": "it may not be used from this network",
    "isv.MONTH_LIMIT_CONTROL": "the month's limit that the account set itself is used up",
    "isv.OUT_OF_SERVICE": "the balance is used up",
    "isv.PRODUCT_UNSUBSCRIBE": "the account has no SMS service",
    "isv.PRODUCT_UN_SUBSCRIPT": "the account has no SMS service",
}
_OF_THE_SIGNATURE = frozenset(
    {"isv.SMS_SIGNATURE_ILLEGAL", "isv.SMS_SIGN_ILLEGAL", "isv.SIGN_NAME_ILLEGAL", "isv.SIGN_STATE_ILLEGAL"}
)
_OF_THE_MESSAGE = {
    "isv.BLACK_KEY_CONTROL_LIMIT": "a value holds words that are not let through",
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": "the registered text is for numbers abroad",
    "isv.INVALID_JSON_PARAM": "the values are not as they should be",
    "isv.INVALID_PARAMETERS": "the values are not as they should be",
    "isv.MOBILE_NUMBER_ILLEGAL": "that is no number to which an SMS can be sent",
    "isv.PARAM_LENGTH_LIMIT": "a value is too long",
    "isv.PARAM_NOT_SUPPORT_URL": "a value is an address; addresses must stand in the registered text",
    "isv.SMS_CONTENT_ILLEGAL": "the text holds words that are not let through",
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": "signature and registered text are of different kinds",
    "isv.SMS_TEMPLATE_ILLEGAL": "no text is registered by that template_code",
    "isv.TEMPLATE_MISSING_PARAMETERS": "the registered text has a value that `params` does not give",
    "isv.TEMPLATE_PARAMS_ILLEGAL": "a value is not of the kind that was registered",
}
_MAY_HAVE_BEEN_TAKEN = frozenset({"isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "InternalError", "isp.UNKNOWN"})


def answer_to(refused: RefusedByAliyun, signature: str = "") -> Answer:
    """What became of the message that was refused so, which bore that signature. A signature is of one brand and
    language: where it is refused, messages with others go on."""
    code, status = refused.code, refused.status
    if code.startswith("Throttling") or status in (429, 503):
        return Busy("Alibaba Cloud asks for fewer requests.", retry_after_s=refused.retry_after_s)
    if code in _MAY_HAVE_BEEN_TAKEN or status >= 500:
        return Unsettled(f"Alibaba Cloud had a trouble of its own ({code or status}).")
    if code == "isv.BUSINESS_LIMIT_CONTROL":
        return DeliveryError(
            f"Alibaba Cloud sends no more to that number for now ({code}).",
            "It bounds how many SMS a number gets; `caps` in the policy keep below that.",
            permanent=False,
        )
    if code in _OF_THE_SIGNATURE:
        return unsendable(
            f"Alibaba Cloud does not know the signature '{signature}', or does not let it be used ({code}).",
            "Compare senders.sms.signature in brand.yaml with what is approved.",
        )
    if code in _OF_THE_ACCOUNT or code.startswith(("Forbidden", "InvalidAccessKey")) or status in (401, 403):
        why = _OF_THE_ACCOUNT.get(code, code or f"HTTP {status}")
        return ServiceUnavailable(
            f"Alibaba Cloud does not let the account send: {why}.",
            "Look at MILEPOST_ALIYUN_KEY_ID and MILEPOST_ALIYUN_KEY_SECRET, and at the account's balance and limits.",
        )
    why = _OF_THE_MESSAGE.get(code, "see its list of error codes")
    return DeliveryError(f"Alibaba Cloud refused the SMS ({code or status}): {why}.", permanent=True)
