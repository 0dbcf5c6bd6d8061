"""DKIM signatures, as dkimpy reads them."""

from base64 import b64encode
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from dkim.canonicalization import Relaxed
from hypothesis import given
from hypothesis import strategies as st

from engine.channels.mime import Return, build
from engine.channels.smtp.signing import Signer, _canonical, _fields
from engine.model.errors import UsageError
from engine.ports import Attachment
from tests.channels.smtp.smtp_world import SHANGHAI, outgoing, sent, taken
from tests.services.smtp_scripted import Scripted

Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

KEYS: dict[str, Key] = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}


def signer(folder: Path, kind: str, form: PrivateFormat = PrivateFormat.PKCS8) -> Signer:
    file = folder / f"{kind}.pem"
    file.write_bytes(KEYS[kind].private_bytes(Encoding.PEM, form, NoEncryption()))
    return Signer(file, "care2025")


def published(kind: str) -> bytes:
    public = KEYS[kind].public_key()
    if isinstance(public, rsa.RSAPublicKey):
        encoded = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        encoded = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return b"v=DKIM1; k=%b; p=%b" % (kind.encode(), b64encode(encoded))


def verified(content: bytes, kind: str) -> bool:
    asked = []

    def dns(name: bytes, timeout: float = 5) -> bytes:
        asked.append(name)
        return published(kind)

    good = dkim.verify(content, dnsfunc=dns)
    assert asked == [b"care2025._domainkey.michelin.example."]
    return bool(good)


ODD = (
    outgoing(1),
    outgoing(2, subject="Your tyres   have  done\t10 000 km".replace("\t", " ")),
    outgoing(3, subject="您的轮胎" * 60, text="", html="<p>x</p>"),
    outgoing(
        4, attachments=(Attachment(name="优惠券.pdf", media_type="application/pdf", content=b"%PDF" * 99),)
    ),
    outgoing(5, "王芳@例子.cn"),
    outgoing(6, sender={"name": 'The "tyre" people, Ltd.', "email": "care@michelin.example"}),
)


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("one", ODD, ids=range(len(ODD)))
def test_a_signature_holds(tmp_path: Path, kind: str, one) -> None:  # type: ignore[no-untyped-def]
    back = Return(bounce="bounces+b1@care.example.com", unsubscribe="bounces+u1@care.example.com")
    signed = signer(tmp_path, kind).signed(build(one, SHANGHAI, back))
    assert verified(signed.content, kind)
    assert max(map(len, signed.head.split(b"\r\n"))) <= 998


def test_an_older_form_of_key_is_read(tmp_path: Path) -> None:
    signed = signer(tmp_path, "rsa", PrivateFormat.TraditionalOpenSSL).signed(build(ODD[0], SHANGHAI))
    assert verified(signed.content, "rsa")


@pytest.mark.parametrize(
    ("changed", "into"),
    [
        (b"Subject: ", b"Subject: Re: "),
        (b"From: ", b"From: evil@example.com\r\nFrom: "),
        (b"Subject: ", b"Subject: other\r\nSubject: "),
        (b"List-Unsubscribe: <", b"List-Unsubscribe: <https://evil.example/>, <"),
        (b"\r\n\r\n--=_", b"\r\n\r\nmore\r\n--=_"),
    ],
)
def test_whatever_is_changed_or_added_it_holds_no_more(tmp_path: Path, changed: bytes, into: bytes) -> None:
    content = signer(tmp_path, "ed25519").signed(build(ODD[0], SHANGHAI)).content
    assert changed in content
    assert not verified(content.replace(changed, into, 1), "ed25519")


@given(st.lists(st.sampled_from(["a", " ", "  ", "\t", "\r\n", "=", "x y"]), max_size=12))
def test_any_body_and_header_is_signed_in_the_form_that_others_find(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert _canonical(text.encode()) == Relaxed.canonicalize_body(text.encode())
    value = " ".join(text.split("\r\n"))
    [field] = _fields(f"Subject: {value}\r\n".encode())
    assert [field] == Relaxed.canonicalize_headers([(b"Subject", f" {value}\r\n".encode())])


@pytest.mark.parametrize("kind", KEYS)
def test_what_arrives_is_signed(tmp_path: Path, kind: str) -> None:
    with Scripted() as server:
        answers = sent(
            server.port, [outgoing(n) for n in range(5)], channel={"signer": signer(tmp_path, kind)}
        )
        assert taken(answers) == [True] * 5
        assert all(verified(one.content, kind) for one in server.taken)
        assert [one.recipient for one in server.taken] == [f"w{n}@example.cn" for n in range(5)]


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    weak = rsa.generate_private_key(65537, 1024)
    other = ec.generate_private_key(ec.SECP256R1())
    Signer(_file(tmp_path, weak), "care")
    for content in (b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        (tmp_path / "none.pem").write_bytes(content)
        with pytest.raises(UsageError, match="no private key"):
            Signer(tmp_path / "none.pem", "care")
    with pytest.raises(UsageError, match="no key of RSA or Ed25519"):
        Signer(_file(tmp_path, other), "care")
    with pytest.raises(UsageError, match="cannot be read"):
        Signer(tmp_path / "missing.pem", "care")


def _file(folder: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Path:
    file = folder / "key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file
