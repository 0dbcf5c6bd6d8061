"""Keeps one server for the process that started this one, and never outlives it.

Takes one argument, JSON: `folder` (where the server runs and logs; removed at the end), `stop` and `end` (the names
of the signals for an orderly stop, and for the last one, after which nothing of the folder is needed), and `user` to
run as, or null. Then obeys orders, one a line on standard input, each answered by a line:

    start COMMAND   pid NUMBER, or failed: REASON; the command as a JSON list; what runs is stopped before
    stop            ended
    kill            ended; with -9, as a crash
    pause           done
    resume          done
    status          running, or ended

When standard input ends, however that came about, the server is ended, its folder removed, and the keeper exits.
Run by itself, with nothing but the standard library, so that it starts in milliseconds.
"""

import json
import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

PATIENCE_S = 30.0


class Keeper:
    def __init__(self, folder: str, stop: str, end: str, user: str | None) -> None:
        self.folder = Path(folder)
        self.stop_signal = signal.Signals[stop]
        self.end_signal = signal.Signals[end]
        self.user = user
        self.process: subprocess.Popen[bytes] | None = None
        self.alive = -1

    def start(self, command: str) -> str:
        self.stop()
        # Whatever the server starts in its turn inherits the pipe's writing end: when reading it meets the end, the
        # last of them has gone.
        self.alive, inherited = os.pipe()
        try:
            with (self.folder / "log").open("ab") as log:
                self.process = subprocess.Popen(
                    json.loads(command),
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[inherited],
                    start_new_session=True,
                    **as_user(self.user),
                )
        except OSError as error:
            return f"failed: {error}"
        finally:
            os.close(inherited)
        return f"pid {self.process.pid}"

    def status(self) -> str:
        return "running" if self.process is not None and self.process.poll() is None else "ended"

    def stop(self) -> str:
        return self._finish(self.stop_signal)

    def kill(self) -> str:
        return self._finish(signal.SIGKILL)

    def end(self) -> None:
        self._finish(self.end_signal)
        shutil.rmtree(self.folder, ignore_errors=True)

    def pause(self) -> str:
        return self._send(signal.SIGSTOP)

    def resume(self) -> str:
        return self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> str:
        if self.process is not None:
            self.process.send_signal(number)  # does nothing to a process that has been waited for
        return "done"

    def _finish(self, number: signal.Signals) -> str:
        if self.process is None:
            return "ended"
        self._send(number)
        self._send(signal.SIGCONT)
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        select.select([self.alive], [], [], PATIENCE_S)
        os.close(self.alive)
        self.process = None
        return "ended"


def as_user(name: str | None) -> dict[str, Any]:
    """What `subprocess` takes to run as that user; only root can."""
    if name is None:
        return {}
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


def main() -> None:
    keeper = Keeper(**json.loads(sys.argv[1]))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit())
    orders = {name: getattr(keeper, name) for name in ("start", "stop", "kill", "pause", "resume", "status")}
    try:
        for line in sys.stdin:
            name, *arguments = line.strip().split(" ", 1)
            sys.stdout.write(orders[name](*arguments) + "\n")
            sys.stdout.flush()
    finally:
        keeper.end()


if __name__ == "__main__":
    main()
