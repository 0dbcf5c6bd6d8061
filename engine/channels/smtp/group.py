"""The messages that are handed over in one go: which are waiting, and what became of each."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from engine.channels.mime import Email
from engine.model.errors import DeliveryError, ServiceUnavailable
from engine.ports import Answer, Outgoing, Receipt

MOST_TRIES = 3
"""How often a message is begun whose connection is cut before it was handed over."""


class Mail(msgspec.Struct, kw_only=True):
    """`number` is its place in the group; `envelope` its first commands, `content` what is said after DATA, final dot
    and all; `tries` how often it was begun."""

    number: int
    email: Email
    envelope: tuple[bytes, ...] = ()
    content: bytes = b""
    tries: int = 0


Prepare = Callable[[Outgoing], Awaitable[Email]]
Count = Callable[[], None]
"""Told of each message that goes."""


class Group:
    """`trouble` is that of the way out: once there is one, what waits is not tried any more, and gets it as its
    answer."""

    def __init__(self, outgoings: Sequence[Outgoing], prepare: Prepare, count: Count) -> None:
        self._outgoings = outgoings
        self._prepare = prepare
        self._count = count
        self._waiting = deque(range(len(outgoings)))
        self._begun: deque[Mail] = deque()
        self._answers: list[Answer | None] = [None] * len(outgoings)
        self.trouble: ServiceUnavailable | None = None
        self.taken = 0

    @property
    def size(self) -> int:
        return len(self._outgoings)

    @property
    def waits(self) -> bool:
        return self.trouble is None and bool(self._waiting or self._begun)

    async def take(self) -> Mail | None:
        """The next one to hand over; those that can be no email are answered, and passed by."""
        if self.trouble is not None:
            return None
        if self._begun:
            return self._begun.popleft()
        while self._waiting:
            number = self._waiting.popleft()
            try:
                email = await self._prepare(self._outgoings[number])
            except DeliveryError as error:
                self._answers[number] = error
            else:
                self._count()
                return Mail(number=number, email=email)
        return None

    def give_back(self, mail: Mail, why: str) -> None:
        """It was certainly not taken, as the connection was cut: it goes by another. Where that happens again and
        again, it is this message's trouble if others get through."""
        mail.tries += 1
        if mail.tries < MOST_TRIES:
            self.put_back(mail)
        elif self.taken:
            self.answer(mail, DeliveryError(f"{why} It did so {mail.tries} times.", permanent=False))
        else:
            self.stop(
                ServiceUnavailable(
                    why, "Its log may tell why it did; `milepost doctor` tries the connection.", passing=True
                )
            )

    def put_back(self, mail: Mail) -> None:
        """It was not begun."""
        self._begun.append(mail)

    def answer(self, mail: Mail, answer: Answer) -> None:
        if isinstance(answer, ServiceUnavailable):
            self.stop(answer)
        if isinstance(answer, Receipt):
            self.taken += 1
        self._answers[mail.number] = answer

    def stop(self, trouble: ServiceUnavailable) -> None:
        self.trouble = self.trouble or trouble

    def answers(self) -> list[Answer]:
        return [self.trouble or _LOST if one is None else one for one in self._answers]


_LOST = ServiceUnavailable("The mail was not handed over.")
