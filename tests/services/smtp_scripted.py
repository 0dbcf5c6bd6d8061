"""A mail server that does what a test says: answers otherwise, goes silent, or cuts the connection, at any state."""

import base64
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple, Self

from tests.services.server import HOST

CUT, SILENT = "cut", "silent"
PIPELINING = ("PIPELINING", "SIZE 1000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")


class Said(NamedTuple):
    """What a client said. `state` is the command, or `CONNECT`, `CONTENT` (with its final dot), `HALF` (its first
    bytes, without the rest); `nth` counts those of this state over all connections, from 1; `connection` too."""

    state: str
    nth: int
    connection: int
    line: str


class Taken(NamedTuple):
    sender: str
    recipient: str
    content: bytes
    connection: int


Script = Callable[[Said], str | None]
"""What it does: an answer (`450 4.7.1 later`, lines parted by line feeds; with CR LF in it, just as it is), CUT or
SILENT; None: as a good server does."""


class Scripted:
    """As a context. `taken` are the mails that were answered with 250; `said` all that was; `port` where it listens."""

    def __init__(
        self,
        script: Script = lambda _said: None,
        extensions: Sequence[str] = PIPELINING,
        *,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
    ) -> None:
        self._script = script
        self.extensions = extensions
        self.tls = tls
        self.implicit = implicit
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.taken: list[Taken] = []
        self.said: list[Said] = []
        self.logins: list[tuple[str, str]] = []

    @property
    def connections(self) -> int:
        return self._counts["CONNECT"]

    def __enter__(self) -> Self:
        self._listening = socket.create_server((HOST, 0))
        self.port = self._listening.getsockname()[1]
        self._begin(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _begin(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                self._open.append(accepted)
            self._begin(self._serve, accepted)

    def _serve(self, accepted: socket.socket) -> None:
        with suppress(OSError, EOFError), accepted:
            _Session(self, accepted).run()

    def heard(self, state: str, connection: int, line: str = "") -> tuple[Said, str | None]:
        with self._lock:
            self._counts[state] += 1
            said = Said(state, self._counts[state], connection or self._counts["CONNECT"], line)
            self.said.append(said)
        return said, self._script(said)


class _Session:
    def __init__(self, server: Scripted, accepted: socket.socket) -> None:
        self._server = server
        self._socket = accepted
        self._encrypted = False
        self._number = 0
        if server.implicit:
            self._encrypt()
        self._file = self._socket.makefile("rb")
        self._sender: str | None = None
        self._recipient: str | None = None

    def run(self) -> None:
        said, does = self._server.heard("CONNECT", 0)
        self._number = said.connection
        self._answer(does or "220 scripted.example ESMTP")
        while line := self._file.readline().decode().rstrip("\r\n"):
            verb = line.split(" ", 1)[0].upper()
            _said, does = self._server.heard(verb, self._number, line)
            self._command(verb, line, does)

    def _command(self, verb: str, line: str, does: str | None) -> None:
        known = {
            "EHLO": self._hello,
            "HELO": self._hello,
            "STARTTLS": self._starttls,
            "AUTH": self._log_in,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "QUIT": self._quit,
        }
        known.get(verb, self._other)(line, does)

    def _hello(self, _line: str, does: str | None) -> None:
        tls = ["STARTTLS"] if self._server.tls and not self._encrypted else []
        self._answer(does or "\n".join(["250 scripted.example", *self._server.extensions, *tls]))

    def _starttls(self, _line: str, does: str | None) -> None:
        self._answer(does or "220 2.0.0 go on")
        self._encrypt()
        self._file = self._socket.makefile("rb")

    def _mail(self, line: str, does: str | None) -> None:
        if does is None and self._sender is not None:
            does = "503 5.5.1 nested MAIL"
        if does is None:
            self._sender = _address(line)
        self._answer(does or "250 2.1.0 ok")

    def _rcpt(self, line: str, does: str | None) -> None:
        if does is None or does.startswith("250"):
            self._recipient = _address(line)
        self._answer(does or "250 2.1.5 ok")

    def _data(self, _line: str, does: str | None) -> None:
        ready = self._sender is not None and self._recipient is not None
        does = does or ("354 go on" if ready else "503 5.5.1 no valid recipients")
        self._answer(does)
        if does.startswith("354"):
            self._content()

    def _quit(self, _line: str, does: str | None) -> None:
        self._answer(does or "221 2.0.0 bye")
        raise EOFError

    def _other(self, line: str, does: str | None) -> None:
        if line.upper() == "RSET":
            self._sender = self._recipient = None
        self._answer(does or "250 2.0.0 ok")

    def _content(self) -> None:
        if (does := self._server.heard("HALF", self._number)[1]) is not None:
            self._file.read(10)
            self._answer(does)
        lines = []
        while (line := self._file.readline()) != b".\r\n":
            if not line:
                raise EOFError
            lines.append(line.removeprefix(b"."))
        _said, does = self._server.heard("CONTENT", self._number)
        does = does or "250 2.0.0 taken as 4XyZ"
        if does.startswith("250") and self._sender is not None and self._recipient is not None:
            mail = Taken(self._sender, self._recipient, b"".join(lines), self._number)
            self._server.taken.append(mail)
        self._sender = self._recipient = None
        self._answer(does)

    def _log_in(self, line: str, _does: str | None) -> None:
        _auth, mechanism, *first = line.split(" ")
        if mechanism == "PLAIN":
            _who, user, password = base64.b64decode(first[0]).decode().split("\0")
        else:
            self._answer("334 VXNlcm5hbWU6")
            user = base64.b64decode(self._file.readline()).decode()
            self._answer("334 UGFzc3dvcmQ6")
            password = base64.b64decode(self._file.readline()).decode()
        self._server.logins.append((user, password))
        self._answer("235 2.7.0 welcome" if password == "right" else "535 5.7.8 wrong, w@example.cn")

    def _answer(self, does: str) -> None:
        """What is asked for; an answer of several lines in the server's form."""
        if does == CUT:
            self._socket.shutdown(socket.SHUT_RDWR)
            raise EOFError
        if does == SILENT:
            while self._file.read(1):  # until the other side has gone
                time.sleep(0)
            raise EOFError
        if "\r\n" in does:
            self._socket.sendall(does.encode())
            return
        first, *more = does.split("\n")
        code = first[:3]
        lines = [first, *(f"{code} {one}" for one in more)]
        said = "".join(f"{one[:3]}-{one[4:]}\r\n" for one in lines[:-1]) + f"{lines[-1]}\r\n"
        self._socket.sendall(said.encode())
        if code == "421":
            raise EOFError

    def _encrypt(self) -> None:
        assert self._server.tls is not None
        self._socket = self._server.tls.wrap_socket(self._socket, server_side=True)
        self._encrypted = True


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]
