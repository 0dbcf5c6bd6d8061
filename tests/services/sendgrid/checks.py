"""What SendGrid refuses: by its documentation of the errors of v3/mail/send."""

import base64
import binascii
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

MOST_PERSONALIZATIONS = 1000
MOST_RECIPIENTS = 1000
MOST_BODY_BYTES = 30_000_000
MOST_SUBSTITUTION_BYTES = 10_000
MOST_SUBSTITUTIONS = 150
MOST_ARGUMENT_BYTES = 10_000
MOST_CATEGORIES = 10
LONGEST_CATEGORY = 255
FURTHEST_S = 72 * 3600
RESERVED_HEADERS = frozenset(
    {
        *("x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"),
        *("to", "from", "subject", "reply-to", "cc", "bcc"),
    }
)
MEMBERS = frozenset(
    {
        *("personalizations", "from", "reply_to", "reply_to_list", "subject", "content", "attachments"),
        *("template_id", "headers", "categories", "custom_args", "send_at", "batch_id", "asm"),
        *("ip_pool_name", "mail_settings", "tracking_settings", "sections"),
    }
)
MEMBERS_OF_ONE = frozenset(
    {
        *("to", "cc", "bcc", "from", "subject", "headers", "substitutions", "custom_args", "send_at"),
        "dynamic_template_data",
    }
)
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html"
_INDEX = re.compile(r"\.\d+")

Fault = dict[str, Any]


def fault(message: str, field: str | None = None) -> Fault:
    anchor = f"{_HELP}#message.{_INDEX.sub('', field)}" if field else None
    return {"message": message, "field": field, "help": anchor}


def faults(body: Any) -> list[Fault]:
    """What is wrong with a decoded request, in SendGrid's form; empty where nothing is."""
    if not isinstance(body, dict):
        return [fault("Bad Request")]
    return [*_unknown(body, MEMBERS, ""), *_of_whole(body), *_of_all(body)]


def _unknown(given: Mapping[str, Any], known: frozenset[str], place: str) -> Iterator[Fault]:
    if strange := sorted(set(given) - known):
        yield fault(f"Additional property {strange[0]} is not allowed", place or None)


def _of_whole(body: dict[str, Any]) -> Iterator[Fault]:
    if not isinstance(body.get("from"), dict):
        yield fault("The from object must be provided for every email send.", "from")
    else:
        yield from _mailbox(body["from"], "from")
    if "reply_to" in body:
        yield from _mailbox(body["reply_to"], "reply_to")
    if "subject" in body:
        yield from _subject(body["subject"], "subject")
    yield from _content(body)
    yield from _attachments(body.get("attachments", []))
    yield from _categories(body.get("categories", []))
    yield from _headers(body.get("headers", {}), "headers")
    yield from _strings(body.get("custom_args", {}), "custom_args", MOST_ARGUMENT_BYTES)
    yield from _send_at(body, "send_at")


def _of_all(body: dict[str, Any]) -> Iterator[Fault]:
    given = body.get("personalizations")
    if not isinstance(given, list) or not given:
        yield fault("You must have at least one personalization.", "personalizations")
        return
    if len(given) > MOST_PERSONALIZATIONS:
        yield fault(
            f"The personalization block is limited to {MOST_PERSONALIZATIONS} personalizations per API request. "
            f"You have provided {len(given)} personalizations.",
            "personalizations",
        )
        return
    total = sum(
        len(one.get(kind) or []) for one in given if isinstance(one, dict) for kind in ("to", "cc", "bcc")
    )
    if total > MOST_RECIPIENTS:
        yield fault(
            f"There is a limit of {MOST_RECIPIENTS} total recipients (to + cc + bcc) per request.",
            "personalizations",
        )
    for n, one in enumerate(given):
        place = f"personalizations.{n}"
        if isinstance(one, dict):
            yield from _personalization(one, place, body)
        else:
            yield fault("Each personalization must be an object.", place)


def _personalization(one: dict[str, Any], place: str, body: dict[str, Any]) -> Iterator[Fault]:
    yield from _unknown(one, MEMBERS_OF_ONE, place)
    if not isinstance(one.get("to"), list) or not one["to"]:
        yield fault(
            "The to array is required for all personalization objects, and must have at least one email object "
            "with a valid email address.",
            f"{place}.to",
        )
        return
    seen: Counter[str] = Counter()
    for kind in ("to", "cc", "bcc"):
        for n, box in enumerate(one.get(kind) or []):
            yield from _mailbox(box, f"{place}.{kind}.{n}")
            address = str(box.get("email", "")).lower() if isinstance(box, dict) else ""
            seen[address] += 1
            if address and seen[address] == 2:
                yield fault(
                    "Each email address in the personalization block should be unique between to, cc, and bcc. "
                    f"We found the first duplicate instance of [{address}] in the {place}.{kind} field.",
                    place,
                )
    if "subject" in one:
        yield from _subject(one["subject"], f"{place}.subject")
    elif "subject" not in body and "template_id" not in body:
        yield fault("The subject is required, in the message or in every personalization.", "subject")
    yield from _headers(one.get("headers", {}), f"{place}.headers")
    yield from _strings(one.get("substitutions", {}), f"{place}.substitutions", MOST_SUBSTITUTION_BYTES)
    if len(one.get("substitutions", ())) > MOST_SUBSTITUTIONS:
        yield fault(
            f"Substitutions are limited to {MOST_SUBSTITUTIONS} items per personalization block.",
            f"{place}.substitutions",
        )
    own = one.get("custom_args", {})
    yield from _strings(own, f"{place}.custom_args", MOST_ARGUMENT_BYTES)
    yield from _send_at(one, f"{place}.send_at")


def _mailbox(box: Any, place: str) -> Iterator[Fault]:
    if not isinstance(box, dict) or not isinstance(box.get("email"), str):
        yield fault("The object must at least have an email parameter with a valid email address.", place)
        return
    if not _ADDRESS.fullmatch(box["email"]):
        yield fault("Does not contain a valid address.", f"{place}.email")
    if not isinstance(box.get("name", ""), str):
        yield fault("The name must be a string.", f"{place}.name")
    elif _breaks(box.get("name", "")):
        yield fault("The name can't contain CRLF characters.", f"{place}.name")


def _subject(subject: Any, place: str) -> Iterator[Fault]:
    if not isinstance(subject, str) or not subject:
        yield fault("The subject of your email must be a string at least one character in length.", place)
    elif _breaks(subject):
        yield fault("The subject can't contain CRLF characters.", place)


def _content(body: dict[str, Any]) -> Iterator[Fault]:
    content = body.get("content")
    if not isinstance(content, list) or not content:
        if "template_id" not in body:
            yield fault(
                "The content param is required unless you are using a transactional template.", "content"
            )
        return
    for n, one in enumerate(content):
        kind, value = (one.get("type"), one.get("value")) if isinstance(one, dict) else (None, None)
        if not isinstance(kind, str) or not kind:
            yield fault("A content type is required.", f"content.{n}.type")
        elif ";" in kind or _breaks(kind):
            yield fault("The type can't contain ';', or CRLF characters.", f"content.{n}.type")
        if not isinstance(value, str) or not value:
            yield fault(
                "The content value must be a string at least one character in length.", f"content.{n}.value"
            )
    kinds = [one.get("type") for one in content if isinstance(one, dict)]
    order = [kind for kind in ("text/plain", "text/html") if kind in kinds]
    if kinds[: len(order)] != order:
        yield fault(
            "text/plain needs to be first, followed by text/html, followed by any other content.", "content"
        )


def _attachments(attachments: Any) -> Iterator[Fault]:
    for n, one in enumerate(attachments):
        place = f"attachments.{n}"
        content, name = one.get("content"), one.get("filename")
        try:
            if not content or not base64.b64decode(content, validate=True):
                yield fault(
                    "The attachment content must be a string at least one character in length.", place
                )
        except (binascii.Error, ValueError, TypeError):
            yield fault("The attachment content must be base64 encoded.", f"{place}.content")
        if not isinstance(name, str) or not name:
            yield fault("filename is required.", f"{place}.filename")
        elif _breaks(name):
            yield fault("The filename of your attachment can't contain CRLF characters.", f"{place}.filename")
        kind = one.get("type", "text/plain")
        if not isinstance(kind, str) or ";" in kind or _breaks(kind):
            yield fault("The type can't contain ';', or CRLF characters.", f"{place}.type")
        if one.get("disposition", "attachment") not in ("attachment", "inline"):
            yield fault('The disposition can be either "inline" or "attachment".', f"{place}.disposition")


def _categories(categories: Any) -> Iterator[Fault]:
    if not isinstance(categories, list) or not all(isinstance(one, str) for one in categories):
        yield fault("Categories must be an array of strings.", "categories")
        return
    if len(categories) > MOST_CATEGORIES:
        yield fault(
            f"There is a limit of {MOST_CATEGORIES} categories for each email that is sent.", "categories"
        )
    if len(set(categories)) < len(categories):
        yield fault("The categories must be a unique list.", "categories")
    for one in categories:
        if len(one) > LONGEST_CATEGORY:
            yield fault(f"Each category must not be longer than {LONGEST_CATEGORY} characters.", "categories")
        if not one.isascii():
            yield fault("Categories can not contain non-ASCII characters.", "categories")


def _headers(headers: Any, place: str) -> Iterator[Fault]:
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        yield fault("All values of the headers object must be strings.", place)
        return
    if len({name.lower() for name in headers}) < len(headers):
        yield fault("The headers can't contain duplicate keys.", place)
    for name, value in headers.items():
        if not name.isascii() or not name or " " in name:
            yield fault("Header keys can't contain non-ASCII characters or empty spaces.", place)
        if name.lower() in RESERVED_HEADERS:
            yield fault("Header can't be one of the reserved keys.", f"{place}.{name}")
        if _breaks(value):
            yield fault("Header values can't contain CRLF characters.", f"{place}.{name}")


def _strings(given: Any, place: str, most_bytes: int) -> Iterator[Fault]:
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        yield fault(
            "The values must be an object of key/value pairs, where the values are all strings.", place
        )
        return
    if sum(len(name.encode()) + len(value.encode()) for name, value in given.items()) > most_bytes:
        yield fault(f"The total size may not exceed {most_bytes} bytes.", place)


def _send_at(given: dict[str, Any], place: str) -> Iterator[Fault]:
    if "send_at" not in given:
        return
    if not isinstance(given["send_at"], int):
        yield fault("The send_at parameter is expecting a UNIX timestamp as an integer.", place)
    elif given["send_at"] > time.time() + FURTHEST_S:
        yield fault("Scheduling more than 72 hours in advance is forbidden.", place)


def _breaks(value: str) -> bool:
    return "\r" in value or "\n" in value
