"""The printer's folder on an SFTP server, by `asyncssh`.

Who the server is must be known beforehand (`known_hosts`): whoever answers under its name would be given letters. The
login is by key. A connection that says nothing is given up; what was begun is found and gone on with the next time.
"""

import asyncio
import posixpath
from collections.abc import Awaitable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import unquote, urlsplit

import asyncssh

from engine.model.errors import ServiceUnavailable, UsageError

T = TypeVar("T")

CONNECT_S = 15.0
ANSWER_S = 30.0
SLOWEST_BYTES_S = 20_000
"""A file is given so much time as it would take at this rate, and `ANSWER_S`."""

_SCHEME = "sftp"


class Address(NamedTuple):
    user: str
    host: str
    port: int
    folder: str

    @classmethod
    def of(cls, url: str) -> "Address":
        """`sftp://user@host:22/path`; raises `UsageError`, which does not repeat what may be a password."""
        try:
            parts = urlsplit(url)
            port = parts.port or 22
        except ValueError:
            parts, port = urlsplit(""), 0
        if parts.scheme != _SCHEME or not parts.hostname or not parts.username or parts.password:
            raise UsageError(
                "MILEPOST_PRINT_SFTP is no address of a printer's folder.",
                "Write it as sftp://user@host:22/folder; the login is by the key that MILEPOST_PRINT_SFTP_KEY names.",
            )
        return cls(unquote(parts.username), parts.hostname, port, unquote(parts.path) or ".")


class SftpPlace:
    """`key` is the file of the private key, `known_hosts` that of the servers' keys, as OpenSSH has them."""

    def __init__(self, url: str, *, key: Path, known_hosts: Path) -> None:
        self._address = Address.of(url)
        self._key = key
        self._known_hosts = known_hosts
        one = self._address
        self.name = f"sftp://{one.user}@{one.host}:{one.port}{one.folder}"

    def check(self) -> str:
        with self.opened():
            return f"runs are handed over to {self.name}"

    @contextmanager
    def opened(self) -> Iterator["_SftpBox"]:
        for path, setting in ((self._key, "KEY"), (self._known_hosts, "KNOWN_HOSTS")):
            if not path.is_file():
                raise ServiceUnavailable(f"{path} is no file.", f"Mend MILEPOST_PRINT_SFTP_{setting}.")
        with asyncio.Runner() as runner:
            connection = _told(runner, self._connected(), self.name)
            try:
                sftp = _told(runner, _within(connection.start_sftp_client(), ANSWER_S), self.name)
                box = _SftpBox(runner, sftp, self._address.folder, self.name)
                if not box.is_folder():
                    raise ServiceUnavailable(
                        f"{self.name}: there is no such folder.",
                        "Ask the printer for its name, or to make it.",
                    )
                yield box
            finally:
                connection.abort()
                with suppress(Exception):
                    runner.run(_within(connection.wait_closed(), 1.0))

    async def _connected(self) -> asyncssh.SSHClientConnection:
        one = self._address
        connecting = asyncssh.connect(
            one.host,
            one.port,
            username=one.user,
            client_keys=[str(self._key)],
            known_hosts=str(self._known_hosts),
            agent_path=None,
            config=None,
            connect_timeout=CONNECT_S,
            login_timeout=CONNECT_S,
            keepalive_interval=10,
        )
        return await _within(connecting, CONNECT_S * 2)


class _SftpBox:
    """The folder, open."""

    def __init__(self, runner: asyncio.Runner, sftp: asyncssh.SFTPClient, folder: str, name: str) -> None:
        self._runner = runner
        self._sftp = sftp
        self._folder = folder
        self._name = name

    def is_folder(self) -> bool:
        return self._ask(self._sftp.isdir(self._folder))

    def there(self, name: str) -> bool:
        return self._size(name) is not None

    def holds(self, name: str, path: Path) -> bool:
        """By its size: on its way SSH guards every byte, and what has its last name was looked at before."""
        return self._size(name) == path.stat().st_size

    def put(self, name: str, path: Path) -> None:
        size = path.stat().st_size
        self._ask(self._put(path, self._path(name)), ANSWER_S + size / SLOWEST_BYTES_S)

    async def _put(self, path: Path, to: str) -> None:
        await self._sftp.put(str(path), to)
        async with self._sftp.open(to, "r+b") as file:
            with suppress(asyncssh.SFTPOpUnsupported):
                await file.fsync()

    def rename(self, name: str, to: str) -> None:
        self._ask(self._rename(self._path(name), self._path(to)))

    async def _rename(self, name: str, to: str) -> None:
        try:
            await self._sftp.posix_rename(name, to)
        except asyncssh.SFTPOpUnsupported:  # then what is there cannot be replaced in one step
            with suppress(asyncssh.SFTPNoSuchFile):
                await self._sftp.remove(to)
            await self._sftp.rename(name, to)

    def _size(self, name: str) -> int | None:
        async def asked() -> int | None:
            try:
                return (await self._sftp.stat(self._path(name))).size
            except asyncssh.SFTPNoSuchFile:
                return None

        return self._ask(asked())

    def _path(self, name: str) -> str:
        return posixpath.join(self._folder, name)

    def _ask(self, asked: Coroutine[Any, Any, T], within_s: float = ANSWER_S) -> T:
        return _told(self._runner, _within(asked, within_s), self._name)


async def _within(asked: Awaitable[T], seconds: float) -> T:
    """The answer; raises `TimeoutError` where it does not come in time. Unlike `asyncio.wait_for` it does not wait for
    what is given up to clear up after itself: that may need the very answer that does not come."""
    task = asyncio.ensure_future(asked)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.cancel()
        raise TimeoutError
    return task.result()


def _told(runner: asyncio.Runner, asked: Coroutine[Any, Any, T], name: str) -> T:
    """The answer; what goes wrong as `ServiceUnavailable`."""
    try:
        return runner.run(asked)
    except asyncssh.HostKeyNotVerifiable as error:
        raise ServiceUnavailable(
            f"{name}: the server is not the one that is known by this name.",
            "Ask the printer for its server's key, and put it into the file MILEPOST_PRINT_SFTP_KNOWN_HOSTS.",
        ) from error
    except (asyncssh.PermissionDenied, asyncssh.KeyImportError) as error:
        raise ServiceUnavailable(
            f"{name}: the login was refused.", "Give the printer the public key of MILEPOST_PRINT_SFTP_KEY."
        ) from error
    except asyncssh.SFTPPermissionDenied as error:
        raise ServiceUnavailable(
            f"{name}: the server lets nothing be written there.",
            "Ask the printer to let this user write there.",
        ) from error
    except asyncssh.SFTPError as error:
        raise ServiceUnavailable(
            f"{name}: the server did not take a file: {error.reason or type(error).__name__}.",
            "Ask the printer whether the disk is full.",
        ) from error
    except TimeoutError as error:
        raise ServiceUnavailable(
            f"{name}: no answer came in time.", "See whether it can be reached."
        ) from error
    except (OSError, asyncssh.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error.reason
        raise ServiceUnavailable(
            f"{name}: the connection failed: {why or type(error).__name__}.", "See whether it can be reached."
        ) from error
