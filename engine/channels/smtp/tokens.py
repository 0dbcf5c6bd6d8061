"""The address to which mail comes back: one for each message (VERP), signed.

`bounces@care.example.com` becomes `bounces+b…@care.example.com`, with the message's id and a signature of it: nobody
can make the engine believe that a message bounced who has not got that message. Replies that ask to be sent no more go
to another one, `…+u…`. All of it is in lower case, as servers on the way may write it so.
"""

import hmac
import re
from enum import StrEnum

from engine.channels.mime import Return
from engine.model.errors import UsageError

_SIGNATURE_BYTES = 8
_TOKEN = re.compile(r"\+([bu])([0-9a-f]{32})([0-9a-f]{16})(?=@)", re.IGNORECASE)
_MOST_LOCAL_CHARS = 64 - 50  # RFC 5321, section 4.5.3.1.1
_ADDRESS = re.compile(r"[A-Za-z0-9._-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class For(StrEnum):
    BOUNCE = "b"
    UNSUBSCRIBE = "u"


def checked(address: str) -> str:
    """`address`; raises `UsageError` where it is none, or too long."""
    if not _ADDRESS.fullmatch(address) or len(address.partition("@")[0]) > _MOST_LOCAL_CHARS:
        raise UsageError(
            "MILEPOST_BOUNCE_ADDRESS is no address that can be used.",
            f"It looks like bounces@care.example.com, with at most {_MOST_LOCAL_CHARS} characters before the @.",
        )
    return address


class ReturnAddress:
    """Addresses under `address`, signed with `key`. Raises `UsageError` as `checked` does."""

    def __init__(self, address: str, key: bytes) -> None:
        self._local, _, self._domain = checked(address).partition("@")
        self._key = key

    def of(self, message_id: str) -> Return:
        """Those of a message, whose id is 32 hexadecimal digits."""
        return Return(
            bounce=self._address(For.BOUNCE, message_id),
            unsubscribe=self._address(For.UNSUBSCRIBE, message_id),
        )

    def found(self, text: str) -> tuple[For, str] | None:
        """The first genuine one in a text: what it is for, and the message's id."""
        for purpose, message_id, signature in _TOKEN.findall(text.lower()):
            if hmac.compare_digest(self._signature(purpose, message_id), signature):
                return For(purpose), message_id
        return None

    def _address(self, purpose: str, message_id: str) -> str:
        return f"{self._local}+{purpose}{message_id}{self._signature(purpose, message_id)}@{self._domain}"

    def _signature(self, purpose: str, message_id: str) -> str:
        signed = hmac.digest(self._key, f"mail/{purpose}/{message_id}".encode("ascii"), "sha256")
        return signed[:_SIGNATURE_BYTES].hex()
