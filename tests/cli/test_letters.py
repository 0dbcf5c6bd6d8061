"""`milepost letters`, and letters in print runs from the event to the printer's answer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import ADDRESS, milepost, write_project

WELCOME = """\
purpose: service
start: {on: purchase.recorded, per: vehicle}
steps:
  - send: hello
    by: letter
"""
Call = Callable[..., Any]


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """The command, in a project whose letters are printed; gives what it says, as JSON where it is asked for."""
    project = write_project(tmp_path / "project", {"welcome": WELCOME})
    (tmp_path / "printer").mkdir()
    events = []
    for n, postcode in enumerate(["200000", "100020", "12"]):
        customer = {
            "name": f"王{n}",
            "mobile": f"1380000000{n}",
            "address": {**ADDRESS, "postcode": postcode},
        }
        data = {
            "customer": customer,
            "vehicle": {"plate": f"京A1234{n}"},
            "tyres": [{"brand": "michelin", "quantity": 2}],
        }
        event = {
            "specversion": "1.0",
            "source": "/d",
            "id": f"e{n}",
            "type": "purchase.recorded",
            "data": data,
        }
        events.append(json.dumps({**event, "time": "2025-03-08T10:00:00+08:00"}))
    (tmp_path / "events.jsonl").write_text("\n".join(events), "utf-8")

    def called(*arguments: str, check: bool = True, **environment: str) -> Any:
        settings = {"MILEPOST_LETTERS": "print", "MILEPOST_CLOCK": "events", **environment}
        done = milepost("--project", project, *arguments, cwd=tmp_path, check=check, **settings)
        if not check:
            return done
        return json.loads(done.stdout) if "json" in arguments else done.stdout

    return called


def test_letters_become_a_run_go_to_the_printer_and_what_it_answers_is_told(
    tmp_path: Path, call: Call
) -> None:
    call("ingest", "events.jsonl")
    call("run", "--until-idle", "--until", "2025-03-08")  # it looks what is to be closed when it begins
    [failed] = [
        json.loads(line) for line in call("messages", "--status", "failed", "--format", "jsonl").splitlines()
    ]
    assert "postcode is none of CHINA" in json.dumps(failed)
    to_printer = {"MILEPOST_PRINT_DIR": "printer"}
    listed = (
        call("letters", "list", "--format", "json")["runs"]
        or call("letters", "close", "--format", "json")["runs"]
    )
    [run] = listed
    assert (run["letters"], run["pages"], run["handed_over_at"]) == (2, 3, None)
    assert call("letters", "waiting", "--format", "json") == {"letters": []}
    assert [one["id"] for one in call("letters", "hand-over", "--format", "json", **to_printer)["runs"]] == [
        run["id"]
    ]
    assert call("letters", "hand-over", "--format", "json", **to_printer) == {"runs": []}
    manifest = (tmp_path / "printer" / f"{run['id']}.csv").read_bytes().decode()
    assert call("letters", "show", run["id"]).splitlines() == manifest.splitlines()
    letters = call("letters", "show", run["id"], "--format", "json")["letters"]
    assert [one["postcode"] for one in letters] == ["100020", "200000"]
    ids = [one["message_id"] for one in letters]
    (tmp_path / "c.csv").write_text(
        f"message_id,status,date,reason\n{ids[0]},posted,2025-03-09,\n{ids[1]},returned,2025-03-19,moved\nx,posted,,\n"
    )
    told = call("ingest", "c.csv", "--as", "print-confirmation", "--format", "json")
    assert (told["read"], told["accepted"], told["rejected"]) == (3, 2, 1)
    assert (told["rejections"][0]["line"], told["rejections"][0]["field"]) == (4, "message_id")
    assert call("ingest", "c.csv", "--as", "print-confirmation", "--format", "json")["duplicates"] == 2
    statuses = {
        one["message_id"]: one["status"]
        for one in map(json.loads, call("messages", "--format", "jsonl").splitlines())
    }
    assert (statuses[ids[0]], statuses[ids[1]]) == ("delivered", "bounced")


def test_where_nothing_is_printed_it_says_so(call: Call) -> None:
    done = call("letters", "list", check=False, MILEPOST_LETTERS="folder")
    assert done.returncode == 2
    assert "MILEPOST_LETTERS=print" in done.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "Nobody has said where"),
        ({"MILEPOST_PRINT_SFTP": "sftp://u@127.0.0.1/x"}, "MILEPOST_PRINT_SFTP_KEY"),
        ({"MILEPOST_PRINT_SFTP": "sftp://u@127.0.0.1/x", "MILEPOST_PRINT_DIR": "printer"}, "both set"),
        ({"MILEPOST_PRINT_SFTP": "sftp://u:geheim@127.0.0.1/x"}, "holds a password"),
    ],
)
def test_settings_that_do_not_go_together_are_told(call: Call, settings: dict[str, str], said: str) -> None:
    done = call("letters", "hand-over", check=False, **settings)
    assert done.returncode == 2
    assert said in done.stderr
    assert "geheim" not in done.stderr
    assert said in call("doctor", check=False, **settings).stdout or said in (
        "Nobody has said where",
        "holds a password",
    )


def outcomes(call: Call) -> dict[str, tuple[str, str | None]]:
    """What became of the letters, by who they are to."""
    rows = map(json.loads, call("messages", "--channel", "letter", "--format", "jsonl").splitlines())
    return {row["message_id"]: (row["status"], row.get("reason")) for row in rows}


def says_no(tmp_path: Path, call: Call) -> None:
    """The first customer wants no letters any more, two hours after the purchase."""
    no = {
        "specversion": "1.0",
        "source": "/d",
        "id": "no",
        "type": "consent.withdrawn",
        "time": "2025-03-08T12:00:00+08:00",
        "data": {"customer": {"mobile": "13800000000"}, "channel": "letter", "purpose": "all"},
    }
    (tmp_path / "no.jsonl").write_text(json.dumps(no), "utf-8")
    assert call("ingest", "no.jsonl", "--format", "json")["accepted"] == 1


def test_a_letter_that_waits_for_its_run_is_stopped_by_a_no(tmp_path: Path, call: Call) -> None:
    call("ingest", "events.jsonl")
    call("run", "--until-idle", "--until", "2025-03-08T11:00")
    waiting = {one["message_id"] for one in call("letters", "waiting", "--format", "json")["letters"]}
    assert len(waiting) == 2
    says_no(tmp_path, call)
    done = call("letters", "close", "--format", "json", check=False)
    [run] = json.loads(done.stdout)["runs"]
    assert run["letters"] == 1
    [printed] = call("letters", "show", run["id"], "--format", "json")["letters"]
    [stopped] = waiting - {printed["message_id"]}
    assert f"{stopped}: must not go any more" in done.stderr
    assert outcomes(call)[printed["message_id"]] == ("sent", None)
    assert outcomes(call)[stopped] == ("skipped", "no consent")
    assert not list((tmp_path / "delivered").rglob(f"{stopped}*"))
    assert call("letters", "waiting", "--format", "json") == {"letters": []}


def test_a_run_asks_once_more_and_closes_at_its_end_what_is_due_by_then(tmp_path: Path, call: Call) -> None:
    call("ingest", "events.jsonl")
    call("run", "--until-idle", "--until", "2025-03-08T11:00")
    assert call("letters", "list", "--format", "json") == {"runs": []}
    says_no(tmp_path, call)
    call("run", "--until-idle", "--until", "2025-03-09T18:00")
    [run] = call("letters", "list", "--format", "json")["runs"]
    assert (run["day"], run["letters"]) == ("2025-03-09", 1)
    assert sorted(status for status, _ in outcomes(call).values()) == ["failed", "sent", "skipped"]


def test_where_the_ledger_is_not_there_to_be_asked_nothing_is_closed(tmp_path: Path, call: Call) -> None:
    call("ingest", "events.jsonl")
    call("run", "--until-idle", "--until", "2025-03-08T11:00")
    done = call("letters", "close", check=False, MILEPOST_DATABASE_URL="sqlite:///elsewhere.db")
    assert done.returncode == 3
    assert "There is no database" in done.stderr
    assert len(call("letters", "waiting", "--format", "json")["letters"]) == 2
