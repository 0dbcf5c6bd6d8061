"""Events as HTTP brings them, by the CloudEvents HTTP binding: structured, batched and binary mode → each event's JSON.

Where the binding leaves it open
- `application/json` holds one event, or a list of them, which is a batch. With `ce-specversion` it is the data of one
  in binary mode.
- Text is UTF-8; `data` is JSON. In binary mode the `ce-…` headers are the attributes: unquoted, then percent-decoded
  once; names are letters and digits.
- An event keeps the bytes in which it came, but for binary mode, where there are none of the whole of it.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from engine.intake.parse.envelope import is_json

BATCH = "application/cloudevents-batch+json"
STRUCTURED = "application/cloudevents+json"
PLAIN = "application/json"
TAKEN = (STRUCTURED, BATCH, PLAIN)

_PREFIX = "ce-"
_NAME = re.compile(r"[a-z0-9]{1,64}")
_NOT_OURS = frozenset({"data", "datacontenttype"})  # the body, and its type's own header
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(rb"\\(.)")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_many = msgspec.json.Decoder(list[msgspec.Raw]).decode
_one = msgspec.json.Decoder(msgspec.Raw).decode
_encode = msgspec.json.Encoder().encode


class Brought(NamedTuple):
    """The JSON of each event; whether they came as a batch."""

    events: list[bytes]
    batch: bool


class Unread(NamedTuple):
    """Why nothing can be read of it: 400 or 415, and a sentence. `member` is the attribute at fault, if one is."""

    status: int
    detail: str
    member: str = ""


def read_http(headers: Iterable[tuple[str, str]], body: bytes) -> Brought | Unread:
    """`headers` by lower-case names, values as Latin-1 has them, as often as they came. Never raises for what they
    hold."""
    listed = [(name.lower(), value) for name, value in headers]
    given = dict(listed)
    whole_type = given.get("content-type", "")
    media_type = whole_type.partition(";")[0].strip().lower()
    if _charset(whole_type) not in ("", "utf-8", "utf8", "us-ascii"):
        return Unread(415, "Events are JSON in UTF-8.")
    if given.get("content-encoding", "identity").strip().lower() != "identity":
        return Unread(415, "A body that is compressed is not taken.")
    try:
        if media_type == BATCH:
            return _batch(body)
        if media_type == STRUCTURED:
            return _structured(body)
        if "ce-specversion" in given:
            return _binary(listed, whole_type, body)
        if media_type == PLAIN:
            return _batch(body) if body.lstrip()[:1] == b"[" else _structured(body)
    except (msgspec.DecodeError, RecursionError) as error:
        told = str(error) if isinstance(error, msgspec.DecodeError) else "it nests too deeply"
        return Unread(400, f"The body is not JSON: {told.removeprefix('JSON is malformed: ')}.")
    except UnicodeDecodeError:
        return Unread(400, "The body is not UTF-8.")
    return Unread(415, f"Events come as {', '.join(TAKEN)}, or with ce-… headers.")


def _charset(content_type: str) -> str:
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""


def _structured(body: bytes) -> Brought:
    body.decode("utf-8")
    _one(_without_mark(body))
    return Brought([body], batch=False)


def _batch(body: bytes) -> Brought | Unread:
    body.decode("utf-8")
    try:
        return Brought([bytes(one) for one in _many(_without_mark(body))], batch=True)
    except msgspec.ValidationError:
        return Unread(400, "A batch is a list of events.")


def _binary(headers: list[tuple[str, str]], content_type: str, body: bytes) -> Brought | Unread:
    if not is_json(content_type or PLAIN):
        return Unread(415, "The data of an event is JSON.")
    attributes: dict[str, str] = {}
    for header, value in headers:
        name = header.removeprefix(_PREFIX)
        if name == header:
            continue
        if not _NAME.fullmatch(name) or name in _NOT_OURS:
            return Unread(400, f"{header} names no attribute.", name)
        if name in attributes:
            return Unread(400, f"{header} is given twice.", name)
        try:
            attributes[name] = _decoded(value)
        except UnicodeDecodeError:
            return Unread(400, f"{header} is not UTF-8 once it is decoded.", name)
    event = _encode(attributes)
    if body.strip():
        body.decode("utf-8")
        data = _without_mark(body)
        _one(data)  # or more than the data could come in by it
        event = event[:-1] + b',"data":' + data + b"}"
    return Brought([event], batch=False)


def _decoded(value: str) -> str:
    raw = value.strip().encode("latin-1", "replace")
    if quoted := _QUOTED.fullmatch(raw):
        raw = _ESCAPED.sub(rb"\1", quoted[1])
    return _PERCENT.sub(lambda one: bytes([int(one[1], 16)]), raw).decode("utf-8")


def _without_mark(body: bytes) -> bytes:
    return body.removeprefix(b"\xef\xbb\xbf")
