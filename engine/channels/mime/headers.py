"""Header fields."""

import re
from base64 import b64encode
from functools import lru_cache
from urllib.parse import quote

from engine.model.errors import DeliveryError

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ATOMS = re.compile(rf"{_ATOM}( {_ATOM})*")
_ADDRESS = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"
)  # RFC 5322 less what must be quoted, and more of other scripts, RFC 6532
_MOST_ADDRESS_BYTES = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets
_MOST_PLAIN_CHARS = 66  # with the field's name a line of at most 78 (RFC 5322, section 2.1.1)
_MOST_ENCODED_BYTES = 39  # 52 in base64, and a frame of 12: with `Subject: ` under 76 (RFC 2047, section 2)


def checked(value: str, what: str) -> str:
    """`value`; raises `DeliveryError` where it holds a control character."""
    if _CONTROL.search(value):
        raise DeliveryError(f"The {what} holds a line break or control character.", permanent=True)
    return value


@lru_cache(256)
def unstructured(value: str, what: str) -> str:
    """A text, such as a subject: as it is where that is allowed, else in encoded words (RFC 2047)."""
    checked(value, what)
    if value.isascii() and len(value) <= _MOST_PLAIN_CHARS and "=?" not in value:
        return value
    return _encoded_words(value)


def mailbox(name: str, address: str, what: str) -> str:
    """`name <address>`; raises `DeliveryError` where the address is none."""
    checked(name, f"{what}'s name")
    address = addressed(address, what)
    if not name:
        return address
    if not name.isascii() or len(name) > _MOST_PLAIN_CHARS or "=?" in name:
        return f"{_encoded_words(name)}\r\n <{address}>"
    if not _ATOMS.fullmatch(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}"'
    return f"{name} <{address}>"


def addressed(address: str, what: str) -> str:
    """The address as it stands on an envelope, its domain in ASCII; raises `DeliveryError` where it is none."""
    local, at, domain = checked(address, f"{what}'s address").rpartition("@")
    address = f"{local}{at}{_domain_in_ascii(domain)}"
    if not _ADDRESS.fullmatch(address) or len(address.encode()) > _MOST_ADDRESS_BYTES:
        raise DeliveryError(f"The {what}'s address is no email address.", permanent=True)
    return address


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


@lru_cache(1024)
def _domain_in_ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _encoded_words(value: str) -> str:
    """Encoded words of whole characters, one a line; what is between two of them counts for nothing."""
    whole = value.encode()
    if len(whole) <= _MOST_ENCODED_BYTES:
        return _encoded_word(whole)
    words, chunk = [], b""
    for char in value:
        encoded = char.encode()
        if len(chunk) + len(encoded) > _MOST_ENCODED_BYTES:
            words.append(chunk)
            chunk = b""
        chunk += encoded
    words.append(chunk)
    return "\r\n ".join(map(_encoded_word, words))


def _encoded_word(word: bytes) -> str:
    return f"=?utf-8?B?{b64encode(word).decode('ascii')}?="
