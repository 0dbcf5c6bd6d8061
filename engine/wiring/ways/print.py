"""Letters in print runs."""

from engine.channels.letters_print import LettersPrint
from engine.model.policy import Policy
from engine.ports import Channel
from engine.wiring.settings import Settings


def channel(settings: Settings, policy: Policy) -> Channel:
    return LettersPrint(settings.delivery_dir, policy.zone, policy.country)
