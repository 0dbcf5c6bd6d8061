"""What runs in the process of `sftp.Sftp`."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import asyncssh

from tests.services.server import HOST


class _Troubled(asyncssh.SFTPServer):
    """Files below `in/`."""

    folder = Path()
    trouble = "none"
    bytes_left = 0

    def __init__(self, channel: "asyncssh.SSHServerChannel[bytes]") -> None:
        super().__init__(channel, chroot=str(self.folder / "in"))
        self._connection = channel.get_connection()

    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        cls = type(self)
        cls.bytes_left -= len(data)
        if cls.trouble == "none" or cls.bytes_left >= 0:
            return super().write(file_obj, offset, data)
        if cls.trouble == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if cls.trouble == "full":
            raise asyncssh.SFTPNoSpaceOnFilesystem("No space left on device")
        if cls.trouble == "denied":
            raise asyncssh.SFTPPermissionDenied("Permission denied")
        if cls.trouble == "silent":
            return asyncio.sleep(3600)
        super().write(file_obj, offset, data[: len(data) // 2])
        self._connection.abort()
        return len(data)


async def _serve(port: int) -> None:
    await asyncssh.listen(
        HOST,
        port,
        reuse_address=True,
        server_host_keys=[str(_Troubled.folder / "host_key")],
        authorized_client_keys=str(_Troubled.folder / "client_key.pub"),
        sftp_factory=_Troubled,
    )
    await asyncio.Event().wait()


def main() -> None:
    folder, port, trouble, after_bytes = sys.argv[1:5]
    _Troubled.folder, _Troubled.trouble, _Troubled.bytes_left = Path(folder), trouble, int(after_bytes)
    asyncio.run(_serve(int(port)))
