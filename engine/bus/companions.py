"""What a worker does besides handling records, such as sending messages: each in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable, Sequence

Companion = Callable[[threading.Event], None]
"""Works until the event is set, then finishes what it is at and returns. What it raises ends the worker."""


class Companions:
    """Started once the worker has joined the group, stopped before it gives up its partitions."""

    def __init__(self, companions: Sequence[Companion], fail: Callable[[str, BaseException], None]) -> None:
        self._fail = fail
        self._stopped = threading.Event()
        self._companions = companions
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        for number, companion in enumerate(self._companions, 1):
            name = f"companion {number}"
            thread = threading.Thread(target=self._run, args=(name, companion, loop), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    async def stop(self) -> None:
        """Returns when all have ended."""
        self._stopped.set()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _run(self, name: str, companion: Companion, loop: asyncio.AbstractEventLoop) -> None:
        try:
            companion(self._stopped)
        except Exception as error:
            loop.call_soon_threadsafe(self._fail, name, error)
