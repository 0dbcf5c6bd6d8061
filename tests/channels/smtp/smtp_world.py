"""A channel against a server that does as it is told."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from engine.channels.smtp.channel import Smtp
from engine.channels.smtp.server import Limits, read_url
from engine.channels.smtp.tokens import ReturnAddress
from engine.ports import Answer, Outgoing, Receipt, Rendered
from tests.contracts.samples import message
from tests.services.server import HOST

SHANGHAI = ZoneInfo("Asia/Shanghai")
RETURNS = ReturnAddress("bounces@care.example.com", b"k" * 32)
LIMITS = Limits(connections=1, answer_s=20.0)


def outgoing(n: int = 1, to: str = "", **members: Any) -> Outgoing:
    rendered = {
        "channel": "email",
        "subject": "您的轮胎已行驶 10000 公里",
        "text": "您好，\n请到店检查。\n",
        "html": "<p>您好</p>\n",
        "sender": {"name": "米其林轮胎", "email": "care@michelin.example"},
        "unsubscribe_url": "https://care.example.com/u/0123",
        **members,
    }
    address = {"name": "王芳", "email": to or f"w{n}@example.cn"}
    return Outgoing(message=message(n, channel="email", address=address), rendered=Rendered(**rendered))


@contextmanager
def channel(port: int, limits: Limits = LIMITS, **members: Any) -> Iterator[Smtp]:
    options = {"returns": lambda: RETURNS, **members.pop("channel", {})}
    address = members.pop("address", f"smtp://{HOST}:{port}")
    made = Smtp(read_url(address, limits=limits, **members), SHANGHAI, **options)
    try:
        yield made
    finally:
        made.close()


def sent(port: int, outgoings: Sequence[Outgoing], **members: Any) -> list[Answer]:
    with channel(port, **members) as made:
        return list(made.deliver(outgoings))


def taken(answers: Sequence[Answer]) -> list[bool]:
    return [isinstance(one, Receipt) for one in answers]
