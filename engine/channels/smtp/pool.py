"""Connections that are kept open between groups.

Each is used by one conversation at a time. One that has not been used for a while is asked whether it still lives
(NOOP) before it is used again, and one that nobody needs is left, politely.
"""

import asyncio
from collections import deque
from contextlib import suppress

from engine.channels.smtp.conversation import Conversation
from engine.channels.smtp.group import Group
from engine.channels.smtp.line import Line, LineCut
from engine.channels.smtp.server import Server
from engine.channels.smtp.session import begin
from engine.model.errors import ServiceUnavailable

_FAREWELL_S = 1.0
_MESSAGES_EACH = 4
"""So many wait before another connection is opened for them."""


class Pool:
    """Used on one loop only."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._limits = server.limits
        self._idle: deque[Line] = deque()
        self._places = asyncio.Semaphore(self._limits.connections)
        self._sweeping: asyncio.TimerHandle | None = None

    async def hand_over(self, group: Group) -> None:
        """All of the group, over as many connections as are worth it."""
        wanted = min(self._limits.connections, -(-group.size // _MESSAGES_EACH))
        async with asyncio.TaskGroup() as tasks:
            for _ in range(wanted):
                tasks.create_task(self._work(group))

    async def close(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        lines = list(self._idle)
        self._idle.clear()
        for line in lines:
            line.leave()
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL_S):
                await asyncio.gather(*(line.gone() for line in lines))

    async def _work(self, group: Group) -> None:
        while group.waits:
            async with self._places:
                try:
                    line = await self._line()
                except ServiceUnavailable as error:
                    group.stop(error)
                    return
                try:
                    await Conversation(line, group, self._limits).run()
                except LineCut:
                    continue
                except BaseException:
                    line.cut("The conversation was broken off.")
                    raise
                self._keep(line)

    async def _line(self) -> Line:
        """An open one, that answers."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            line = self._idle.pop()  # the one that was used last: the others may become idle
            if line.fit and (now - line.idle_since < self._limits.doubt_s or await self._answers(line)):
                return line
            line.leave()
        return await begin(self._server)

    async def _answers(self, line: Line) -> bool:
        try:
            return (await line.ask(b"NOOP\r\n", self._limits.answer_s)).positive
        except LineCut:
            return False

    def _keep(self, line: Line) -> None:
        if not line.fit or line.answered >= self._limits.messages:
            line.leave()
            return
        loop = asyncio.get_running_loop()
        line.idle_since = loop.time()
        self._idle.append(line)
        if self._sweeping is None:
            self._sweeping = loop.call_later(self._limits.idle_s, self._sweep)

    def _sweep(self) -> None:
        """Leaves those that were idle for long; looks again when the next one will have been."""
        loop = asyncio.get_running_loop()
        before = loop.time() - self._limits.idle_s
        self._sweeping = None
        while self._idle and (not self._idle[0].fit or self._idle[0].idle_since <= before):
            self._idle.popleft().leave()
        if self._idle:
            self._sweeping = loop.call_later(self._idle[0].idle_since - before, self._sweep)
