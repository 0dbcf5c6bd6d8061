"""The channel."""

from collections.abc import Sequence

import msgspec

from engine.channels.rate import Rate
from engine.channels.sendgrid.answers import asked_to_wait_s, refused
from engine.channels.sendgrid.sending import Sending, not_reached
from engine.channels.sendgrid.settings import SendGridSettings
from engine.channels.sendgrid.transport import HttpAnswer, NotReached, Transport
from engine.model.errors import ServiceUnavailable
from engine.model.messages import Message
from engine.ports import Answer, Outgoing, Receipt, Room

BATCH = 2000
"""Two full requests at once: more would not be faster, and be more that is unsettled after a crash."""

_SENDING = "mail.send"


class _Scopes(msgspec.Struct):
    scopes: list[str]


class SendGrid:
    name = "email"
    repeatable = False
    takes_forms = True
    batch = BATCH

    def __init__(self, settings: SendGridSettings) -> None:
        self._settings = settings
        self._transport = Transport(settings)
        self._rate = Rate(settings.per_s)

    def check(self) -> str:
        answer = self._scopes()
        if answer.status != 200:
            raise refused(answer) if answer.status < 429 else _at_present(answer)
        try:
            scopes = msgspec.json.decode(answer.body, type=_Scopes).scopes
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise refused(answer) from None
        if _SENDING not in scopes:
            raise refused(HttpAnswer(403, {}))
        where = f"by SendGrid, {self._settings.url}"
        return f"{where}, in its sandbox: it sends nothing" if self._settings.sandbox else where

    def room(self) -> Room:
        return self._rate.room()

    def deliver(self, outgoings: Sequence[Outgoing]) -> list[Answer]:
        sending = Sending(self._transport, self._rate, self._settings, outgoings)
        return self._transport.run(sending.answers())

    def recover(self, message: Message) -> Receipt | None:
        """Nobody can be asked: the webhook tells."""
        del message
        return None

    def close(self) -> None:
        self._transport.close()

    def _scopes(self) -> HttpAnswer:
        try:
            return self._transport.run(self._transport.request("GET", "v3/scopes"))
        except NotReached as error:
            raise not_reached(error) from None


def _at_present(answer: HttpAnswer) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"SendGrid cannot be asked at present ({answer.status}).",
        "https://status.sendgrid.com says more.",
        retry_after_s=asked_to_wait_s(answer),
    )
