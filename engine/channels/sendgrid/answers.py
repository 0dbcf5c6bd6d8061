"""What SendGrid's answers mean."""

import re
import time
from collections.abc import Mapping

import msgspec

from engine.channels.backoff import retry_after_s
from engine.channels.sendgrid.transport import HttpAnswer
from engine.model.errors import DeliveryError, ServiceUnavailable

_PLACE = re.compile(r"personalizations\.(\d+)(?:\.|$)")
_FIELD = re.compile(r"[A-Za-z_.-]{1,60}")
_PASSING = frozenset({429, 500, 502, 503})
_UNTOLD = 504
"""A gateway gave up waiting: what is behind it may have taken the request."""


class Taken(msgspec.Struct, frozen=True):
    provider_id: str
    place: str = ""


class Passing(msgspec.Struct, frozen=True):
    """Nothing was taken, and the same later may be. `after_s` is when, where SendGrid said so."""

    why: ServiceUnavailable
    after_s: float | None


class Untold(msgspec.Struct, frozen=True):
    """Nobody can tell whether it was taken."""

    why: str


class Closed(msgspec.Struct, frozen=True):
    """Nothing was taken, and nothing of the brand would be."""

    why: ServiceUnavailable


class Faulty(msgspec.Struct, frozen=True):
    """Nothing was taken, for what stands in the personalizations `at`, by number. Where `at` is empty, it is for one
    that it does not name; where `all_of_it`, for what they share."""

    at: Mapping[int, DeliveryError]
    error: DeliveryError
    all_of_it: bool = False


class TooLarge(msgspec.Struct, frozen=True):
    """Nothing was taken."""


_FROM_UNKNOWN = Faulty(
    {},
    DeliveryError(
        "SendGrid does not know the address that these emails come from. Verify its domain there (Settings, Sender "
        "Authentication), or change `senders` in brand.yaml.",
        permanent=False,
    ),
    all_of_it=True,
)
"""A sender is of one brand and language: emails that come from another go on. Somebody may mend it."""

Meaning = Taken | Passing | Untold | Closed | Faulty | TooLarge


class _Error(msgspec.Struct):
    message: str | None = None
    field: str | None = None


class _Errors(msgspec.Struct):
    errors: list[_Error] = []


def meaning(answer: HttpAnswer, *, sandbox: bool) -> Meaning:
    """Of an answer to mail/send."""
    status = answer.status
    if status == 202 or (status == 200 and sandbox):
        return Taken(answer.headers.get("x-message-id", ""), "sandbox" if sandbox else "")
    if status == 400:
        return _of_faults(_errors(answer))
    if status == 413:
        return TooLarge()
    if status in _PASSING:
        after_s = asked_to_wait_s(answer)
        return Passing(_unavailable(status, after_s), after_s)
    if status == _UNTOLD:
        return Untold("a gateway gave up waiting for SendGrid")
    if _is_of_the_sender(_errors(answer)):
        return _FROM_UNKNOWN
    return Closed(refused(answer))


def refused(answer: HttpAnswer) -> ServiceUnavailable:
    """Of an answer that shows that the account cannot be used as it is."""
    status = answer.status
    errors = _errors(answer)
    said = " ".join(one.message or "" for one in errors).lower()
    if "credits" in said or "limit exceeded" in said:
        return ServiceUnavailable(
            "SendGrid takes no more messages: the account's credits are used up.",
            "They come back with the plan's next period, or with a larger plan.",
        )
    if status == 401:
        return ServiceUnavailable(
            "SendGrid does not know the API key.", "Set SENDGRID_API_KEY to one that is in force (SG.…)."
        )
    if status == 403:
        return ServiceUnavailable(
            "SendGrid does not allow the API key to send.",
            "Give the key of SENDGRID_API_KEY the permission Mail Send, and look whether the account is in order.",
        )
    return ServiceUnavailable(
        f"What MILEPOST_SENDGRID_URL names answers with {status}, which SendGrid does not.",
        "Set MILEPOST_SENDGRID_URL to https://api.sendgrid.com, or https://api.eu.sendgrid.com for an account in "
        "the EU; look for a proxy in between.",
    )


def asked_to_wait_s(answer: HttpAnswer) -> float | None:
    """How long to leave SendGrid alone, where it says so: by `Retry-After`, else by when its rate begins anew."""
    asked_s = retry_after_s(answer.headers.get("retry-after"))
    if asked_s is not None:
        return asked_s
    if answer.status == 429 and (reset := answer.headers.get("x-ratelimit-reset", "")).isdecimal():
        return max(float(reset) - time.time(), 0.0)
    return None


def _unavailable(status: int, after_s: float | None) -> ServiceUnavailable:
    if status == 429:
        return ServiceUnavailable(
            "SendGrid asks for fewer requests (429).",
            "Nothing is lost. Set MILEPOST_EMAIL_RATE to what the account may send.",
            retry_after_s=after_s,
            passing=True,
        )
    return ServiceUnavailable(
        f"SendGrid has trouble of its own ({status}).",
        "Nothing is lost. https://status.sendgrid.com says more.",
        retry_after_s=after_s,
        passing=True,
    )


def _of_faults(errors: list[_Error]) -> Meaning:
    if _is_of_the_sender(errors):
        return _FROM_UNKNOWN
    found = {}
    for one in errors:
        if (place := _PLACE.match(one.field or "")) and (number := int(place[1])) not in found:
            found[number] = _refusal(one.field)
    field = next((one.field for one in errors if one.field), None)
    shared = field is not None and not field.startswith("personalizations")
    return Faulty(found, _refusal(field), all_of_it=shared and not found)


def _refusal(field: str | None) -> DeliveryError:
    """By the field's name alone: what SendGrid says of it may quote an address."""
    name = re.sub(r"\.\d+", "", field or "")
    if name.startswith("personalizations.headers") or not _FIELD.fullmatch(name):
        name = name.partition(".")[0] if _FIELD.fullmatch(name.partition(".")[0]) else ""
    named = f": something is wrong with {name}" if name else ""
    return DeliveryError(f"SendGrid refuses the message{named}.", permanent=True)


def _is_of_the_sender(errors: list[_Error]) -> bool:
    return any((one.field or "").partition(".")[0] == "from" for one in errors)


def _errors(answer: HttpAnswer) -> list[_Error]:
    try:
        return msgspec.json.decode(answer.body, type=_Errors).errors
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []
