"""Channels, reasons and distances in a marketer's words."""

import re
from collections.abc import Mapping

from engine.model.messages import Reason

CHANNEL_NAMES: Mapping[str, str] = {"sms": "SMS", "all": "every channel"}
MEANINGS: Mapping[str, str] = {
    Reason.NO_CONSENT: "The customer had not agreed to any of the channels this message may use, "
    "or had withdrawn by then.",
    Reason.NO_ADDRESS: "Agreed to, but there was no address, email or mobile number to send it to.",
    Reason.TOO_LATE: "Its moment was long past when the dealer’s data arrived; "
    "nobody is written to about old news.",
    Reason.CAPPED: "The customer had enough messages at that time.",
    Reason.QUIET_HOURS: "It could not be sent before it was too late.",
    Reason.COMPLAINT_OPEN: "A complaint was open.",
    Reason.PAUSED: "The customer had asked for a pause.",
    Reason.SUPPRESSED: "The address takes no messages.",
    Reason.HOLDOUT: "Held out on purpose, to measure the effect.",
}
"""The reasons of the ledger."""

_PARTED = re.compile(r"(?<=\d) (?=\d{3}\b)")
_UNIT = re.compile(r"(?<=\d) km\b")


def tied(text: str) -> str:
    """`text` whose numbers are not parted at a line's end (`10 000 km`)."""
    return _PARTED.sub("\u202f", _UNIT.sub("\u00a0km", text))


def channel_name(channel: str) -> str:
    return CHANNEL_NAMES.get(channel, channel)
