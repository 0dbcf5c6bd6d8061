"""What all ways by a provider of SMS have in common: its rate, a group side by side, connections kept open."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from engine.channels.backoff import BACKOFF, Backoff
from engine.channels.sms.pacing import Pacing
from engine.channels.sms.sending import MOST_PARTS, SideBySide
from engine.model.errors import MilepostError, ServiceUnavailable
from engine.model.messages import Message
from engine.ports import Answer, Outgoing, Receipt, Room

CONNECTIONS = 16


class SmsWay(ABC):
    """`per_s` is how many are handed over in a second at most; 0: as many as there are."""

    name = "sms"
    batch = 50
    takes_forms = False

    def __init__(
        self, *, most_parts: int = MOST_PARTS, per_s: float = 0.0, backoff: Backoff = BACKOFF
    ) -> None:
        self._side_by_side = SideBySide(CONNECTIONS, most_parts)
        self._pacing = Pacing(per_s, backoff)

    def room(self) -> Room:
        return self._pacing.room()

    def deliver(self, outgoings: Sequence[Outgoing]) -> Sequence[Answer]:
        return self._side_by_side.deliver(outgoings, self._pacing.of_group(self._hand_over))

    def recover(self, message: Message) -> Receipt | None:  # noqa: ARG002 - most cannot be asked
        return None

    def close(self) -> None:
        self._side_by_side.close()

    @abstractmethod
    def _hand_over(self, outgoing: Outgoing) -> Answer:
        """Once, to the provider."""


def unavailable(answer: Answer) -> ServiceUnavailable:
    """What a refusal means where no message is concerned."""
    if isinstance(answer, ServiceUnavailable):
        return answer
    assert isinstance(answer, MilepostError)
    return ServiceUnavailable(answer.message, answer.hint)
