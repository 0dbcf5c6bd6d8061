"""Places at which a test kills the process: each numbered step of `advance` and `deliver` is one.

`MILEPOST_CRASH_AT=advance.3` kills it, as by `kill -9`, the first time that it comes there;
`advance.3:7` the seventh time. Without the setting nothing happens.
"""

import os
import signal

_point, _, _times = os.environ.get("MILEPOST_CRASH_AT", "").partition(":")
_left = int(_times) if _times.isdigit() else 1


def reach(point: str) -> None:
    """The process has come to `point`."""
    global _left  # noqa: PLW0603 - one countdown a process
    if point != _point:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
