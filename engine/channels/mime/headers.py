"""Header fields."""

import re
from base64 import b64encode
from urllib.parse import quote

from engine.model.errors import DeliveryError

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ATOMS = re.compile(rf"{_ATOM}( {_ATOM})*")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_MOST_PLAIN_CHARS = 66  # with the field's name a line of at most 78 (RFC 5322, section 2.1.1)
_MOST_ENCODED_BYTES = 39  # 52 in base64, and a frame of 12: with `Subject: ` under 76 (RFC 2047, section 2)


def checked(value: str, what: str) -> str:
    """`value`; raises `DeliveryError` where it holds a control character."""
    if _CONTROL.search(value):
        raise DeliveryError(f"The {what} holds a line break or control character.", permanent=True)
    return value


def unstructured(value: str, what: str) -> str:
    """A text, such as a subject: as it is where that is allowed, else in encoded words (RFC 2047)."""
    checked(value, what)
    if value.isascii() and len(value) <= _MOST_PLAIN_CHARS and "=?" not in value:
        return value
    return _encoded_words(value)


def mailbox(name: str, address: str, what: str) -> str:
    """`name <address>`; raises `DeliveryError` where the address is none."""
    checked(name, f"{what}'s name")
    address = _domain_in_ascii(checked(address, f"{what}'s address"))
    if not _ADDRESS.fullmatch(address):
        raise DeliveryError(f"The {what}'s address is no email address.", permanent=True)
    if not name:
        return address
    if not name.isascii() or len(name) > _MOST_PLAIN_CHARS or "=?" in name:
        return f"{_encoded_words(name)}\r\n <{address}>"
    if not _ATOMS.fullmatch(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}"'
    return f"{name} <{address}>"


def parameter(name: str, value: str, what: str) -> str:
    """A parameter of a structured field, encoded where needed (RFC 2231)."""
    checked(value, what)
    if value.isascii() and not set(value) & set('"\\'):
        return f'{name}="{value}"'
    return f"{name}*=utf-8''{quote(value, safe='')}"


def uri(value: str, what: str) -> str:
    """`<value>`, for List-Unsubscribe."""
    checked(value, what)
    if set(value) & set("<> ,") or not value.isascii():
        raise DeliveryError(f"The {what} is no address of the web.", permanent=True)
    return f"<{value}>"


def _domain_in_ascii(address: str) -> str:
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return address


def _encoded_words(value: str) -> str:
    """Encoded words of whole characters, one a line; what is between two of them counts for nothing."""
    words, chunk = [], b""
    for char in value:
        encoded = char.encode()
        if len(chunk) + len(encoded) > _MOST_ENCODED_BYTES:
            words.append(chunk)
            chunk = b""
        chunk += encoded
    words.append(chunk)
    return "\r\n ".join(f"=?utf-8?B?{b64encode(word).decode('ascii')}?=" for word in words)
