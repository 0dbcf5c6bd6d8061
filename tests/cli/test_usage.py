"""How the command line receives people: help, hints, and ends that are nobody's fault."""

import json
import os
import pty
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.cli import main
from engine.cli.context import moment_of
from engine.cli.main import VERBS, verb
from tests.cli.conftest import Call
from tests.cli.sites import EVENTS, line, write_lines, write_site
from tests.support import SHANGHAI, milepost, write_project

COMMAND = [sys.executable, "-m", "engine.cli.main"]


@pytest.mark.parametrize(
    ("typed", "meant"), [("simulat", "simulate"), ("rejcted", "rejected"), ("mesages", "messages")]
)
def test_a_misspelt_verb_is_recognised(typed: str, meant: str, tmp_path: Path, call: Call) -> None:
    done = call(typed, cwd=tmp_path)
    assert done.code == 2
    assert f"Did you mean '{meant}'?" in done.stderr


def test_help_tells_of_every_verb_in_a_whole_line(tmp_path: Path, call: Call) -> None:
    lines = call("--help", cwd=tmp_path, COLUMNS="80").stdout.splitlines()
    listed = lines[lines.index("Commands:") + 1 :]
    assert [one.split(maxsplit=1) for one in listed] == [[name, one.about] for name, one in VERBS.items()]


def test_help_waits_for_no_verb() -> None:
    script = (
        "import sys; sys.argv = ['milepost', '--help']\n"
        "from engine.cli.main import run\n"
        "try: run()\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = done.stderr.split()
    assert "engine.cli.main" in loaded
    assert not [one for one in loaded if one.startswith(("engine.language", "engine.wiring", "jinja2"))]
    assert not set(loaded) & {one.module for one in VERBS.values()}


@pytest.mark.parametrize(
    ("name", "usage"),
    [
        ("validate", "[OPTIONS] [PATH...]"),
        ("explain", "[OPTIONS] CODE"),
        ("schema", "[OPTIONS] KIND"),
        ("simulate", "[OPTIONS] EVENTS..."),
        ("ingest", "[OPTIONS] FILE..."),
        ("lookup", "[OPTIONS] PLATE/MOBILE/EMAIL"),
        ("run", "[OPTIONS]"),
    ],
)
def test_usage_reads_as_people_write_it(name: str, usage: str, tmp_path: Path, call: Call) -> None:
    said = call(name, "--help", cwd=tmp_path, COLUMNS="80").stdout
    assert said.splitlines()[0] == f"Usage: milepost {name} {usage}"
    assert not {"<str>", "<list"} & set(said.replace("[", " ").split())


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_takes_project_and_format(name: str) -> None:
    command = verb(name)
    commands = [command] if getattr(command, "invoke_without_command", True) else command.commands.values()
    for one in commands:
        options = {option for parameter in one.params for option in parameter.opts}
        assert {"--project", "--format"} <= options, one.name


def closed(folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit code and stderr of a command whose output nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=folder, stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    return done.returncode, done.stderr


def test_to_stop_reading_is_no_fault(tmp_path: Path) -> None:
    site = write_site(tmp_path)
    assert closed(site, "--help") == (0, "")
    assert closed(site, "schema", "journey") == (0, "")
    code, said = closed(site, "simulate", "events.jsonl", "--until", "2025-05-01", "--format", "jsonl")
    assert (code, "Traceback" in said, "Exception" in said) == (0, False, False)


def test_to_stop_reading_hides_no_faults(tmp_path: Path) -> None:
    site = write_project(tmp_path, {"welcome": "purpose: nonsense\n"})
    assert closed(site, "validate")[0] == 1
    assert closed(site, "validate", "--format", "jsonl")[0] == 1


def test_an_output_that_cannot_be_written_is_told_in_a_word(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "schema", "journey"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (3, b"error: No space left on device\n")


def test_ctrl_c_ends_with_a_word_and_130(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, call: Call) -> None:
    def interrupted(_name: str) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "verb", interrupted)
    done = call("schema", "journey", cwd=tmp_path)
    assert (done.code, done.stdout, done.stderr) == (130, "", "stopped\n")


def test_data_goes_where_stdout_leads_though_a_terminal_looks_on(tmp_path: Path) -> None:
    """A progress bar that listens in on stdout would carry the data off to the terminal."""
    site = write_site(tmp_path)
    terminal, end = pty.openpty()
    arguments = ["simulate", "events.jsonl", "--until", "2025-05-01", "--format", "jsonl"]
    with (site / "out.jsonl").open("wb") as out:
        done = subprocess.run([*COMMAND, *arguments], cwd=site, stdout=out, stderr=end, check=False)
    os.close(end)
    os.close(terminal)
    assert done.returncode == 0
    lines = (site / "out.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(one)["outcome"] for one in lines] == ["sent", "sent"]


def test_lines_on_stderr_stay_whole(tmp_path: Path) -> None:
    site = write_site(tmp_path)
    write_lines(site / "events.jsonl", [{**line(1), "type": "purchase.recroded"}])
    done = milepost("ingest", "events.jsonl", cwd=site, check=False, **EVENTS)
    [told] = [one for one in done.stderr.splitlines() if "events.jsonl:1" in one]
    assert told.endswith("did you mean purchase.recorded?")


@pytest.mark.parametrize("text", ["2025-12-31", "20251231", "2025-W01-3"])
def test_a_day_means_its_end_however_it_is_written(text: str) -> None:
    moment = moment_of(text, SHANGHAI, "--until")
    assert (moment.hour, moment.minute, moment.second) == (23, 59, 59)


def test_a_time_without_a_zone_is_the_projects() -> None:
    assert moment_of("2025-12-31T10:00", SHANGHAI, "--until") == datetime(
        2025, 12, 31, 2, tzinfo=ZoneInfo("UTC")
    )


def test_an_empty_setting_counts_as_none(tmp_path: Path) -> None:
    site = write_site(tmp_path)
    milepost("ingest", "events.jsonl", cwd=site, MILEPOST_DATABASE_URL="", **EVENTS)
    assert (site / "milepost.db").is_file()


def test_a_value_that_cannot_be_is_told_with_those_that_can(tmp_path: Path, call: Call) -> None:
    done = call("schema", "journy", cwd=tmp_path)
    assert done.code == 2
    kinds = "'journey', 'policy', 'dealers', 'tests', 'events', 'own-events', 'asyncapi'"
    assert f"Invalid value for 'KIND': 'journy' is not one of {kinds}." in done.stderr


def test_project_may_stand_before_either_word_and_after_both(tmp_path: Path, call: Call) -> None:
    site = write_site(tmp_path / "site")
    call("ingest", "--project", site, site / "events.jsonl", cwd=tmp_path)
    for words in (
        ["--project", site, "rejected", "retry"],
        ["rejected", "--project", site, "retry"],
        ["rejected", "retry", "--project", site],
    ):
        assert call(*words, cwd=tmp_path).stdout.startswith("1 tried")


def test_with_a_broker_ingest_says_what_to_call_instead(tmp_path: Path, call: Call) -> None:
    site = write_site(tmp_path)
    done = call(
        "ingest", "events.jsonl", "more events.jsonl", cwd=site, MILEPOST_KAFKA_BOOTSTRAP="127.0.0.1:1"
    )
    assert (done.code, done.stdout) == (2, "")
    assert "milepost send events.jsonl 'more events.jsonl'" in done.stderr
    assert not (site / "milepost.db").exists()
