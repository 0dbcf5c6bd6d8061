"""Print runs: the letters that wait become one PDF with its manifest, exactly once.

Closing, step by step; the process may be killed at any of them:
1. What the last closing was cut short in is done: the facts of letters go that are in a run. Of the others it is asked
   whether they may go still (`Ask`): first the ledger says of one that it must not, then its PDF goes, then its facts.
   What is held waits on.
2. The letters that wait are shared out by brand and paper, and sorted by country, postcode, id.
3. A run's files are written into a folder that is no run's yet, and synced to the disk.
4. The folder gets its name: from here on the run is there. Until then its letters wait as before.
5. The facts of its letters go, so that they wait no more; a mark in the folder says that this is done.

One process closes at a time: the others wait for it. A run's id is made of its day, brand, paper and a hash of its
letters, so that the same letters are the same run.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

import msgspec

from engine.channels.disk import locked, sha256_of, sync, unwritable_told, write_whole
from engine.channels.letters_print import manifest
from engine.channels.letters_print.facts import LetterFacts, Waiting, waiting_in, without_pdf_in
from engine.model.errors import UsageError
from engine.model.ids import derive
from engine.runtime.crashpoints import reach
from engine.runtime.recalling import Recalled

FOLDER = "print-runs"
MOST_LETTERS = 2000
"""Of one run; more become several, so that neither memory nor a printer's spooler is asked for too much."""

_TAKEN = "letters-taken"
_LAST_DAY = ".last-day"
OFFERED = "offered.json"
HANDED_OVER = "handed-over.json"


Ask = Callable[[Sequence[str], datetime], Recalled]
"""Which of these letters, by their messages' ids, must not go, and which not now; the ledger says so by then."""


def all_may_go(_ids: Sequence[str], _now: datetime) -> Recalled:
    """For letters that no ledger knows."""
    return Recalled()


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run as its folder tells. `files` are what a printer gets, each with its SHA-256; the first is the PDF, the
    last the checksums. `pages` counts blank ones too."""

    id: str
    day: date
    brand: str
    paper: str
    letters: int
    pages: int
    duplex: bool
    closed_at: datetime
    files: dict[str, str]


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run was handed over to, and when."""

    at: datetime
    to: str


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """What a closing made. `damaged` are letters, by id, whose file is not what it was: they wait on, for somebody
    to look. `left_out` are those that must not go any more, and are gone; `held` wait on."""

    runs: tuple[Run, ...] = ()
    damaged: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


class PrintRuns:
    """The runs in the delivery folder `root`. With `duplex` each letter begins on a sheet of its own."""

    def __init__(self, root: Path, *, duplex: bool = True) -> None:
        self._root = root
        self._folder = root / FOLDER
        self._duplex = duplex

    # Closing

    def close(self, day: date, now: datetime, ask: Ask = all_may_go) -> Closed:
        """Closes all letters that wait, and may go at `now`, into runs of `day`. Raises `ServiceUnavailable` where the
        folder cannot be used: what was closed until then stays closed."""
        with self.mine():
            return self._close_all(day, now, ask)

    def close_day(self, day: date, now: datetime, ask: Ask = all_may_go) -> Closed | None:
        """The closing of `day`, which is made once; None where that is done. Raises as `close` does."""
        with self.mine():
            last = self.last_day()
            if last is not None and last >= day:
                return None
            closed = self._close_all(day, now, ask)
            write_whole(self._folder / _LAST_DAY, day.isoformat().encode())
            sync(self._folder)
        return closed

    def last_day(self) -> date | None:
        """The last day whose closing is done, whether or not there was anything to close."""
        try:
            return date.fromisoformat((self._folder / _LAST_DAY).read_text("ascii"))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def take_back(self, now: datetime, ask: Ask) -> Recalled:
        """Those that must not go any more go, without a closing. Raises as `close` does."""
        with self.mine():
            return self._recalled(self._finished(list(waiting_in(self._root))), now, ask)[1]

    def _close_all(self, day: date, now: datetime, ask: Ask) -> Closed:
        waiting, recalled = self._recalled(self._finished(list(waiting_in(self._root))), now, ask)  # 1
        whole = [one for one in waiting if _is_whole(one)]
        there = {one.facts.message_id for one in whole}
        damaged = sorted({one.facts.message_id for one in waiting} - there)
        runs = [self._close(part, day, now) for part in _shares(whole)]  # 2
        return Closed(
            runs=tuple(runs),
            damaged=tuple(damaged),
            left_out=tuple(sorted(recalled.gone)),
            held=tuple(sorted(recalled.held)),
        )

    def _recalled(self, waiting: list[Waiting], now: datetime, ask: Ask) -> tuple[list[Waiting], Recalled]:
        """Those that may go, and what is said of the others. The files of those that must not are gone by then."""
        cut_short = {path.stem: path for path in without_pdf_in(self._root)}
        said = ask([*(one.facts.message_id for one in waiting), *cut_short], now)
        reach("print.asked")
        for one in waiting:
            if one.facts.message_id in said.gone:
                one.pdf.unlink(missing_ok=True)
                reach("print.taken-back")
                one.path.unlink(missing_ok=True)
        for message_id in cut_short.keys() & said.gone:
            cut_short[message_id].unlink(missing_ok=True)
        there = {one.facts.message_id for one in waiting}
        may_go = [one for one in waiting if one.facts.message_id not in said.gone | said.held]
        return may_go, Recalled(said.gone & there, said.held & there)

    def _finished(self, waiting: list[Waiting]) -> list[Waiting]:
        """Those that wait indeed: not those of runs whose closing was cut short. What was begun of others goes."""
        for path in self._folder.glob(".*.part"):
            shutil.rmtree(path)
        for path in self._folder.iterdir():
            if path.is_dir() and not (path / _TAKEN).exists():
                run = _read(path)
                ids = {line.message_id for line in self.lines(run)}
                self._take([one for one in waiting if one.facts.message_id in ids], path)
                waiting = [one for one in waiting if one.facts.message_id not in ids]
        return waiting

    def _close(self, letters: Sequence[Waiting], day: date, now: datetime) -> Run:
        facts = [one.facts for one in letters]
        name = f"{day}-{facts[0].brand}-{facts[0].paper}"
        hashed = derive(
            "print-run", name, str(self._duplex), *(f"{one.message_id}:{one.sha256}" for one in facts)
        )
        run_id = f"{name}-{hashed[:12]}"
        from engine.channels.letters_print.merge import merge  # noqa: PLC0415 - most who look close nothing

        begun = self._folder / f".{run_id}.part"
        begun.mkdir()
        pdf = begun / f"{run_id}.pdf"
        pages = merge((one.pdf.read_bytes() for one in letters), pdf, duplex=self._duplex, title=run_id)  # 3
        sync(pdf)
        run = self._described(begun, run_id, facts, pages, day, now)
        sync(begun)
        reach("print.written")
        place = begun.replace(self._folder / run_id)  # 4
        sync(self._folder)
        reach("print.closed")
        self._take(letters, place)  # 5
        return run

    def _described(
        self,
        begun: Path,
        run_id: str,
        facts: Sequence[LetterFacts],
        pages: Sequence[tuple[int, int]],
        day: date,
        now: datetime,
    ) -> Run:
        """Writes what belongs to the PDF."""
        lines = [
            manifest.Line(n, one.message_id, first, last, one.pages, one.country, one.postcode, one.sha256)
            for n, (one, (first, last)) in enumerate(zip(facts, pages, strict=True), 1)
        ]
        write_whole(begun / f"{run_id}.csv", manifest.written(lines))
        sums = {name: sha256_of(begun / name) for name in (f"{run_id}.pdf", f"{run_id}.csv")}
        write_whole(
            begun / f"{run_id}.sha256", "".join(f"{value}  {name}\n" for name, value in sums.items()).encode()
        )
        sums[f"{run_id}.sha256"] = sha256_of(begun / f"{run_id}.sha256")
        run = Run(
            id=run_id,
            day=day,
            brand=facts[0].brand,
            paper=facts[0].paper,
            letters=len(lines),
            pages=lines[-1].last_page,
            duplex=self._duplex,
            closed_at=now,
            files=sums,
        )
        write_whole(begun / "run.json", msgspec.json.format(msgspec.json.encode(run)))
        return run

    def _take(self, letters: Sequence[Waiting], place: Path) -> None:
        for one in letters:
            one.path.unlink(missing_ok=True)
            reach("print.taken")
        write_whole(place / _TAKEN, b"")

    # Looking

    def waiting(self) -> list[LetterFacts]:
        """The letters that are in no run yet, in the order in which they will be."""
        self_closed = {
            line.message_id
            for run in self.runs()
            if not (self.place(run) / _TAKEN).exists()
            for line in self.lines(run)
        }
        found = (one.facts for one in waiting_in(self._root) if one.facts.message_id not in self_closed)
        return sorted(found, key=lambda one: (one.brand, one.paper, *one.order))

    def runs(self) -> list[Run]:
        """All runs, oldest first."""
        if not self._folder.is_dir():
            return []
        folders = (one for one in self._folder.iterdir() if one.is_dir() and not one.name.startswith("."))
        return sorted(map(_read, folders), key=lambda run: (run.closed_at, run.id))

    def run(self, run_id: str) -> Run:
        """The run of that id, or whose id alone begins so. Raises `UsageError`."""
        found = [one for one in self.runs() if one.id.startswith(run_id)]
        exact = [one for one in found if one.id == run_id]
        if len(exact or found) != 1:
            what = "several runs begin" if found else "no run begins"
            raise UsageError(f"{run_id}: {what} so.", "milepost letters list shows them.")
        return (exact or found)[0]

    def lines(self, run: Run) -> list[manifest.Line]:
        """The letters of a run, in its order."""
        return list(manifest.read(self.place(run) / f"{run.id}.csv"))

    def place(self, run: Run) -> Path:
        """The folder in which the run lies."""
        return self._folder / run.id

    def handed_over(self, run: Run) -> Handover | None:
        return self._note(run, HANDED_OVER)

    def offered(self, run: Run) -> Handover | None:
        """Where and when the mark was about to be set that lets the printer begin."""
        return self._note(run, OFFERED)

    def note(self, run: Run, name: str, handover: Handover) -> None:
        """Writes down, durably, how far a run's handing over has come."""
        write_whole(self.place(run) / name, msgspec.json.encode(handover))
        sync(self.place(run))

    def forget_handover(self, run: Run) -> None:
        """As if it had never been handed over."""
        for name in (HANDED_OVER, OFFERED):  # the last one last: what is cut short here was handed over still
            (self.place(run) / name).unlink(missing_ok=True)
        sync(self.place(run))

    def _note(self, run: Run, name: str) -> Handover | None:
        path = self.place(run) / name
        return msgspec.json.decode(path.read_bytes(), type=Handover) if path.exists() else None

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Nobody else closes or hands over meanwhile."""
        with unwritable_told(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            with locked(self._folder / ".lock"):
                yield


def _shares(letters: list[Waiting]) -> Iterator[list[Waiting]]:
    def kind(one: Waiting) -> tuple[str, str]:
        return one.facts.brand, one.facts.paper

    for _, share in groupby(sorted(letters, key=lambda one: (*kind(one), *one.facts.order)), kind):
        alike = list(share)
        for n in range(0, len(alike), MOST_LETTERS):
            yield alike[n : n + MOST_LETTERS]


def _is_whole(one: Waiting) -> bool:
    return hashlib.sha256(one.pdf.read_bytes()).hexdigest() == one.facts.sha256


def _read(folder: Path) -> Run:
    return msgspec.json.decode((folder / "run.json").read_bytes(), type=Run)
