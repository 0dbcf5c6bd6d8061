"""How fast requests go: by the rate that is set, and not before SendGrid wants any."""

import asyncio

from engine.channels.rate import Rate


class Pace:
    """For one event loop. `per_s` messages a second; 0 for as many as can."""

    def __init__(self, per_s: float) -> None:
        self._rate = Rate(per_s)
        self._closed_until = 0.0

    async def admit(self, messages: int) -> None:
        """Returns when a request of so many may go."""
        if wait_s := self._rate.reserve(messages):
            await asyncio.sleep(wait_s)
        seconds = asyncio.get_running_loop().time
        while (wait_s := self._closed_until - seconds()) > 0:
            await asyncio.sleep(wait_s)

    def close(self, for_s: float) -> None:
        """No request goes for so long."""
        self._closed_until = max(self._closed_until, asyncio.get_running_loop().time() + for_s)
