"""A mail server that takes everything, fast, and forgets it: for measurements.

    python -m tests.services.smtp_sink [--port PORT] [--delay-ms MS]

prints `port N`, then for each line on standard input one of JSON: how many `messages`, their `bytes`, and to how many
different `recipients`. It ends with standard input. `--delay-ms` is how long it takes over each answer to a content, as
a server does that writes it to a disk.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]
_END = b"\r\n.\r\n"
_HELLO = b"250-sink.example\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
_GO_ON, _TAKEN, _OK = b"354 go on\r\n", b"250 2.0.0 taken\r\n", b"250 2.0.0 ok\r\n"


class Counts:
    def __init__(self) -> None:
        self.messages = 0
        self.bytes = 0
        self.recipients: set[bytes] = set()

    def told(self) -> str:
        return json.dumps(
            {"messages": self.messages, "bytes": self.bytes, "recipients": len(self.recipients)}
        )


class Session(asyncio.Protocol):
    def __init__(self, counts: Counts, delay_s: float) -> None:
        self._counts = counts
        self._delay_s = delay_s
        self._rest = b""
        self._in_content = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        rest = self._rest + data if self._rest else data
        answers = []
        at, taken = 0, 0
        while True:
            end = rest.find(_END if self._in_content else b"\r\n", at)
            if end < 0:
                break
            if self._in_content:
                self._counts.messages += 1
                self._counts.bytes += end + 2 - at
                self._in_content = False
                at = end + 5
                answers.append(_TAKEN)
                taken += 1
                continue
            verb = rest[at : at + 4].upper()
            if verb == b"DATA":
                self._in_content = True
                at = end  # the line's end may be the content's beginning
                answers.append(_GO_ON)
                continue
            if verb == b"RCPT":
                self._counts.recipients.add(rest[at:end])
            answers.append(_HELLO if verb == b"EHLO" else b"221 bye\r\n" if verb == b"QUIT" else _OK)
            at = end + 2
        self._rest = rest[at:]
        if answers:
            self._answer(b"".join(answers), self._delay_s * taken)

    def _answer(self, answers: bytes, delay_s: float) -> None:
        if delay_s:
            asyncio.get_running_loop().call_later(delay_s, self._transport.write, answers)
        else:
            self._transport.write(answers)


class Sink:
    """It, in a process of its own, as a context: `port`, and `counts()`."""

    def __init__(self, delay_ms: float = 0) -> None:
        self._delay_ms = delay_ms
        self.port = 0

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.services.smtp_sink", "--delay-ms", str(self._delay_ms)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline().split()[1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def counts(self) -> dict[str, int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        counts: dict[str, int] = json.loads(self._process.stdout.readline())
        return counts


async def serve(port: int, delay_s: float) -> None:
    counts = Counts()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Session(counts, delay_s), HOST, port)
    _say(f"port {server.sockets[0].getsockname()[1]}")
    while await loop.run_in_executor(None, sys.stdin.readline):
        _say(counts.told())
    server.close()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.services.smtp_sink", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="else a free one")
    parser.add_argument("--delay-ms", type=float, default=0)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.delay_ms / 1000))


if __name__ == "__main__":
    main()
