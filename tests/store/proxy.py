"""A network between a client and its server that fails when it is told to."""

import select
import socket
import threading
import time
from contextlib import suppress
from typing import Self


class Proxy:
    """Hands on what comes, to and fro. Once `lose_answer_to` is set, the server still gets the message with those
    bytes in it, but all connections are cut before its answer comes back. Answers are counted, and each is handed on
    `late_s` later."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.lose_answer_to: bytes | None = None
        self.late_s = 0.0
        self.answers = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._hand_on, args=(client,), daemon=True).start()

    def _hand_on(self, client: socket.socket) -> None:
        with suppress(ConnectionError), client, socket.create_connection(self._server) as server:
            losing = False
            while True:
                ready, _, _ = select.select([client, server], [], [])
                if client in ready:
                    sent = client.recv(1 << 16)
                    if not sent:
                        return
                    losing = self.lose_answer_to is not None and self.lose_answer_to in sent
                    server.sendall(sent)
                if server in ready:
                    answer = server.recv(1 << 16)
                    if losing or not answer:
                        return
                    self.answers += 1
                    time.sleep(self.late_s)
                    client.sendall(answer)
