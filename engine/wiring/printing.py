"""Putting the print desk together: where runs lie, where they go, and who works on them beside the sender."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from engine.channels.letters_print.confirmation import Told, read
from engine.channels.letters_print.desk import Desk, Tell
from engine.channels.letters_print.handover import FolderPlace, Place
from engine.channels.letters_print.runs import Ask, PrintRuns
from engine.model.errors import UsageError
from engine.model.policy import Policy
from engine.wiring.clocks import RealClock
from engine.wiring.settings import Settings

if TYPE_CHECKING:
    from engine.channels.letters_print.sftp_place import SftpPlace


def is_printing(settings: Settings) -> bool:
    return settings.letters.lower() == "print"


def runs_of(settings: Settings) -> PrintRuns:
    return PrintRuns(settings.delivery_dir, duplex=settings.print_duplex)


def place_of(settings: Settings) -> Place | None:
    """Where runs are handed over; None where nobody has said. Raises `UsageError` for settings that do not go
    together."""
    if settings.print_sftp:
        if settings.print_dir is not None:
            raise UsageError(
                "MILEPOST_PRINT_DIR and MILEPOST_PRINT_SFTP are both set; a run is handed over once.",
                "Leave one of them out.",
            )
        return _sftp(settings)
    return None if settings.print_dir is None else FolderPlace(settings.print_dir)


def _sftp(settings: Settings) -> "SftpPlace":
    from engine.channels.letters_print.sftp_place import SftpPlace  # noqa: PLC0415 - a second to import

    key, known_hosts = settings.print_sftp_key, settings.print_sftp_known_hosts
    if key is None or known_hosts is None:
        raise UsageError(
            "MILEPOST_PRINT_SFTP needs a key to log in with, and to know the printer's server.",
            "Set MILEPOST_PRINT_SFTP_KEY and MILEPOST_PRINT_SFTP_KNOWN_HOSTS to their files.",
        )
    return SftpPlace(settings.print_sftp, key=key, known_hosts=known_hosts)


def desk_of(
    settings: Settings,
    policy: Policy,
    *,
    now: Callable[[], datetime | None],
    tell: Tell,
    take: Callable[[Path], str],
    ask: Ask,
) -> Desk:
    return Desk(
        runs_of(settings),
        place_of(settings),
        cut_off=settings.print_at,
        zone=policy.zone,
        now=now,
        tell=tell,
        answers=settings.print_confirmations,
        take=take,
        ask=ask,
    )


@contextmanager
def beside(desk: Desk | None, *, live: bool) -> Iterator[None]:
    """The desk at work while something else is: in a thread of its own, or, where it is not `live`, before and
    after."""
    if desk is None:
        yield
        return
    if not live:
        desk.once()
        yield
        desk.once()
        return
    stopped = threading.Event()
    thread = threading.Thread(target=desk.run, args=(stopped,), name="print desk", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def confirmed(path: Path, content: bytes, settings: Settings, policy: Policy) -> Iterator[Told]:
    """What a printer's confirmation tells: see `engine.channels.letters_print.confirmation`."""
    runs = runs_of(settings)
    letters: dict[str, str] = {}
    for run in runs.runs():
        letters.update((line.message_id, line.sha256) for line in runs.lines(run))
    return read(content, path.name, letters.get, policy.zone, RealClock().now())
