"""A connection to a server: bytes out, replies in, in order, each within its time."""

import asyncio
import ssl
from collections import deque
from contextlib import suppress

from engine.channels.smtp.replies import NoReply, Reply, ReplyReader
from engine.channels.smtp.server import Server

BLOCK_BYTES = 256 * 1024
"""Of a long content so much is put out at a time: what has gone before the connection is cut is known by that."""


class LineCut(Exception):  # noqa: N818 - named for what has happened
    """Nothing more will come over this connection. Its text says why, and names nobody."""


class Line(asyncio.Protocol):
    """One connection; after `LineCut` it is of no use. `said` is what the server can do, by `session`."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._reader = ReplyReader()
        self._replies: deque[Reply] = deque()
        self._unsaid: deque[bytes] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._late_at_s = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._room = asyncio.Event()
        self._room.set()
        self._gone = asyncio.Event()
        self._cut: LineCut | None = None
        self.extensions: dict[str, str] = {}
        self.pipelining = False
        self.answered = 0
        self.idle_since = 0.0

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._replies.extend(self._reader.feed(data))
        except NoReply as error:
            self.cut(f"The mail server spoke no SMTP: {error}.")
        self._wake()

    def eof_received(self) -> bool:
        return False  # that closes it

    def connection_lost(self, _error: Exception | None) -> None:
        self._cut = self._cut or LineCut("The mail server cut the connection.")
        self._wake()
        self._room.set()
        self._gone.set()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    # What a conversation calls

    @property
    def fit(self) -> bool:
        """Whether it can be used for something new: no reply has come that nobody asked for, as one that says good-bye
        has."""
        return self._cut is None and not self._replies and self._reader.between and not self._unsaid

    def say(self, *commands: bytes) -> None:
        """What is to be said, in this order, each with an answer; all that was said before has had its own. At once
        where the server takes that (RFC 2920), else the first, and each of the others when the one before it is
        answered. Where it raises `LineCut`, nothing was said."""
        if self.pipelining:
            self._write(b"".join(commands))
        else:
            self._write(commands[0])
            self._unsaid.extend(commands[1:])

    async def say_long(self, content: bytes, within_s: float) -> None:
        """What has no answer of its own, block by block, each within its time."""
        for start in range(0, len(content), BLOCK_BYTES):
            self._write(content[start : start + BLOCK_BYTES])
            try:
                async with asyncio.timeout(within_s):
                    await self._room.wait()
            except TimeoutError:
                raise self.cut("The mail server did not take the content in time.") from None

    async def reply(self, within_s: float) -> Reply:
        """The next answer; `LineCut` where none comes."""
        if not self._replies:
            await self._something(within_s)
        reply = self._replies.popleft()
        if self._unsaid:
            self._write(self._unsaid.popleft())
        return reply

    async def ask(self, command: bytes, within_s: float) -> Reply:
        self._write(command)
        return await self.reply(within_s)

    async def encrypt(self, context: ssl.SSLContext, host: str, within_s: float) -> None:
        """From now on over TLS. What came in clear before is not believed afterwards."""
        if not self.fit:
            raise self.cut("The mail server spoke out of turn before encryption.")
        assert self._transport is not None
        transport = await self._loop.start_tls(
            self._transport, self, context, server_hostname=host, ssl_handshake_timeout=within_s
        )
        if transport is None:
            raise self.cut("The mail server cut the connection.")
        self._transport = transport

    def tls_version(self) -> str:
        """Empty where it is not encrypted."""
        assert self._transport is not None
        encrypted = self._transport.get_extra_info("ssl_object")
        return encrypted.version() or "" if encrypted else ""

    def own_address(self) -> str:
        """As a literal of SMTP."""
        assert self._transport is not None
        address = str(self._transport.get_extra_info("sockname")[0])
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    def cut(self, why: str) -> LineCut:
        """Ends it at once."""
        self._cut = self._cut or LineCut(why)
        if self._transport is not None:
            self._transport.abort()
        return self._cut

    def leave(self) -> None:
        """Ends it politely, without waiting for the answer."""
        if self._transport is not None and self._cut is None:
            with suppress(OSError):
                self._transport.write(b"QUIT\r\n")
            self._transport.close()
        self._cut = self._cut or LineCut("The connection was closed.")

    async def gone(self) -> None:
        """Returns when all of it, good-bye too, has gone out."""
        await self._gone.wait()

    # Within

    def _write(self, data: bytes) -> None:
        if self._cut is not None:
            raise self._cut
        assert self._transport is not None
        self._transport.write(data)

    async def _something(self, within_s: float) -> None:
        while not self._replies:
            if self._cut is not None:
                raise self._cut
            self._late_at_s = self._loop.time() + within_s
            if self._alarm is None:
                self._alarm = self._loop.call_at(self._late_at_s, self._look_at_the_clock)
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def _look_at_the_clock(self) -> None:
        """One alarm at a time: setting one for each answer would cost more than reading the answer."""
        self._alarm = None
        if self._waiter is None or self._cut is not None:
            return
        if self._loop.time() < self._late_at_s:
            self._alarm = self._loop.call_at(self._late_at_s, self._look_at_the_clock)
        else:
            self.cut("The mail server did not answer in time.")
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


async def connect(server: Server) -> Line:
    """A line, encrypted from the beginning where the server's scheme says so. Raises `OSError` (`ssl.SSLError` among
    them) and `TimeoutError`."""
    loop = asyncio.get_running_loop()
    context = server.context if server.implicit else None
    async with asyncio.timeout(server.limits.answer_s):
        _transport, line = await loop.create_connection(Line, server.host, server.port, ssl=context)
    return line
