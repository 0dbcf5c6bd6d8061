"""`milepost export` hands over what is held of one person, and of nobody else."""

import json
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.cli.sites import write_site


def test_all_that_is_held_of_one_person(tmp_path: Path, call: Call) -> None:
    site = write_site(tmp_path)
    call("ingest", "events.jsonl", cwd=site)
    done = call("export", "13800000001", cwd=site)
    told = json.loads(done.stdout)
    assert done.code == 0
    assert told["profile"]["mobile"]["value"] == "+8613800000001"
    assert told["profile"]["mobile"]["since"] == "2025-03-08T14:20:00+08:00"
    assert told["consents"] == [{"of": "sms/care", "granted": True, "at": "2025-03-08T14:20:00+08:00"}]
    assert told["vehicles"][0]["readings"] == [{"at": "2025-03-08T14:20:00+08:00", "km": 43210.0}]
    assert [one["event"]["id"] for one in told["events"]] == ["e1"]
    assert [one["journey"] for one in told["runs"]] == ["welcome"]
    assert "13800000002" not in done.stdout


@pytest.mark.parametrize(
    "spelt",
    [
        "13800000001",
        "+8613800000001",
        "138 0000 0001",
        "１３８０００００００１",
        "\\u0031380000-0001",
        "C1@EXAMPLE.CN",
    ],
)
def test_refused_inputs_that_name_the_person_are_part_of_it(tmp_path: Path, call: Call, spelt: str) -> None:
    site = write_site(tmp_path)
    call("ingest", "events.jsonl", cwd=site)
    raw = f'{{"specversion": "1.0", "time": "yesterday", "data": {{"customer": {{"mobile": "{spelt}"}}}}}}'
    (site / "wrong.jsonl").write_bytes(raw.encode("gb18030") + b"\n")
    call("ingest", "wrong.jsonl", cwd=site)
    [refused] = json.loads(call("export", "京A12341", cwd=site).stdout)["refused"]
    assert "yesterday" in refused["raw"]


def test_who_else_came_with_the_car_is_somebody_else(tmp_path: Path, call: Call) -> None:
    site = write_site(tmp_path)
    call("ingest", "events.jsonl", cwd=site)
    other = '{"time": "yesterday", "data": {"customer": {"mobile": "13900000009"}, "vehicle": {"plate": "京A12341"}}}'
    longer = '{"time": "yesterday", "data": {"customer": {"mobile": "138000000012"}}}'
    (site / "wrong.jsonl").write_text(f"{other}\n{longer}\n", "utf-8")
    call("ingest", "wrong.jsonl", cwd=site)
    assert json.loads(call("export", "13800000001", "--out", "-", cwd=site).stdout)["refused"] == []


def test_what_was_sent_is_told_with_where_it_went(tmp_path: Path, call: Call) -> None:
    site = write_site(tmp_path)
    call("ingest", "events.jsonl", cwd=site)
    call("run", "--until-idle", cwd=site, MILEPOST_CLOCK="real")
    told = json.loads(call("export", "13800000001", cwd=site).stdout)
    assert [one["journey"] for one in told["messages"]] == ["welcome"]
    assert told["messages"][0]["customer"] == "+8613800000001"


def test_a_file_is_for_its_owner_only_and_never_written_over(tmp_path: Path, call: Call) -> None:
    site = write_site(tmp_path)
    call("ingest", "events.jsonl", cwd=site)
    assert call("export", "13800000001", "--out", "held.json", cwd=site).code == 0
    assert stat.S_IMODE((site / "held.json").stat().st_mode) == 0o600
    assert json.loads((site / "held.json").read_text("utf-8"))["form"] == 1
    again = call("export", "13800000001", "--out", "held.json", cwd=site)
    assert (again.code, "is there already" in again.stderr) == (1, True)


def test_one_who_is_not_known(tmp_path: Path, call: Call) -> None:
    site = write_site(tmp_path)
    call("ingest", "events.jsonl", cwd=site)
    assert "Nobody is known" in call("export", "13899999999", cwd=site).stderr
