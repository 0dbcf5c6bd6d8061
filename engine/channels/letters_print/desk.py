"""What is done with letters beside sending them: once a day those that wait are closed into runs, runs are handed over,
and what the printer answers is read.
"""

import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from engine.channels.letters_print.handover import Place, hand_over
from engine.channels.letters_print.runs import Ask, Closed, PrintRuns, all_may_go
from engine.model.errors import MilepostError

LOOK_S = 5.0
"""How often it is looked whether there is something to do."""
AGAIN_S = 300.0
"""How long a place that could not be used is left alone."""

Tell = Callable[[str, str, dict[str, Any]], None]
"""Is told what was done, or why it could not be: a sentence, a name for it, and its parts."""


class Desk:
    """`cut_off` is when the day's letters are closed, on `zone`'s clock. `now` gives the present moment, None before
    there is one; `ask` says which letters may go still when they are closed; `answers` is the folder of the printer's
    confirmations, of which `take` reads one file and says what became of it. A file that was read goes into the folder
    `read` there."""

    def __init__(  # noqa: PLR0913 - what it is made of, by name
        self,
        runs: PrintRuns,
        place: Place | None,
        *,
        cut_off: time_of_day,
        zone: ZoneInfo,
        now: Callable[[], datetime | None],
        tell: Tell,
        answers: Path | None = None,
        take: Callable[[Path], str] = str,
        ask: Ask = all_may_go,
    ) -> None:
        self._runs = runs
        self._place = place
        self._cut_off = cut_off
        self._zone = zone
        self._now = now
        self._tell = tell
        self._answers = answers
        self._take = take
        self._ask = ask
        self._closed_day: date | None = None
        self._resting: dict[str, float] = {}

    def run(self, stopped: threading.Event, *, last: bool = False) -> None:
        """Works until told to stop; what is under way is finished first. `last`: it looks once more at the end."""
        while not stopped.is_set():
            self.once()
            stopped.wait(LOOK_S)
        if last:
            self.once()

    def once(self) -> None:
        """Does what is due. What cannot be done is told, and tried again later."""
        now = self._now()
        if now is None:
            return
        self._try("closing", lambda: self._close(now))
        self._try("handing over", lambda: self._hand_over(now))
        self._try("reading confirmations", self._read)

    def _try(self, what: str, do: Callable[[], None]) -> None:
        if time.monotonic() < self._resting.get(what, 0.0):
            return
        try:
            do()
            self._resting.pop(what, None)
        except MilepostError as error:
            self._resting[what] = time.monotonic() + AGAIN_S
            self._tell(
                f"letters: {what}: {error.message} {error.hint}".strip(), "letters-trouble", {"what": what}
            )

    def _close(self, now: datetime) -> None:
        day = self.day_at(now)
        if self._closed_day is not None and self._closed_day >= day:
            return
        closed = self._runs.close_day(day, now, self._ask)
        self._closed_day = day
        if closed is not None:
            tell_closed(closed, self._tell)

    def day_at(self, now: datetime) -> date:
        """The day of the last cut-off."""
        local = now.astimezone(self._zone)
        return local.date() - timedelta(days=int(local.time() < self._cut_off))

    def _hand_over(self, now: datetime) -> None:
        if self._place is None or not any(self._runs.handed_over(run) is None for run in self._runs.runs()):
            return
        for run in hand_over(self._runs, self._place, lambda: now):
            self._tell(
                f"letters: {run.id} is handed over, {run.letters} letters",
                "handed-over",
                {"run": run.id, "to": self._place.name},
            )

    def _read(self) -> None:
        if self._answers is None or not self._answers.is_dir():
            return
        for path in sorted(self._answers.glob("*.csv")):
            if path.name.startswith(".") or not path.is_file():
                continue
            told = self._take(path)
            read = self._answers / "read"
            try:
                read.mkdir(exist_ok=True)
                path.replace(read / path.name)
            except OSError as error:
                raise MilepostError(
                    f"{path.name} was read, and cannot be put away: {error.strerror}.",
                    f"Make {read} a folder that this user can write to.",
                ) from error
            self._tell(f"letters: {path.name}: {told}", "confirmation", {"file": path.name})


def tell_closed(closed: Closed, tell: Tell) -> None:
    for run in closed.runs:
        tell(
            f"letters: {run.id} is closed, {run.letters} letters on {run.pages} pages",
            "closed",
            msgspec.to_builtins(run),
        )
    if closed.left_out:
        n = len(closed.left_out)
        tell(
            f"letters: {n} letter{'s' * (n != 1)} must not go any more, and {'are' if n != 1 else 'is'} left out",
            "left-out",
            {"message_ids": closed.left_out},
        )
    if closed.held:
        n = len(closed.held)
        tell(
            f"letters: {n} letter{'s' * (n != 1)} may not go now, and wait{'s' * (n == 1)} for the next run",
            "held",
            {"message_ids": closed.held},
        )
    if closed.damaged:
        n = len(closed.damaged)
        tell(
            f"letters: {n} letter{'s' * (n != 1)} cannot be printed, as the file is not what was written: "
            f"{', '.join(closed.damaged[:5])}",
            "damaged",
            {"message_ids": closed.damaged},
        )
