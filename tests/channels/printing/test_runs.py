"""Print runs: every letter that waits is in exactly one, in the printer's order."""

import csv
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest

from engine.channels.letters_print.runs import MOST_LETTERS, PrintRuns
from engine.model.errors import DeliveryError, ServiceUnavailable, UsageError
from engine.ports import Receipt
from tests.channels.printing.letters import (
    DAY,
    NOW,
    channel,
    close,
    deliver,
    letter,
    message_id,
    pdf_of,
    printed,
)

ROOT = Path(__file__).parents[3]
SIGKILLED = -9


def test_letters_are_in_one_run_of_their_brand_and_paper_by_country_postcode_and_id(tmp_path: Path) -> None:
    places = {1: "200000", 2: "100020", 3: "100020", 5: "100000"}
    for n, postcode in places.items():
        deliver(tmp_path, letter(n, address={"postcode": postcode}))
    abroad = {"name": "Anna", "line": "Hauptstr. 5", "city": "Köln", "postcode": "50667", "country": "DE"}
    deliver(tmp_path, letter(4, address=abroad), letter(6, brand="warrior"))
    closed = close(tmp_path)
    runs = PrintRuns(tmp_path)
    assert [(run.brand, run.paper, run.letters) for run in closed.runs] == [
        ("michelin", "a4", 5),
        ("warrior", "a4", 1),
    ]
    same = sorted([message_id(2), message_id(3)])
    lines = runs.lines(closed.runs[0])
    assert [line.message_id for line in lines] == [message_id(5), *same, message_id(1), message_id(4)]
    assert [line.country for line in lines] == ["CN"] * 4 + ["DE"]
    assert [line.position for line in lines] == [1, 2, 3, 4, 5]
    assert runs.waiting() == []


@pytest.mark.parametrize(
    ("duplex", "pages"), [(True, [(1, 1), (3, 5), (7, 8), (9, 9)]), (False, [(1, 1), (2, 4), (5, 6), (7, 7)])]
)
def test_the_manifest_says_on_which_pages_each_letter_is(
    tmp_path: Path, duplex: bool, pages: list[tuple[int, int]]
) -> None:
    for n, count in enumerate([1, 3, 2, 1], 1):
        deliver(tmp_path, letter(n, pdf_of(f"第{n}封", count), address={"postcode": f"10000{n}"}))
    [run] = close(tmp_path, duplex=duplex).runs
    runs = PrintRuns(tmp_path)
    assert [(line.first_page, line.last_page) for line in runs.lines(run)] == pages
    book = pypdf.PdfReader(runs.place(run) / f"{run.id}.pdf")
    assert len(book.pages) == run.pages == pages[-1][1]
    for n, (first, last) in enumerate(pages, 1):
        assert all(f"第{n}封" in book.pages[page - 1].extract_text() for page in range(first, last + 1))
    blank = set(range(1, run.pages + 1)) - {page for first, last in pages for page in range(first, last + 1)}
    assert all(book.pages[page - 1].extract_text() == "" for page in blank)
    assert all(float(page.mediabox.width) == pytest.approx(595.3, abs=0.1) for page in book.pages)


def test_a_printer_learns_neither_name_nor_street_beside_the_letters(tmp_path: Path) -> None:
    deliver(tmp_path, letter(1))
    [run] = close(tmp_path).runs
    place = PrintRuns(tmp_path).place(run)
    told = b"".join(path.read_bytes() for path in place.iterdir() if path.suffix != ".pdf").decode()
    assert "王芳" not in told
    assert "幸福路" not in told
    with (place / f"{run.id}.csv").open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    pdf = next((tmp_path / "letters").rglob("*.pdf"))
    assert row["sha256"] == hashlib.sha256(pdf.read_bytes()).hexdigest()
    assert (row["postcode"], row["country"], row["pages"]) == ("100020", "CN", "1")


def test_the_checksums_are_those_of_the_files(tmp_path: Path) -> None:
    deliver(tmp_path, letter(1))
    [run] = close(tmp_path).runs
    place = PrintRuns(tmp_path).place(run)
    done = subprocess.run(
        ["sha256sum", "-c", f"{run.id}.sha256"], cwd=place, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert run.files == {name: hashlib.sha256((place / name).read_bytes()).hexdigest() for name in run.files}


def test_the_same_letters_are_the_same_run_byte_for_byte(tmp_path: Path) -> None:
    made = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        numbers = (1, 2, 3) if folder.name == "a" else (3, 1, 2)
        deliver(folder, *(letter(n) for n in numbers))
        [run] = close(folder).runs
        made.append((run.id, run.files))
    assert made[0] == made[1]


def test_a_letter_that_has_been_in_a_run_does_not_wait_again(tmp_path: Path) -> None:
    [receipt] = deliver(tmp_path, letter(1))
    close(tmp_path)
    assert deliver(tmp_path, letter(1)) == [receipt]
    assert channel(tmp_path).recover(letter(1).message) == receipt
    assert close(tmp_path).runs == ()
    assert printed(tmp_path) == [message_id(1)]


def test_letters_that_come_later_are_in_the_next_run(tmp_path: Path) -> None:
    deliver(tmp_path, letter(1))
    first = close(tmp_path).runs
    deliver(tmp_path, letter(2))
    second = close(tmp_path).runs
    assert [run.letters for run in (*first, *second)] == [1, 1]
    assert first[0].id != second[0].id
    assert printed(tmp_path) == sorted([message_id(1), message_id(2)])


def test_a_day_is_closed_once(tmp_path: Path) -> None:
    runs = PrintRuns(tmp_path)
    deliver(tmp_path, letter(1))
    assert runs.close_day(DAY, NOW) is not None
    deliver(tmp_path, letter(2))
    assert runs.close_day(DAY, NOW) is None
    assert [one.message_id for one in runs.waiting()] == [message_id(2)]


def test_more_letters_than_a_run_takes_become_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.channels.letters_print.runs.MOST_LETTERS", 2)
    deliver(tmp_path, *(letter(n) for n in range(5)))
    assert [run.letters for run in close(tmp_path).runs] == [2, 2, 1]
    assert printed(tmp_path) == sorted(message_id(n) for n in range(5))
    assert MOST_LETTERS > 1000


def test_a_letter_whose_file_is_not_what_was_written_waits_on_and_keeps_no_other_back(tmp_path: Path) -> None:
    deliver(tmp_path, letter(1), letter(2), letter(3))
    next((tmp_path / "letters").rglob(f"{message_id(1)}.pdf")).write_bytes(b"%PDF-1.7 eaten by a disk")
    next((tmp_path / "print-waiting").rglob(f"{message_id(2)}.json")).write_bytes(b"{")
    closed = close(tmp_path)
    assert closed.damaged == tuple(sorted([message_id(1), message_id(2)]))
    assert printed(tmp_path) == [message_id(3)]


def test_what_is_no_pdf_is_refused_before_it_waits(tmp_path: Path) -> None:
    [answer] = deliver(tmp_path, letter(1, b"%PDF-1.7 cut sho"))
    assert isinstance(answer, DeliveryError)
    assert answer.permanent
    assert PrintRuns(tmp_path).waiting() == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"name": None}, "has no name"),
        ({"line": "不详"}, "has no street"),
        ({"city": " - "}, "has no city"),
        ({"postcode": ""}, "has no postcode"),
        ({"postcode": "12"}, "postcode is none of CHINA"),
        ({"country": "Deutschland"}, "country is none"),
        ({"line": "长" * 100}, "takes 8 lines"),
    ],
)
def test_a_letter_that_cannot_arrive_is_refused_for_good_and_the_reason_tells_of_no_person(
    tmp_path: Path, address: dict[str, str], said: str
) -> None:
    refused, taken = deliver(tmp_path, letter(1, address=address), letter(2))
    assert isinstance(refused, DeliveryError)
    assert refused.permanent
    assert said in refused.message
    assert "This letter keeps it" in refused.message  # so nobody hopes that to try it again would help
    assert not any(str(value) in refused.message for value in address.values() if value and value.strip(" -"))
    assert isinstance(taken, Receipt)
    assert [one.message_id for one in PrintRuns(tmp_path).waiting()] == [message_id(2)]


def test_a_run_is_found_by_how_its_id_begins(tmp_path: Path) -> None:
    deliver(tmp_path, letter(1), letter(2, brand="warrior"))
    first, _ = close(tmp_path).runs
    runs = PrintRuns(tmp_path)
    assert runs.run("2025-04-08-mich") == first
    with pytest.raises(UsageError, match="several runs begin so"):
        runs.run("2025-04-08")
    with pytest.raises(UsageError, match="no run begins so"):
        runs.run("2025-04-09")


def test_where_runs_cannot_be_written_it_is_said_and_letters_wait(tmp_path: Path) -> None:
    deliver(tmp_path, letter(1))
    (tmp_path / "print-runs").write_text("in the way")
    with pytest.raises(ServiceUnavailable, match="print-runs cannot be written to"):
        close(tmp_path)
    (tmp_path / "print-runs").unlink()
    assert [run.letters for run in close(tmp_path).runs] == [1]


POINTS = ["print.written", "print.closed", "print.taken", "print.taken:2", "print.put", "print.put:2", "print.renamed",
          "print.renamed:3", "print.renamed:4", "print.offered", "print.done", "print.handed-over"]  # fmt: skip


def run_process(root: Path, printer: Path, crash_at: str = "") -> int:
    command = [sys.executable, "-m", "tests.channels.printing.letters", str(root), str(printer)]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, "MILEPOST_CRASH_AT": crash_at}, check=False
    ).returncode


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_step_every_letter_is_in_one_run_and_every_run_with_the_printer_once(
    tmp_path: Path, point: str
) -> None:
    root, printer = tmp_path / "out", tmp_path / "printer"
    printer.mkdir()
    letters = [letter(n, brand=("michelin", "warrior")[n % 2]) for n in range(4)]
    deliver(root, *letters)
    assert run_process(root, printer, point) == SIGKILLED
    taken = fetched(printer)  # the printer takes what is marked, between crash and restart
    deliver(root, *letters)  # the sender does not know any more which of them it has handed over
    late = letter(9)
    deliver(root, late)
    for again in ("print.closed", "print.done"):
        run_process(root, printer, again)
        taken += fetched(printer)
    assert run_process(root, printer) == 0
    taken += fetched(printer)
    assert printed(root) == sorted(message_id(n) for n in (0, 1, 2, 3, 9))
    assert sorted(taken) == sorted(run.id for run in PrintRuns(root).runs())
    assert list(printer.iterdir()) == []
    assert not [path for path in (root / "print-runs").iterdir() if path.name.endswith(".part")]
    assert not list((root / "print-waiting").rglob("*.json"))


def fetched(printer: Path) -> list[str]:
    """The printer takes away every run that is marked, the mark last; gives their ids."""
    ids = [mark.stem for mark in printer.glob("*.done")]
    for run_id in ids:
        assert {path.suffix for path in printer.glob(f"{run_id}.*")} == {".pdf", ".csv", ".sha256", ".done"}
        for suffix in ("pdf", "csv", "sha256", "done"):
            (printer / f"{run_id}.{suffix}").unlink()
    return ids
