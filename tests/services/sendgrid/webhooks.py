"""Events as SendGrid posts them: signed by ECDSA on P-256 over the time stamp and the body."""

import base64
import random
import secrets
import time
from typing import Any

import aiohttp
import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.services.sendgrid.taken import Mail

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"

DETAILS: dict[str, dict[str, Any]] = {
    "processed": {},
    "deferred": {
        "response": "451 try again later",
        "attempt": "2",
        "ip": "192.0.2.7",
        "domain": "example.cn",
    },
    "delivered": {"response": "250 2.0.0 queued", "ip": "192.0.2.7", "tls": 1},
    "bounce": {
        "type": "bounce",
        "status": "5.1.1",
        "reason": "550 5.1.1 no such user",
        "bounce_classification": "Invalid Address",
        "ip": "192.0.2.7",
        "tls": 1,
    },
    "blocked": {
        "type": "blocked",
        "status": "4.7.1",
        "reason": "421 4.7.1 refused by policy",
        "bounce_classification": "Reputation",
        "ip": "192.0.2.7",
    },
    "dropped": {"reason": "Bounced Address", "status": "5.0.0"},
    "open": {"useragent": "Mozilla/5.0", "ip": "198.51.100.4", "sg_machine_open": False},
    "click": {
        "useragent": "Mozilla/5.0",
        "ip": "198.51.100.4",
        "url": "https://care.example.com/tyres",
        "url_offset": {"index": 0, "type": "html"},
    },
    "spamreport": {},
    "unsubscribe": {},
    "group_unsubscribe": {"asm_group_id": 10, "useragent": "Mozilla/5.0", "ip": "198.51.100.4"},
    "group_resubscribe": {"asm_group_id": 10, "useragent": "Mozilla/5.0", "ip": "198.51.100.4"},
}
"""What each kind of event tells besides what all do. `blocked` is a `bounce` of that type."""


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """Posts `events` of each message taken (of those `to` only, where given) to `url`, `batch` in a request, each
    request `copies` times, in another order than they happened where `shuffled`. `age_s` makes the signature's time
    stamp older, `more` adds members to each event, `without` leaves some out."""

    url: str
    events: list[str]
    to: list[str] = []
    batch: int = 100
    copies: int = 1
    shuffled: bool = False
    age_s: float = 0.0
    more: dict[str, Any] = {}
    without: list[str] = []


class Signer:
    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> str:
        """As SendGrid shows it: DER in base64."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode()

    def headers(self, body: bytes, at: float | None = None) -> dict[str, str]:
        """Of a request with that body, signed at that moment (seconds of the epoch), or now."""
        stamp = str(int(time.time() if at is None else at))
        signature = self._key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: stamp}


def event(kind: str, mail: Mail, at: float, **more: Any) -> dict[str, Any]:
    """One event; custom_args stand among its members."""
    return {
        "email": mail.to,
        "timestamp": int(at),
        "smtp-id": f"<{mail.request}@geopod-ismtpd-1>",
        "event": "bounce" if kind == "blocked" else kind,
        "category": mail.categories,
        "sg_event_id": secrets.token_urlsafe(16),
        "sg_message_id": mail.sg_message_id,
        **DETAILS[kind],
        **mail.custom_args,
        **more,
    }


def body_of(events: list[dict[str, Any]]) -> bytes:
    """As SendGrid writes it: an object a line, and CR LF behind the last."""
    return b"[" + b",\r\n".join(msgspec.json.encode(one) for one in events) + b"]\r\n"


async def post(order: Order, mails: list[Mail], signer: Signer) -> list[int]:
    """Posts them; returns the answers' statuses, 0 where there was none."""
    now = time.time()
    events = [
        {
            name: value
            for name, value in event(kind, mail, now + n, **order.more).items()
            if name not in order.without
        }
        for mail in mails
        if not order.to or mail.to in order.to
        for n, kind in enumerate(order.events)
    ]
    if order.shuffled:
        random.Random(7).shuffle(events)
    bodies = [body_of(events[n : n + order.batch]) for n in range(0, len(events), order.batch)]
    found = []
    async with aiohttp.ClientSession() as session:
        for body in bodies:
            headers = {"Content-Type": "application/json", **signer.headers(body, now - order.age_s)}
            for _ in range(order.copies):
                try:
                    async with session.post(order.url, data=body, headers=headers) as answer:
                        found.append(answer.status)
                except aiohttp.ClientError:
                    found.append(0)
    return found
