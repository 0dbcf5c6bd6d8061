"""What the ways for SMS do alike: refuse what need not be sent to be refused, and hand a group over side by side."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from engine.model.errors import DeliveryError, ServiceUnavailable, Unsettled
from engine.ports import Answer, Outgoing

MOST_PARTS = 5
"""How many parts an SMS may have where nothing else is said: three hundred Chinese characters, hardly ever meant."""

DeliverOne = Callable[[Outgoing], Answer]


def refused(outgoing: Outgoing, most_parts: int) -> DeliveryError | None:
    """Why the message need not even be sent: it says nothing, to nobody, or takes too many parts."""
    rendered = outgoing.rendered
    if not rendered.text.strip():
        return DeliveryError("The SMS was rendered without a text.", permanent=True)
    if rendered.parts > most_parts:
        return DeliveryError(
            f"The SMS takes {rendered.parts} parts; at most {most_parts} are sent.",
            f"Shorten templates/{outgoing.message.template}, or raise MILEPOST_SMS_MOST_PARTS.",
            permanent=True,
        )
    if not mobile_of(outgoing):
        return DeliveryError("The message has no mobile number.", permanent=True)
    return None


def unsendable(why: str, mend: str) -> DeliveryError:
    """The answer to a message whose sender cannot send. Senders may differ by language, so that is a trouble of those
    who bear it: they are tried again for about a day, as somebody may mend it, and the brand's others go on. The note
    says how, as the ledger keeps no hints."""
    return DeliveryError(f"{why} {mend}", permanent=False)


def mobile_of(outgoing: Outgoing) -> str:
    """In E.164; empty where there is none."""
    return str(outgoing.message.address.get("mobile") or "")


class SideBySide:
    """Hands messages over by several threads, which are started when they are first needed."""

    def __init__(self, threads: int, most_parts: int) -> None:
        self._threads = threads
        self._most_parts = most_parts
        self._pool: ThreadPoolExecutor | None = None

    def deliver(self, outgoings: Sequence[Outgoing], deliver_one: DeliverOne) -> Sequence[Answer]:
        """An answer to each. Once one says that the way cannot be used, those that have not begun get the same."""
        unavailable: list[ServiceUnavailable] = []
        unavailable_lock = threading.Lock()

        def one(outgoing: Outgoing) -> Answer:
            answer: Answer | None = refused(outgoing, self._most_parts)
            if answer is not None:
                return answer
            if unavailable:
                return unavailable[0]
            try:
                answer = deliver_one(outgoing)
            except Exception as error:  # whatever one message meets, the others go on
                return Unsettled(f"{type(error).__name__} in handing over.")
            if isinstance(answer, ServiceUnavailable):
                with unavailable_lock:
                    unavailable.append(answer)
            return answer

        if len(outgoings) == 1:
            return [one(outgoings[0])]
        return list(self._started().map(one, outgoings))

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _started(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="sms")
        return self._pool
