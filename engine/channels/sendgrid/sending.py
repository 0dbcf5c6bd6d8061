"""One hand-over: every message gets its answer."""

import asyncio
import time
from collections.abc import Iterator, Sequence

from engine.channels.backoff import Tries
from engine.channels.rate import Rate
from engine.channels.sendgrid.answers import (
    Closed,
    Faulty,
    Meaning,
    Passing,
    Taken,
    TooLarge,
    Untold,
    meaning,
)
from engine.channels.sendgrid.plan import Request, requests, unwritable
from engine.channels.sendgrid.settings import SendGridSettings
from engine.channels.sendgrid.transport import NoAnswer, NotReached, Transport
from engine.model.errors import DeliveryError, ServiceUnavailable, Unsettled
from engine.ports import Answer, Outgoing, Receipt

_PATH = "v3/mail/send"


class Sending:
    """As many requests at a time as there are connections. `over` is set once no other shall begin."""

    def __init__(
        self, transport: Transport, rate: Rate, settings: SendGridSettings, outgoings: Sequence[Outgoing]
    ) -> None:
        self._transport = transport
        self._rate = rate
        self._settings = settings
        self._outgoings = outgoings
        self._answers: list[Answer | None] = [None] * len(outgoings)
        self._over: ServiceUnavailable | None = None
        self._since_s = time.monotonic()
        self._closed_until_s = self._since_s

    async def answers(self) -> list[Answer]:
        waiting = requests(self._outgoings, self._settings, self._answer)
        await asyncio.gather(*(self._work(waiting) for _ in range(self._settings.connections)))
        over = self._over or ServiceUnavailable("SendGrid was not asked.")
        return [over if answer is None else answer for answer in self._answers]

    async def _work(self, waiting: Iterator[Request]) -> None:
        while self._over is None and (request := next(waiting, None)) is not None:
            try:
                await self._send(request)
            except Exception as error:
                why = f"{type(error).__name__} in sending"
                for place in request.places:
                    if self._answers[place] is None:
                        self._answer(place, Unsettled(f"SendGrid may have been asked: {why}."))
                self._over = _silent(why)

    def _answer(self, place: int, answer: Answer) -> None:
        self._answers[place] = answer

    def _answer_all(self, request: Request, answer: Answer) -> None:
        for place in request.places:
            self._answers[place] = answer

    async def _send(self, request: Request) -> None:
        """Until it is taken or not, in parts where it must be."""
        while self._over is None:
            found = await self._ask(request)
            if found is None:
                return
            if isinstance(found, Taken):
                self._answer_all(request, Receipt(provider_id=found.provider_id, place=found.place))
                return
            if isinstance(found, Untold):
                self._answer_all(request, Unsettled(f"SendGrid was asked, but {found.why}."))
                self._over = _silent(found.why)
                return
            if isinstance(found, TooLarge) or (isinstance(found, Faulty) and not found.at):
                await self._split(request, found)
                return
            if isinstance(found, Faulty):
                left = self._without(request, found)
                if left is None:
                    return
                request = left

    async def _ask(self, request: Request) -> Meaning | None:
        """Tries until there is an answer that does not pass; None once no request shall go."""
        try:
            body = request.body()
        except UnicodeEncodeError as error:  # half a character, in one of them
            return Faulty({}, unwritable(error))
        tries = Tries(self._settings.backoff, since_s=self._since_s)
        while True:
            while (closed_s := self._closed_until_s - time.monotonic()) > 0:
                await asyncio.sleep(closed_s)
            if self._over is not None:
                return None
            self._rate.take(len(request.places))
            found = await self._try(body)
            if isinstance(found, Closed):
                self._over = found.why
                return None
            if not isinstance(found, Passing):
                return found
            wait_s = tries.pause_s(found.after_s)
            if wait_s is None:
                self._over = found.why
                return None
            if found.after_s is not None:
                self._closed_until_s = time.monotonic() + wait_s  # for the others as well
            else:
                await asyncio.sleep(wait_s)

    async def _try(self, body: bytes) -> Meaning:
        try:
            answer = await self._transport.request("POST", _PATH, body)
        except NotReached as error:
            return Passing(not_reached(error), None)
        except NoAnswer as error:
            return Untold(f"no answer came ({error})")
        return meaning(answer, sandbox=self._settings.sandbox)

    async def _split(self, request: Request, found: TooLarge | Faulty) -> None:
        """Halves, until the one at fault stands alone."""
        whole = isinstance(found, Faulty) and found.all_of_it
        if whole or len(request.places) == 1:
            self._answer_all(request, found.error if isinstance(found, Faulty) else _too_large())
            return
        for half in request.halves():
            await self._send(half)

    def _without(self, request: Request, found: Faulty) -> Request | None:
        """The request without those at fault; None where none is left."""
        numbers = range(len(request.places))
        if not any(number in found.at for number in numbers):
            self._answer_all(request, found.error)  # it names what is not there
            return None
        for number in numbers:
            if number in found.at:
                self._answer(request.places[number], found.at[number])
        left = [number for number in numbers if number not in found.at]
        return request.part(left) if left else None


def not_reached(error: NotReached) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"SendGrid cannot be reached ({error}).",
        "Nothing is lost. Look at the network, at MILEPOST_SENDGRID_URL, and at https://status.sendgrid.com.",
        passing=True,
    )


def _silent(why: str) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"SendGrid was asked, but {why}.",
        "What was under way is `unknown` until SendGrid tells by its webhook; what waits is not lost.",
        passing=True,
    )


def _too_large() -> DeliveryError:
    return DeliveryError("The email is too large for SendGrid.", permanent=True)
