"""What a server's answer means for the message, and for the way out.

Before anything of the recipient was said (MAIL FROM), no message would get through, but where the server speaks of the
sender's address, which may be another one in another language: then it is of the messages that come from there. After
that it is of the message, but where the server would relay for nobody who comes like this. A server's words are passed
on without the addresses in them.
"""

import re

from engine.channels.smtp.replies import Reply
from engine.model.errors import DeliveryError, ServiceUnavailable

_ADDRESS = re.compile(r"\S*@\S*")
_NUMBERED = re.compile(r"\b(?=\w*\d)[\w-]{7,}\b")  # ids of the server's own, another one each time
_MOST_CHARS = 200
_TOO_LARGE = {"5.3.4", "5.2.3"}
_BROKEN_OFF = 421
_LOGIN_WANTED = {530, 534, 535, 538}


def refused_sender(reply: Reply, *, own: bool) -> DeliveryError | ServiceUnavailable:
    """By the answer to MAIL. `own` says that the envelope's sender is the message's own; else it is that of all."""
    if reply.code == 552 or reply.status in _TOO_LARGE:
        return DeliveryError(f"The mail server takes no mail of this size: {told(reply)}", permanent=True)
    if own and _speaks_of_the_sender(reply):
        return DeliveryError(  # somebody may mend it
            f"The mail server does not take mail from the address that this comes from: {told(reply, same=True)} "
            "May this login use `senders.email` of brand.yaml?",
            permanent=False,
        )
    return unavailable("does not take mail from this sender", reply)


def refused(reply: Reply) -> DeliveryError | ServiceUnavailable:
    """By the answer to RCPT, DATA or the content."""
    if reply.code in _LOGIN_WANTED or _would_not_relay(reply):
        return unavailable("does not take mail to others from here", reply)
    later = "" if reply.permanent else " for now"
    return DeliveryError(
        f"The mail server refused the message{later}: {told(reply)}", permanent=reply.permanent
    )


def unavailable(what: str, reply: Reply) -> ServiceUnavailable:
    """`what` the server does, or does not."""
    return ServiceUnavailable(f"The mail server {what}: {told(reply, same=True)}", _hint(reply))


def breaks_off(reply: Reply) -> bool:
    """Whether the server ends the connection with this answer."""
    return reply.code == _BROKEN_OFF


def told(reply: Reply, *, same: bool = False) -> str:
    """A server's answer in one line, without addresses; what is to be the `same` each time, without numbers either
    that the server may have given to this one."""
    text = _ADDRESS.sub("…", reply.text)
    if same:
        text = _NUMBERED.sub("…", text)
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return " ".join(filter(None, (str(reply.code), reply.status, text)))[:_MOST_CHARS]


def _speaks_of_the_sender(reply: Reply) -> bool:
    """By RFC 5321 (553) and RFC 3463 (X.1.7, X.1.8), or in words."""
    status = reply.status.partition(".")[2]
    return reply.code not in _LOGIN_WANTED and (
        reply.code == 553 or status in ("1.7", "1.8") or "sender" in reply.text.lower()
    )


def _would_not_relay(reply: Reply) -> bool:
    return "relay" in reply.text.lower() and reply.status.partition(".")[2] in ("", "7.0", "7.1")


def _hint(reply: Reply) -> str:
    if breaks_off(reply) or (not reply.permanent and not _would_not_relay(reply)):
        return "It says that this passes. Where it does not: MILEPOST_EMAIL_RATE, MILEPOST_SMTP_CONNECTIONS."
    if reply.code in _LOGIN_WANTED or _would_not_relay(reply):
        return "Check the user and the password in MILEPOST_EMAIL, or what the server allows to this machine."
    return "Check the brands' senders in journeys/policy.yaml and MILEPOST_BOUNCE_ADDRESS: may this login use them?"
