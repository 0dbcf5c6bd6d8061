"""A server that runs beside the tests: started, found ready, stopped, killed, and gone when its owner is."""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

HOST = "127.0.0.1"
START_S = 60.0
LOG_LINES = 30
# Below the ports that systems give to clients: a client that keeps trying a port of those can, on loopback, connect
# to itself, and the server cannot come back.
PORTS = range(15_000, 30_000)


class ServerError(Exception):
    """A server cannot be had or does not start; the message says why and what to do."""


class Server(ABC):
    """One server in a temporary folder of its own.

    `stop` and `end` name the signals for an orderly stop, and for the last one, after which the folder goes. Its
    methods return when what they say is so: `start` when the server answers, `stop` and `kill` when its last process
    has gone.
    """

    name: str
    port_count: int

    def __init__(self, *, stop: str, end: str, user: str | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"milepost-{self.name.lower()}-"))
        self.pid = 0
        self.ports: list[int] = []
        self._paused = False
        self._settings = json.dumps({"folder": str(self.folder), "stop": stop, "end": end, "user": user})
        self._keeper: subprocess.Popen[str] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """What runs the server."""

    @abstractmethod
    def configure(self) -> None:
        """Lays everything ready in the folder, for `ports`."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether the server does its work."""

    def begin(self) -> Self:
        """Starts it for the first time, on free ports; `ServerError` if it cannot be.

        Between the moment when a port is found free and the one when the server takes it, another may: then on
        other ports.
        """
        try:
            self._keeper = self._start_keeper()
            for attempt in range(3):
                self.ports = free_ports(self.port_count)
                self.configure()
                try:
                    self.start()
                    break
                except ServerError as error:
                    if attempt == 2 or "already in use" not in str(error):
                        raise
        except BaseException:
            self.end()
            raise
        return self

    def start(self) -> None:
        """Starts it again, on the same ports and data."""
        answer = self._order(f"start {json.dumps(self.command())}")
        if not answer.startswith("pid "):
            raise ServerError(f"{self.name} does not start: {answer}")
        self.pid = int(answer.removeprefix("pid "))
        self._await_ready()

    def stop(self) -> None:
        """An orderly stop; data stay."""
        self._paused = False
        self._order("stop")

    def kill(self) -> None:
        """Ends it with -9, as a crash; what it had written stays."""
        self._paused = False
        self._order("kill")

    def restart(self) -> None:
        self.stop()
        self.start()

    def heal(self) -> None:
        """Runs again, whatever a test did to it."""
        if self._paused:
            self._order("resume")
            self._paused = False
        if self._order("status") != "running":
            self.start()

    def end(self) -> None:
        """Ends it for good; its folder goes."""
        if self._keeper is not None:
            self._keeper.communicate()
            self._keeper = None
        shutil.rmtree(self.folder, ignore_errors=True)  # the keeper did, unless it could not even be started

    def __enter__(self) -> Self:
        return self.begin()

    def __exit__(self, *_: object) -> None:
        self.end()

    def log(self) -> str:
        """The last lines that the server wrote."""
        path = self.folder / "log"
        lines = path.read_text("utf-8", "replace").splitlines() if path.exists() else []
        return "\n".join(lines[-LOG_LINES:])

    def _start_keeper(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("keeper.py")), self._settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # what a terminal's ctrl-c sends goes to pytest alone
        )

    def _order(self, order: str) -> str:
        if self._keeper is None or self._keeper.stdin is None or self._keeper.stdout is None:
            raise ServerError(f"{self.name} is not running here any more")
        try:
            self._keeper.stdin.write(order + "\n")
            self._keeper.stdin.flush()
            answer = self._keeper.stdout.readline().strip()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise ServerError(f"the keeper of {self.name} has gone")
        return answer

    def _await_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while not self.ready():
            ended = self._order("status") == "ended"
            if ended or time.monotonic() > deadline:
                what = "ended by itself" if ended else f"does not answer after {START_S:.0f} s"
                raise ServerError(f"{self.name} {what}. Its last words:\n{self.log()}")
            time.sleep(0.02)


def free_ports(count: int) -> list[int]:
    # By the system's chance, not the seeded one: test processes that run side by side must not draw the same.
    drawn = random.SystemRandom().sample(PORTS, 20 * count)
    return [port for port in drawn if is_free(port)][:count]


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def listens(port: int) -> bool:
    """Whether anything takes connections on that port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0


def running_as_root() -> bool:
    return os.geteuid() == 0
