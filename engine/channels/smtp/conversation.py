"""Handing mail over, message after message, over one connection.

Where the server takes commands in one go (RFC 2920), the content of a message, and MAIL, RCPT and DATA of the next, go
out together, and their four answers are awaited together: one round trip a message. What happens to a message:

1. Its envelope is said. Whatever goes wrong until 2, it was certainly not taken.
2. Its content is said, with the final dot. From now on only an answer tells: if none comes, it is unsettled.
3. Its answer is read.
"""

from engine.channels.mime import Email
from engine.channels.smtp.group import Group, Mail
from engine.channels.smtp.line import BLOCK_BYTES, Line, LineCut
from engine.channels.smtp.replies import Reply
from engine.channels.smtp.server import Limits
from engine.channels.smtp.verdicts import breaks_off, refused, refused_sender, told
from engine.model.errors import DeliveryError, ServiceUnavailable, Unsettled
from engine.ports import Answer, Receipt
from engine.runtime.crashpoints import reach

_GO_ON = 354
_RESET = b"RSET\r\n"
_NOTHING = b".\r\n"
_FINAL_DOT = b".\r\n"


class Conversation:
    """`handed` is the message at 2, whose answer is not there yet; `begun` the one at 1."""

    def __init__(self, line: Line, group: Group, limits: Limits) -> None:
        self._line = line
        self._group = group
        self._limits = limits
        self._handed: Mail | None = None
        self._begun: Mail | None = None
        self._next: Mail | None = None
        self._resets = False

    async def run(self) -> None:
        """Until nothing waits, or the connection has done its share. Raises `LineCut`; what becomes of the group's
        messages is said to it in any case."""
        try:
            await self._run()
        except LineCut as cut:
            self._settle_after(str(cut))
            raise

    async def _run(self) -> None:
        self._next = await self._take()
        while self._begun is not None or self._handed is not None or self._next is not None:
            if self._next is None and self._begun is not None:
                self._next = await self._take()  # made while the server works
            if self._handed is not None:
                await self._read_answer()
            if self._begun is None:
                await self._begin_next()
            elif await self._accepted(self._begun):
                await self._hand_over(self._begun)
        if self._resets:
            await self._line.ask(_RESET, self._limits.answer_s)

    async def _take(self) -> Mail | None:
        """The next message that this server can take at all."""
        under_way = (self._handed is not None) + (self._begun is not None)
        if self._line.answered + under_way >= self._limits.messages:
            return None
        while mail := await self._group.take():
            trouble = self._unfit(mail.email)
            if trouble is None:
                if not mail.envelope:
                    mail.envelope, mail.content = _envelope(mail.email, self._line), _content(mail.email)
                return mail
            self._group.answer(mail, trouble)
        return None

    def _unfit(self, email: Email) -> DeliveryError | None:
        offered = self._line.extensions
        most = offered.get("SIZE", "")
        if most.isdigit() and 0 < int(most) < email.size:
            return DeliveryError(
                f"The mail server takes no mail of more than {int(most)} bytes; this has {email.size}.",
                permanent=True,
            )
        if email.utf8 and "SMTPUTF8" not in offered:
            return DeliveryError("The mail server takes no address in another script.", permanent=True)
        return None

    # 1

    async def _accepted(self, mail: Mail) -> bool:
        """Whether the server wants the content. If not, the message has been answered."""
        limits = self._limits
        if self._resets:
            await self._reply(limits.answer_s)
            self._resets = False
        sender = await self._reply(limits.answer_s)
        recipient = await self._reply(limits.answer_s)
        start = await self._reply(limits.start_s)
        if sender.positive and recipient.positive and start.code == _GO_ON:
            return True
        if start.code == _GO_ON:  # it would take a mail to nobody: it gets an empty one, which it refuses
            await self._line.ask(_NOTHING, limits.end_s)
        self._begun = None
        self._resets = True
        if not sender.positive:
            own = mail.email.envelope_sender == mail.email.sender
            self._group.answer(mail, refused_sender(sender, own=own))
        elif not recipient.positive:
            self._group.answer(mail, refused(recipient))
        else:
            self._group.answer(mail, refused(start) if not start.positive else _odd(start))
        self._line.answered += 1
        return False

    async def _reply(self, within_s: float) -> Reply:
        reply = await self._line.reply(within_s)
        if breaks_off(reply):
            raise self._broken_off(reply)
        return reply

    def _broken_off(self, reply: Reply) -> LineCut:
        """A server may end any connection; one that ends it before it has taken anything, takes nothing at present."""
        if not self._line.answered:
            self._group.stop(
                ServiceUnavailable(
                    f"The mail server takes no mail at present: {told(reply, same=True)}",
                    "It says that this passes. Where it does not: MILEPOST_EMAIL_RATE, MILEPOST_SMTP_CONNECTIONS.",
                    passing=True,
                )
            )
        return self._line.cut(f"The mail server broke off: {told(reply, same=True)}")

    async def _begin_next(self) -> None:
        mail = self._next
        if mail is not None and self._group.trouble is None:
            self._line.say(*((_RESET, *mail.envelope) if self._resets else mail.envelope))
            self._begun = mail
        self._next = None

    # 2

    async def _hand_over(self, mail: Mail) -> None:
        content = mail.content
        if len(content) > BLOCK_BYTES:
            await self._line.say_long(content[: -len(_FINAL_DOT)], self._limits.block_s)
            content = _FINAL_DOT
        following = self._next
        self._line.say(content, *(following.envelope if following is not None else ()))
        self._handed, self._begun = mail, following
        self._next = None
        reach("smtp.2")

    # 3

    async def _read_answer(self) -> None:
        reply = await self._line.reply(self._limits.end_s)
        mail, self._handed = self._handed, None
        assert mail is not None
        if breaks_off(reply):
            self._group.give_back(mail, "The mail server broke off.")
            raise self._broken_off(reply)
        self._group.answer(mail, _receipt(mail, reply))
        self._line.answered += 1

    def _settle_after(self, why: str) -> None:
        if self._handed is not None:
            self._group.answer(self._handed, Unsettled(f"{why} The content had gone out."))
        if self._begun is not None:
            self._group.give_back(self._begun, why)
        if self._next is not None:
            self._group.put_back(self._next)


def _receipt(mail: Mail, reply: Reply) -> Answer:
    if reply.code >= 400:
        return refused(reply)
    return Receipt(provider_id=mail.email.message_id)


def _odd(reply: Reply) -> DeliveryError:
    return DeliveryError(f"The mail server gave an answer that fits nothing: {told(reply)}", permanent=False)


def _envelope(email: Email, line: Line) -> tuple[bytes, bytes, bytes]:
    more = f" SIZE={email.size}" if "SIZE" in line.extensions else ""
    if email.utf8:
        more += " SMTPUTF8 BODY=8BITMIME"
    return (
        f"MAIL FROM:<{email.envelope_sender}>{more}\r\n".encode(),
        f"RCPT TO:<{email.envelope_recipient}>\r\n".encode(),
        b"DATA\r\n",
    )


def _content(email: Email) -> bytes:
    """With a dot before each line that begins with one (RFC 5321, section 4.5.2), and the final one."""
    content = email.content
    if b"\r\n." in content or content.startswith(b"."):
        content = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
    return content + (b"" if content.endswith(b"\r\n") else b"\r\n") + _FINAL_DOT
