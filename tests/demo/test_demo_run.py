"""What the demo does: the main job, as the engine does it, into a folder."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from engine.demo import make_demo
from engine.demo.produce import AFTER_THE_LAST
from engine.model.errors import MilepostError, UsageError
from engine.model.messages import Status
from tests.demo.demos import Demo, Looking
from tests.support import SHANGHAI, milepost, parsed_lines, simulated

pytestmark = pytest.mark.xdist_group("demo")

FILES = {"letter": ("letters", ".pdf"), "email": ("emails", ".eml"), "sms": ("sms", ".txt")}


def test_all_that_was_decided_was_sent_or_has_its_reason(demo: Demo) -> None:
    assert {row.message.status for row in demo.rows} == {Status.SENT, Status.SKIPPED}
    assert all(row.message.reason for row in demo.rows if row.message.status is Status.SKIPPED)
    assert {row.message.channel for row in demo.rows if row.message.status is Status.SENT} == set(FILES)


@pytest.mark.parametrize("channel", FILES)
def test_each_message_sent_has_its_file_and_each_file_its_message(demo: Demo, channel: str) -> None:
    folder, suffix = FILES[channel]
    places = [row.place for row in demo.rows if row.message.channel == channel and row.place]
    files = [one.relative_to(demo.out).as_posix() for one in (demo.out / folder).rglob(f"*{suffix}")]
    assert sorted(places) == sorted(files)
    assert all((demo.out / place).stat().st_size > 0 for place in places)


def test_each_email_also_lies_there_as_a_page(demo: Demo) -> None:
    emails = {one.with_suffix("") for one in (demo.out / "emails").rglob("*.eml")}
    assert emails == {one.with_suffix("") for one in (demo.out / "emails").rglob("*.html")}


def test_the_result_counts_the_lines_and_the_ledger(demo: Demo) -> None:
    result = demo.result
    lines = [line for line in demo.sample.read_bytes().splitlines() if line.strip()]
    assert result.read == len(lines) == result.accepted + result.duplicates + result.rejected
    assert result.duplicates > 0
    assert result.rejected > 0
    statuses = Counter(row.message.status for row in demo.rows)
    assert result.decided == len(demo.rows)
    assert (result.sent, result.skipped) == (statuses[Status.SENT], statuses[Status.SKIPPED])


def test_it_decides_what_a_simulation_decides(demo: Demo) -> None:
    events = parsed_lines(demo.program, demo.sample.read_bytes().splitlines())
    end = max(one.arrived for one in events).astimezone(SHANGHAI) + AFTER_THE_LAST
    midnight = f"{end:%Y-%m-%d} 00:00"
    messages = simulated(demo.program, events, midnight)
    assert {one.id: one.status for one in messages} == {
        row.message.id: Status.SKIPPED if row.message.status is Status.SKIPPED else Status.QUEUED
        for row in demo.rows
    }


def test_one_can_watch_the_year_pass_by(demo: Demo) -> None:
    days = demo.looking.days
    assert days == sorted(days)
    assert days[-1] - days[0] > timedelta(days=330)
    assert demo.looking.shares == sorted(demo.looking.shares)
    assert demo.looking.page_shares[0] == 0.0
    assert demo.looking.page_shares[-1] == 1.0


def tiny(sample: Path, folder: Path) -> Path:
    """The first lines of a sample."""
    path = folder / "tiny.jsonl"
    path.write_bytes(b"".join(sample.read_bytes().splitlines(keepends=True)[:25]))
    return path


def contents(out: Path) -> dict[str, bytes]:
    files = (one for one in out.rglob("*") if one.is_file() and not one.name.startswith("milepost.db"))
    return {one.relative_to(out).as_posix(): one.read_bytes() for one in files}


def test_made_again_it_is_the_same_and_nobody_elses_file_is_gone(tmp_path: Path, sample: Path) -> None:
    out, events = tmp_path / "out", tiny(sample, tmp_path)
    make_demo(out, Looking(), sample=events)
    first = contents(out)
    (out / "letters" / "notes.md").write_text("mine")
    stale = out / "letters" / "michelin" / "1999-01" / "of-a-former-demo.pdf"
    stale.parent.mkdir(parents=True, exist_ok=True)
    stale.write_bytes(b"%PDF")
    make_demo(out, Looking(), sample=events)
    assert not stale.exists()
    again = contents(out)
    assert again.pop("letters/notes.md") == b"mine"
    assert again == first


def test_a_folder_that_is_somebody_elses_is_refused_and_left_alone(tmp_path: Path, sample: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="not empty"):
        make_demo(tmp_path, Looking(), sample=sample)
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_project_with_errors_leaves_the_former_demo_alone(tmp_path: Path, sample: Path) -> None:
    out = tmp_path / "out"
    make_demo(out, Looking(), sample=tiny(sample, tmp_path))
    before = contents(out)
    broken = tmp_path / "project"
    (broken / "journeys").mkdir(parents=True)
    (broken / "journeys" / "wrong.yaml").write_text("journey: other\n")
    with pytest.raises(MilepostError, match="errors"):
        make_demo(out, Looking(), project=broken, sample=sample)
    assert contents(out) == before


def test_a_sample_that_holds_nothing_is_told(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text("{}\n")
    with pytest.raises(MilepostError, match="no event"):
        make_demo(tmp_path / "out", Looking(), sample=events)


def test_a_sample_that_is_not_there_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        make_demo(tmp_path / "out", Looking(), sample=tmp_path / "events.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_the_command_tells_programs_in_one_object(tmp_path: Path, sample: Path) -> None:
    events = tiny(sample, tmp_path)
    elsewhere = {"MILEPOST_KAFKA_BOOTSTRAP": "127.0.0.1:9092", "MILEPOST_DATABASE_URL": "sqlite:///other.db"}
    done = milepost("demo", "--events", events, "--format", "json", cwd=tmp_path, **elsewhere)
    told = json.loads(done.stdout)
    assert told["out"] == "demo-output"
    assert (tmp_path / told["index"]).is_file()
    assert told["read"] == 25 == told["accepted"] + told["duplicates"] + told["rejected"]
    assert told["decided"] == told["sent"] + told["skipped"]
    assert "making the page" in done.stderr
    assert "\x1b" not in done.stderr


def test_what_to_try_next_works(tmp_path: Path, demo: Demo) -> None:
    """The look-up that the page proposes, typed in the folder of the page."""
    line = next(one for one in demo.index.splitlines() if " lookup " in one)
    words = line.partition("milepost ")[2].partition("</code>")[0].split()
    found = milepost(*words, "--format", "json", cwd=demo.out, MILEPOST_CLOCK="events")
    assert json.loads(found.stdout)["messages"]
