"""Handing a run over to the printer, once.

1. Each of its files is laid down under a name that is no file's yet (`.<name>.part`), looked at, and renamed. What lies
   there whole already, from an attempt that was cut short, is left alone.
2. It is written down here that the run is offered; everything that the printer needs is there by then.
3. The mark is set that lets the printer begin: `<run id>.done`. Until then it touches nothing.
4. It is written down here that the run was handed over.

After a crash it is asked what is there. Files that are gone after 2 were taken by the printer, so the mark had been
set. For this the printer takes the mark away last, or leaves it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from engine.channels.disk import sync, unwritable_told, write_whole
from engine.channels.letters_print.runs import HANDED_OVER, OFFERED, Handover, PrintRuns, Run
from engine.model.errors import ServiceUnavailable, UsageError
from engine.runtime.crashpoints import reach


class Box(Protocol):
    """The printer's folder, open. Names are of files in it. All raise `ServiceUnavailable`."""

    def there(self, name: str) -> bool: ...

    def holds(self, name: str, path: Path) -> bool:
        """Whether the file of that name is there and the same as the one at `path`, as far as can be told without
        fetching it."""
        ...

    def put(self, name: str, path: Path) -> None:
        """Writes the file at `path` under that name, over what may be there."""
        ...

    def rename(self, name: str, to: str) -> None:
        """In one step; what is called `to` already is replaced."""
        ...


class Place(Protocol):
    """Where runs are handed over. `name` says it to people."""

    name: str

    def check(self) -> str:
        """Whether it could be used at present, without leaving anything there. Returns where runs go; raises
        `ServiceUnavailable`."""
        ...

    def opened(self) -> AbstractContextManager[Box]:
        """Raises `ServiceUnavailable` where it cannot be reached."""
        ...


def hand_over(
    runs: PrintRuns,
    place: Place,
    now: Callable[[], datetime],
    *,
    only: Run | None = None,
    again: bool = False,
) -> Iterator[Run]:
    """Hands over what is not yet, oldest first, or only that run; gives each run that it has handed over. `again`: also
    what has been, as the printer has lost it. Raises `ServiceUnavailable` where the place cannot be used, `UsageError`
    where somebody must look whether the printer has the run."""
    with runs.mine():
        waiting = [
            run for run in (runs.runs() if only is None else [only]) if again or runs.handed_over(run) is None
        ]
        if not waiting:
            return
        with place.opened() as box:
            for run in waiting:
                if again:
                    runs.forget_handover(run)
                _hand_over(runs, run, place, box, now)
                yield run


def _hand_over(runs: PrintRuns, run: Run, place: Place, box: Box, now: Callable[[], datetime]) -> None:
    folder = runs.place(run)
    offered = runs.offered(run)
    if offered is None:
        for name in run.files:  # 1
            if not box.holds(name, folder / name):
                _lay_down(box, name, folder / name)
        runs.note(run, OFFERED, Handover(at=now(), to=place.name))  # 2
        reach("print.offered")
    elif offered.to != place.name:
        raise UsageError(
            f"{run.id} was about to be handed over to {offered.to}, which may have it.",
            f"Look there. If it has not: milepost letters hand-over {run.id} --again",
        )
    done = f"{run.id}.done"
    if not box.there(done) and all(box.there(name) for name in run.files):
        mark = folder / f"{run.id}.done"  # 3
        write_whole(mark, b"")
        _lay_down(box, done, mark)
    reach("print.done")
    runs.note(run, HANDED_OVER, Handover(at=now(), to=place.name))  # 4
    reach("print.handed-over")


def _lay_down(box: Box, name: str, path: Path) -> None:
    begun = f".{name}.part"
    box.put(begun, path)
    reach("print.put")
    if not box.holds(begun, path):
        raise ServiceUnavailable(
            f"{name} did not arrive whole at the printer's.", "It is tried again; nothing was printed of it."
        )
    box.rename(begun, name)
    reach("print.renamed")


class FolderPlace:
    """A folder of this machine, which the printer fetches from, or which is the printer's, mounted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = str(folder)

    def check(self) -> str:
        with self.opened():
            return f"runs are handed over to {self._folder}"

    @contextmanager
    def opened(self) -> Iterator["FolderPlace"]:
        with self._told():
            if (
                not self._folder.is_dir()
            ):  # it is made by who mounts it; one made here might lie under a mount
                raise ServiceUnavailable(
                    f"{self._folder} is no folder.", "Make it, or mount it, or mend MILEPOST_PRINT_DIR."
                )
            yield self

    def there(self, name: str) -> bool:
        with self._told():
            return (self._folder / name).exists()

    def holds(self, name: str, path: Path) -> bool:
        with self._told():
            there = self._folder / name
            if not there.is_file() or there.stat().st_size != path.stat().st_size:
                return False
            return there.read_bytes() == path.read_bytes()

    def put(self, name: str, path: Path) -> None:
        with self._told():
            there = self._folder / name
            there.write_bytes(path.read_bytes())
            sync(there)

    def rename(self, name: str, to: str) -> None:
        with self._told():
            (self._folder / name).replace(self._folder / to)
            sync(self._folder)

    def _told(self) -> AbstractContextManager[None]:
        return unwritable_told(self._folder)
