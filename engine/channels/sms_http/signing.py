"""How requests and notices of the generic way are signed.

    X-Milepost-Timestamp: 1763800000                 seconds since 1970
    X-Milepost-Signature: sha256=<hexadecimal>       HMAC-SHA256 of timestamp, a full stop, and the body as it is sent

by a secret that both sides have. What is older than five minutes, or as far ahead, is refused.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

TIMESTAMP = "x-milepost-timestamp"
SIGNATURE = "x-milepost-signature"
WINDOW_S = 300


def signed(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers that sign `body`."""
    timestamp = str(int(at.timestamp()))
    return {TIMESTAMP: timestamp, SIGNATURE: f"sha256={_digest(secret, timestamp, body)}"}


def fault_in(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str | None:
    """Why it is not to be believed; None where it is. `headers` have names in lower case."""
    timestamp = headers.get(TIMESTAMP, "")
    expected = f"sha256={_digest(secret, timestamp, body)}"
    if not secret or not hmac.compare_digest(headers.get(SIGNATURE, "").encode(), expected.encode()):
        return "the signature is not right"
    if not timestamp.isdecimal() or abs(now.timestamp() - int(timestamp)) > WINDOW_S:
        return "it was signed too long ago, or one of the clocks is wrong"
    return None


def _digest(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
