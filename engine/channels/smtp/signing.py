"""DKIM signatures (RFC 6376, and 8463 for Ed25519), relaxed/relaxed, for the domain of the sender's address.

By dkimpy's canonical forms, but not by its `sign`: that reckons RSA in Python, which takes 13 ms a message where
OpenSSL takes half a millisecond, and parses the key, and the mail that has just been put together, each time anew. Nor
is dkimpy asked for the canonical form of what is in it already, as nearly all is that we make: looking takes 10 µs,
asking 300.
"""

import time
from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from dkim.canonicalization import Relaxed
from msgspec.structs import replace

from engine.channels.mime import Email
from engine.model.errors import UsageError

_LEAST_RSA_BITS = 1024
_LINE_CHARS = 72
_FROZEN = (b"from", b"to", b"subject")
_SIGNED = frozenset(
    {
        *_FROZEN,
        *(b"date", b"message-id", b"list-unsubscribe", b"list-unsubscribe-post", b"feedback-id"),
        *(b"auto-submitted", b"mime-version", b"content-type", b"content-transfer-encoding"),
    }
)
"""What there is of these is signed; `_FROZEN` once more, so that no second one can be added."""

_CRLF, _TWO_BLANKS, _TAB, _BLANK_AT_END = b"\r\n", b"  ", b"\t", b" \r\n"

Field = tuple[bytes, bytes]


class Signer:
    """With a private key in PEM, RSA or Ed25519. Its public half is published under `<selector>._domainkey.<domain>`
    for the domain of each brand's sender. `seconds` is the time of day."""

    def __init__(self, key_file: Path, selector: str, *, seconds: Callable[[], float] = time.time) -> None:
        self._key = _key(key_file)
        self._selector = selector
        self._seconds = seconds

    @property
    def slow(self) -> bool:
        """Whether a signature takes longer than handing it to another thread."""
        return isinstance(self._key, RSAPrivateKey)

    def signed(self, email: Email) -> Email:
        """The email with a signature before its other headers."""
        fields = [field for field in _fields(email.head) if field[0] in _SIGNED]
        body = sha256(_canonical(email.body)).digest()
        algorithm = "rsa-sha256" if self.slow else "ed25519-sha256"
        header = (
            f"DKIM-Signature: v=1; a={algorithm}; c=relaxed/relaxed;\r\n"
            f" d={email.sender.rpartition('@')[2]};\r\n s={self._selector}; t={int(self._seconds())};\r\n"
        ).encode("ascii") + b"%b\r\n bh=%b;\r\n b=" % (
            _names(tuple(name for name, _ in fields)),
            b64encode(body),
        )
        [(name, value)] = _fields(header + _CRLF)
        said = b"".join([b"%b:%b" % field for field in fields]) + b"%b:%b" % (name, value.rstrip())
        signature = _folded(b64encode(self._signature(said)))
        return replace(email, head=b"%b%b\r\n%b" % (header, signature, email.head))

    def _signature(self, said: bytes) -> bytes:
        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(said, PKCS1v15(), SHA256())
        return self._key.sign(sha256(said).digest())


def _fields(head: bytes) -> list[Field]:
    """Header fields in their canonical form."""
    unfolded = head.replace(b"\r\n ", b" ")
    pairs = [line.split(b":", 1) for line in unfolded.split(b"\r\n")[:-1]]
    if _TWO_BLANKS in unfolded or _TAB in unfolded:
        found: list[Field] = Relaxed.canonicalize_headers(pairs)
        return found
    return [(name.lower(), value.strip() + _CRLF) for name, value in pairs]


def _canonical(body: bytes) -> bytes:
    unended = body == _CRLF or body.endswith(_CRLF + _CRLF) or not body.endswith(_CRLF)
    if unended or _TWO_BLANKS in body or _TAB in body or _BLANK_AT_END in body:
        canonical: bytes = Relaxed.canonicalize_body(body)
        return canonical
    return body


@lru_cache(64)
def _names(names: tuple[bytes, ...]) -> bytes:
    """The tag that says which fields are signed."""
    lines, line = [], b" h="
    for name in (*names, *_FROZEN):
        if len(line) + len(name) > _LINE_CHARS:
            lines.append(line)
            line = b" "
        line += name + b":"
    return b"\r\n".join([*lines, line[:-1] + b";"])


def _folded(encoded: bytes) -> bytes:
    lines = [encoded[start : start + _LINE_CHARS] for start in range(0, len(encoded), _LINE_CHARS)]
    return b"\r\n ".join(lines)


def _key(file: Path) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", _HINT) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UsageError(f"{file} is no private key in PEM without a password.", _HINT) from None
    if isinstance(key, RSAPrivateKey) and key.key_size < _LEAST_RSA_BITS:
        raise UsageError(f"{file} is a key of {key.key_size} bits, which nobody takes.", _HINT)
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise UsageError(f"{file} is no key of RSA or Ed25519.", _HINT)
    return key


_HINT = "MILEPOST_DKIM_KEY_FILE names the private key: see docs/howto/deliverability.md."
