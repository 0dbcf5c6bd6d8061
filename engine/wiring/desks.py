"""The print desk of what runs: confirmations that it reads go the way of all receipts."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from engine.channels.letters_print.desk import Desk, Tell
from engine.wiring.deployed import Projects
from engine.wiring.printing import desk_of, is_printing
from engine.wiring.receipts import take
from engine.wiring.settings import Settings


def desk_for(
    projects: Projects, folder: Path, settings: Settings, *, now: Callable[[], datetime | None], tell: Tell
) -> Desk | None:
    """None where letters are not printed in runs. Raises `UsageError` for settings that do not go together."""
    if not is_printing(settings):
        return None
    policy = projects.present.program.policy

    def taken(path: Path) -> str:
        told = take(path, "print-confirmation", settings, folder)
        for one in told.rejections:
            tell(
                f"letters: {one.file}:{one.line}: {one.reason}",
                "rejected",
                {"file": one.file, "line": one.line},
            )
        return str(told)

    return desk_of(settings, policy, now=now, tell=tell, take=taken)
