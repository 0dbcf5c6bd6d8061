"""`milepost run` with a broker: one worker of many, and the supervisor that starts it again when it ended itself."""

import sys
from collections.abc import Sequence
from pathlib import Path

from engine.bus.logs import log_to
from engine.bus.supervisor import is_supervised, supervise
from engine.cli.context import spare_collector
from engine.model.errors import MilepostError, ServiceUnavailable, UsageError
from engine.wiring.settings import Settings, require_shared


def run_shared(folder: Path, settings: Settings, *, until_idle: bool, until: str | None) -> int:
    """Works until told to stop, or until idle. Returns the exit code."""
    require_shared(settings)
    log_to(sys.stderr)
    if not is_supervised():
        return supervise(_this_command(), until_done=until_idle)
    # The supervisor goes without these: it is to be a small process in which little can go wrong.
    from engine.bus.worker import run_worker  # noqa: PLC0415
    from engine.cli.run import tell_and_end  # noqa: PLC0415
    from engine.wiring.assembly import shared  # noqa: PLC0415
    from engine.wiring.deployed import Projects  # noqa: PLC0415
    from engine.wiring.distributed import work_for  # noqa: PLC0415
    from engine.wiring.streams import bus_settings  # noqa: PLC0415

    store = shared(settings)
    try:
        projects = Projects(store, settings, folder)
    except MilepostError as error:
        store.close()
        if isinstance(error, ServiceUnavailable):
            raise
        # Started again, it would be as it is.
        raise UsageError(error.message, error.hint) from error
    end = tell_and_end(projects, until)
    spare_collector()
    work = work_for(projects, folder, store, settings, until_idle=until_idle, until=end)
    return run_worker(bus_settings(settings), work)


def _this_command() -> Sequence[str]:
    return [sys.executable, "-m", "engine.cli.main", *sys.argv[1:]]
