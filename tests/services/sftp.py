"""A printer's SFTP server: asyncssh's, as a process of its own, with the troubles that such servers have.

The trouble that `befall` names comes once so many bytes have been written since the start: `cut` breaks the connection,
`kill` ends the server as by kill -9, `full` and `denied` refuse what follows, `silent` answers no more.
"""

import shutil
import socket
import sys
from pathlib import Path

from tests.services.server import HOST, Server

ROOT = Path(__file__).parents[2]


class Sftp(Server):
    """`inbox` is what the printer sees, of which a client sees `/`. `key` and `known_hosts` are the client's."""

    name = "SFTP"
    port_count = 1
    user = "milepost"

    def __init__(self) -> None:
        super().__init__(stop="SIGTERM", end="SIGKILL")
        self.inbox = self.folder / "in"
        self.key = self.folder / "client_key"
        self.known_hosts = self.folder / "known_hosts"
        self._trouble = ("none", 0)

    @property
    def url(self) -> str:
        return f"sftp://{self.user}@{HOST}:{self.ports[0]}/"

    def befall(self, trouble: str = "none", after_bytes: int = 0) -> None:
        """Starts it again, so that this befalls it."""
        self._trouble = (trouble, after_bytes)
        self.kill()
        self.start()

    def reset(self) -> None:
        """Nothing befalls it, and nothing lies there."""
        self.befall()
        shutil.rmtree(self.inbox)
        self.inbox.mkdir()

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.inbox.iterdir()}

    def command(self) -> list[str]:
        trouble, after_bytes = self._trouble
        start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tests.services.sftp_server import main; main()"
        return [sys.executable, "-c", start, str(self.folder), str(self.ports[0]), trouble, str(after_bytes)]

    def configure(self) -> None:
        import asyncssh  # noqa: PLC0415 - takes long, and few tests need it

        self.inbox.mkdir(exist_ok=True)
        host_key = asyncssh.generate_private_key("ssh-ed25519")
        client_key = asyncssh.generate_private_key("ssh-ed25519")
        host_key.write_private_key(str(self.folder / "host_key"))
        client_key.write_private_key(str(self.key))
        client_key.write_public_key(str(self.folder / "client_key.pub"))
        public = host_key.export_public_key().decode().strip()
        self.known_hosts.write_text(f"[{HOST}]:{self.ports[0]} {public}\n", "utf-8")

    def ready(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1.0)
            return probe.connect_ex((HOST, self.ports[0])) == 0
