"""One `milepost run` a database."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.model.errors import ServiceUnavailable


class RunLock:
    """Held while the engine works on a database: `with RunLock(path): …`. The operating system lets go of
    it when the process ends, however it ends, so nothing is ever left locked. The file beside the database
    stays; it holds the process id of who had it last, for people."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = database.with_name(f"{database.name}.run.lock")
        self._file: int | None = None

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise ServiceUnavailable(
                f"The lock file {self._path} cannot be opened: {error.strerror}.",
                f"Make {self._path.parent} a folder that this user can write to.",
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(file, 20, 0).decode("ascii", "replace").strip()
            os.close(file)
            who = f" (process {holder})" if holder else ""
            raise ServiceUnavailable(
                f"Another milepost run{who} works on {self._database} already.",
                "Stop that one first, or give this one a database of its own by MILEPOST_DATABASE_URL.",
            ) from error
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode("ascii"), 0)
        self._file = file
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
