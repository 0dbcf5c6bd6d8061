"""For channels that take one message after the other."""

from collections.abc import Callable, Sequence

from engine.model.errors import DeliveryError, ServiceUnavailable
from engine.ports import Answer, Outgoing, Receipt


def one_by_one(outgoings: Sequence[Outgoing], hand_over: Callable[[Outgoing], Receipt]) -> list[Answer]:
    """The answer to each. Where the channel cannot be used for one, the others, which are of the same brand, are not
    tried."""
    answers: list[Answer] = []
    for outgoing in outgoings:
        try:
            answers.append(hand_over(outgoing))
        except DeliveryError as error:
            answers.append(error)
        except ServiceUnavailable as error:
            answers += [error] * (len(outgoings) - len(answers))
            break
    return answers
