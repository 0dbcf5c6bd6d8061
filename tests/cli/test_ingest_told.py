"""`milepost ingest --as …` says what it made nothing of; what programs read stays as it is."""

import json
from pathlib import Path

from tests.cli.conftest import Call
from tests.cli.sites import write_site

BOUNCES = {"MILEPOST_BOUNCE_ADDRESS": "bounces@care.example.com"}


def test_lines_of_a_printers_answer_that_are_refused_are_counted(tmp_path: Path, call: Call) -> None:
    site = write_site(tmp_path)
    (site / "c.csv").write_text("message_id,status\nx,posted\ny,posted\n", "utf-8")
    done = call("ingest", "c.csv", "--as", "print-confirmation", "--format", "json", cwd=site)
    assert done.code == 1
    assert [*json.loads(done.stdout)] == ["read", "accepted", "duplicates", "rejected", "rejections"]
    assert done.stderr == "  2 lines refused; kept: see `milepost rejected list`\n"


def test_mails_that_say_nothing_of_a_message_are_counted(tmp_path: Path, call: Call) -> None:
    site = write_site(tmp_path)
    (site / "box").mkdir()
    for name in ("one.eml", "two.eml"):
        (site / "box" / name).write_text("Subject: hello\n\nhello\n", "utf-8")
    done = call("ingest", "box", "--as", "bounces", "--format", "json", cwd=site, **BOUNCES)
    assert (done.code, json.loads(done.stdout)["read"]) == (0, 2)
    assert done.stderr == "  2 mails passed by: nothing there settles a message of ours\n"
