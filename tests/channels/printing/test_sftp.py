"""Handing runs over to a real SFTP server, whatever becomes of it meanwhile."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.channels.letters_print import sftp_place
from engine.channels.letters_print.handover import hand_over
from engine.channels.letters_print.runs import PrintRuns, Run
from engine.channels.letters_print.sftp_place import SftpPlace
from engine.model.errors import ServiceUnavailable, UsageError
from tests.channels.printing.letters import NOW, close, deliver, letter, pdf_of
from tests.services.sftp import Sftp

ROOT = Path(__file__).parents[3]
SIGKILLED = -9


def place_at(sftp: Sftp, url: str = "") -> SftpPlace:
    return SftpPlace(url or sftp.url, key=sftp.key, known_hosts=sftp.known_hosts)


def closed(root: Path, *, large: bool = False) -> tuple[PrintRuns, Run]:
    """A run; a large one's PDF does not fit into one write."""
    pdf = pdf_of("大" if not large else "".join(chr(0x4E00 + n) for n in range(1200)))
    deliver(root, letter(1, pdf))
    [run] = close(root).runs
    return PrintRuns(root), run


def given(runs: PrintRuns, run: Run) -> dict[str, bytes]:
    """What a printer should have of it."""
    return {**{name: (runs.place(run) / name).read_bytes() for name in run.files}, f"{run.id}.done": b""}


def test_a_run_is_there_whole_and_marked(tmp_path: Path, sftp: Sftp) -> None:
    runs, run = closed(tmp_path)
    assert "handed over to sftp://milepost@127.0.0.1" in place_at(sftp).check()
    assert sftp.files() == {}
    assert list(hand_over(runs, place_at(sftp), lambda: NOW)) == [run]
    assert sftp.files() == given(runs, run)
    handed = runs.handed_over(run)
    assert handed is not None
    assert (handed.at, handed.to) == (NOW, place_at(sftp).name)
    assert list(hand_over(runs, place_at(sftp), lambda: NOW)) == []


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("cut", "the connection failed|did not take"),
        ("kill", "the connection failed|did not take"),
        ("full", "did not take a file: No space left"),
        ("denied", "lets nothing be written"),
        ("silent", "no answer came in time"),
    ],
)
@pytest.mark.parametrize("after_bytes", [0, 40_000])
def test_trouble_in_the_middle_of_a_file_is_said_and_the_next_attempt_goes_on(
    tmp_path: Path, sftp: Sftp, monkeypatch: pytest.MonkeyPatch, trouble: str, said: str, after_bytes: int
) -> None:
    monkeypatch.setattr(sftp_place, "ANSWER_S", 1.0)
    monkeypatch.setattr(sftp_place, "SLOWEST_BYTES_S", 1_000_000)
    runs, run = closed(tmp_path, large=True)
    sftp.befall(trouble, after_bytes)
    with pytest.raises(ServiceUnavailable, match=said) as refused:
        list(hand_over(runs, place_at(sftp), lambda: NOW))
    assert refused.value.hint
    assert not [name for name in sftp.files() if not name.endswith(".part")]  # nothing that looks whole
    assert runs.handed_over(run) is None
    sftp.befall()
    assert list(hand_over(runs, place_at(sftp), lambda: NOW)) == [run]
    assert sftp.files() == given(runs, run)


def test_what_lies_there_whole_is_not_sent_again(tmp_path: Path, sftp: Sftp) -> None:
    runs, run = closed(tmp_path, large=True)
    pdf, *_ = run.files
    sftp.befall("full", (runs.place(run) / pdf).stat().st_size)
    with pytest.raises(ServiceUnavailable, match="No space left"):
        list(hand_over(runs, place_at(sftp), lambda: NOW))
    sftp.befall("full", 2000)  # room for the rest, and not for the PDF
    assert list(hand_over(runs, place_at(sftp), lambda: NOW)) == [run]
    assert sftp.files() == given(runs, run)


_HAND_OVER = """
import sys
from pathlib import Path
from engine.channels.letters_print.handover import hand_over
from engine.channels.letters_print.runs import PrintRuns
from engine.channels.letters_print.sftp_place import SftpPlace
from tests.channels.printing.letters import NOW
root, url, key, known_hosts = sys.argv[1:]
place = SftpPlace(url, key=Path(key), known_hosts=Path(known_hosts))
list(hand_over(PrintRuns(Path(root)), place, lambda: NOW))
"""


@pytest.mark.parametrize(
    "point", ["print.put", "print.renamed:2", "print.put:3", "print.offered", "print.put:4", "print.done"]
)
def test_killed_while_handing_over_the_printer_gets_it_once(tmp_path: Path, sftp: Sftp, point: str) -> None:
    runs, run = closed(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", _HAND_OVER, str(tmp_path), sftp.url, str(sftp.key), str(sftp.known_hosts)],
        cwd=ROOT,
        env={**os.environ, "MILEPOST_CRASH_AT": point},
        check=False,
    )
    assert done.returncode == SIGKILLED
    marked = f"{run.id}.done" in sftp.files()
    assert marked == (point == "print.done")
    if marked:  # the printer has taken it away before we are back
        shutil.rmtree(sftp.inbox)
        sftp.inbox.mkdir()
    assert list(hand_over(runs, place_at(sftp), lambda: NOW)) == [run]
    assert sftp.files() == ({} if marked else given(runs, run))


def test_a_server_that_is_not_the_known_one_gets_nothing(tmp_path: Path, sftp: Sftp) -> None:
    runs, run = closed(tmp_path)
    others = tmp_path / "known_hosts"
    named, kind, _key = sftp.known_hosts.read_text("utf-8").split(maxsplit=2)
    others.write_text(
        f"{named} {kind} AAAAC3NzaC1lZDI1NTE5AAAAIJtqrYHjp0hIO8Dzp6l8m7cXGqPHZD2qaVUgfYsFqMPB\n", "utf-8"
    )
    place = SftpPlace(sftp.url, key=sftp.key, known_hosts=others)
    with pytest.raises(ServiceUnavailable, match="not the one that is known"):
        list(hand_over(runs, place, lambda: NOW))
    assert sftp.files() == {}
    assert runs.handed_over(run) is None


def test_a_key_that_is_not_taken_a_folder_that_is_not_there_and_nobody_at_all_are_said(
    tmp_path: Path, sftp: Sftp
) -> None:
    closed(tmp_path)
    with pytest.raises(ServiceUnavailable, match="the login was refused"):
        SftpPlace(sftp.url, key=sftp.folder / "host_key", known_hosts=sftp.known_hosts).check()
    with pytest.raises(ServiceUnavailable, match="no such folder"):
        place_at(sftp, f"{sftp.url}nowhere").check()
    sftp.kill()
    with pytest.raises(ServiceUnavailable, match="the connection failed"):
        place_at(sftp).check()
    with pytest.raises(ServiceUnavailable, match="is no file") as refused:
        SftpPlace(sftp.url, key=tmp_path / "none", known_hosts=sftp.known_hosts).check()
    assert "MILEPOST_PRINT_SFTP_KEY" in refused.value.hint


@pytest.mark.parametrize(
    "url", ["sftp://host/x", "sftp://u:secret@host/x", "https://u@host/x", "sftp://u@host:no/x", "x"]
)
def test_an_address_that_is_none_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError) as refused:
        SftpPlace(url, key=tmp_path, known_hosts=tmp_path)
    assert "secret" not in str(refused.value)
