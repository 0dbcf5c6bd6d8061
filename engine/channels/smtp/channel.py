"""The channel."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

from engine.channels.background import Background
from engine.channels.mime import Email, build
from engine.channels.rate import Rate
from engine.channels.smtp.group import Group
from engine.channels.smtp.line import Line
from engine.channels.smtp.pool import Pool
from engine.channels.smtp.server import Server
from engine.channels.smtp.session import begin
from engine.channels.smtp.signing import Signer
from engine.channels.smtp.tokens import ReturnAddress
from engine.model.messages import Message
from engine.ports import Answer, Outgoing, Receipt, Room

BATCH = 500
UNLIMITED = Rate(0)


class Smtp:
    """Mail handed to `server` at `rate`, dated in `zone`, signed by `signer`. `returns` is asked when the first message
    goes out: where what cannot be delivered comes back to, else to the brand's own sender."""

    name = "email"
    repeatable = False
    batch = BATCH
    takes_forms = True

    def __init__(
        self,
        server: Server,
        zone: ZoneInfo,
        *,
        rate: Rate = UNLIMITED,
        signer: Signer | None = None,
        returns: Callable[[], ReturnAddress] | None = None,
    ) -> None:
        self._server = server
        self._zone = zone
        self._rate = rate
        self._signer = signer
        self._make_returns = returns
        self._returns: ReturnAddress | None = None
        self._background = Background("smtp")
        self._pool: Pool | None = None
        self._signing: ThreadPoolExecutor | None = None

    def check(self) -> str:
        return self._background.run(self._check())

    def room(self) -> Room:
        return self._rate.room()

    def deliver(self, outgoings: Sequence[Outgoing]) -> Sequence[Answer]:
        if self._make_returns is not None and self._returns is None:
            self._returns = self._make_returns()
        return self._background.run(self._deliver(outgoings))

    def recover(self, _message: Message) -> Receipt | None:
        """Nobody can be asked."""
        return None

    def close(self) -> None:
        if self._background.running:
            self._background.run(self._close())
            self._background.close()
        if self._signing is not None:
            self._signing.shutdown()
            self._signing = None

    async def _check(self) -> str:
        line = await begin(self._server)
        told = _told(self._server, line)
        line.leave()
        return told

    async def _deliver(self, outgoings: Sequence[Outgoing]) -> list[Answer]:
        self._pool = self._pool or Pool(self._server)
        group = Group(outgoings, self._prepare, self._rate.take)
        await self._pool.hand_over(group)
        return group.answers()

    async def _close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def _prepare(self, outgoing: Outgoing) -> Email:
        if self._signer is None or not self._signer.slow:
            return self._made(outgoing)
        # The signature is made outside of Python's lock, so beside the connections' work.
        self._signing = self._signing or ThreadPoolExecutor(2, "sign")
        return await asyncio.get_running_loop().run_in_executor(self._signing, self._made, outgoing)

    def _made(self, outgoing: Outgoing) -> Email:
        returns = self._returns
        comes_back = None if returns is None else returns.of(outgoing.message.id)
        email = build(outgoing, self._zone, comes_back)
        return email if self._signer is None else self._signer.signed(email)


def _told(server: Server, line: Line) -> str:
    facts = [
        line.tls_version() or "in clear",
        "logged in" if server.user else "without a login",
        "commands in one go" if line.pipelining else "one command at a time",
    ]
    return f"mail server {server.host}:{server.port}, {', '.join(facts)}"
