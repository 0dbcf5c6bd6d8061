"""Room for a demo: a folder that is new, empty, or an earlier demo's.

What is removed of an earlier demo are files of the names and kinds that a demo writes; whatever else somebody
has put beside them stays.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.model.errors import UsageError

MARKER = ".milepost-demo"
_TOLD = "A demo of Milepost was made in this folder; the next one may remove what it made.\n"

DATABASE = "milepost.db"
INDEX = "index.html"
LEDGER = "ledger.html"
PICTURES = "pictures"

_FILES = (INDEX, LEDGER, DATABASE, *(f"{DATABASE}{end}" for end in ("-wal", "-shm", "-journal")))
_FOLDERS = {
    "letters": frozenset({".pdf", ".html", ".json"}),
    "emails": frozenset({".eml", ".html", ".txt", ".json"}),
    "sms": frozenset({".txt", ".json"}),
    PICTURES: frozenset({".png", ".otf"}),
}


def check(out: Path) -> None:
    """Raises `UsageError` where a demo may not be made in `out`."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is not a folder.", "--out names a folder for the demo.")
    if out.is_dir() and any(out.iterdir()) and not (out / MARKER).is_file():
        raise UsageError(
            f"{out} is not empty and holds no earlier demo.", "Name a new or an empty folder by --out."
        )


def mark(out: Path) -> None:
    """Makes `out` and marks it as a demo's. `check` comes before."""
    with _written_to(out):
        out.mkdir(parents=True, exist_ok=True)
        (out / MARKER).write_text(_TOLD, encoding="utf-8")


def clear(out: Path) -> None:
    """Removes what an earlier demo made. Whoever calls it works alone in `out`."""
    with _written_to(out):
        for name in _FILES:
            (out / name).unlink(missing_ok=True)
        for name, kinds in _FOLDERS.items():
            _clear(out / name, kinds)
        (out / PICTURES).mkdir(exist_ok=True)


@contextmanager
def _written_to(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{error.filename or out} cannot be written: {error.strerror}.", "Name another folder by --out."
        ) from error


def _clear(folder: Path, kinds: frozenset[str]) -> None:
    """Removes files of these kinds below `folder`, and folders that are empty then; follows no link."""
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in list(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            _clear(path, kinds)
        elif path.suffix in kinds or path.suffix == ".part":
            path.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()
