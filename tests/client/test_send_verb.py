"""`milepost send`: what it says it sent is in the inbox, what it could not send goes the next time."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from typer.testing import CliRunner

from engine.cli.send import app
from engine.model.errors import UsageError
from tests.client.inboxes import numbered, records_of
from tests.services.broker import Kafka
from tests.services.server import HOST, free_ports
from tests.support import milepost, write_project

pytestmark = pytest.mark.xdist_group("kafka")

Send = Callable[..., CompletedProcess[str]]


def line(number: int, *, recorded: str = "2025-03-09T08:00:00+08:00", **changed: Any) -> str:
    event = {
        "specversion": "1.0",
        "id": str(number),
        "source": "/dealers/d001",
        "type": "purchase.recorded",
        "time": "2025-03-08T14:20:00+08:00",
        "recordedtime": recorded,
        "data": numbered(number),
    }
    return json.dumps({**event, **changed}, ensure_ascii=False) + "\n"


@pytest.fixture
def send(kafka: Kafka, prefix: str, tmp_path: Path) -> Send:
    def sent(*arguments: object, **environment: str) -> CompletedProcess[str]:
        usual = {"MILEPOST_KAFKA_BOOTSTRAP": kafka.bootstrap, "MILEPOST_KAFKA_PREFIX": prefix}
        return milepost("send", *arguments, cwd=tmp_path, check=False, **{**usual, **environment})

    return sent


def test_right_lines_are_sent_as_they_are_and_wrong_ones_told(
    kafka: Kafka, prefix: str, send: Send, tmp_path: Path
) -> None:
    lines = [line(0), line(1, time="yesterday"), "\n", line(2), "no JSON\n"]
    (tmp_path / "events.jsonl").write_text("".join(lines), "utf-8")
    done = send("events.jsonl", "--format", "json")
    result = json.loads(done.stdout)
    assert done.returncode == 1  # whoever runs it must look: the wrong ones are kept nowhere
    assert {name: result[name] for name in ("read", "sent", "spooled", "rejected")} == {
        "read": 4, "sent": 2, "spooled": 0, "rejected": 2,
    }  # fmt: skip
    assert [(one["file"], one["line"], one["field"]) for one in result["rejections"]] == [
        ("events.jsonl", 2, "time"), ("events.jsonl", 5, ""),
    ]  # fmt: skip
    assert "time is no time" in result["rejections"][0]["reason"]
    assert {one.value.decode() + "\n" for one in records_of(kafka.bootstrap, prefix)} == {line(0), line(2)}

    unchecked = send("events.jsonl", "--unchecked")
    assert (unchecked.returncode, unchecked.stdout) == (0, "4 read, 4 sent\n")
    assert b"no JSON" in {one.value for one in records_of(kafka.bootstrap, prefix)}


def test_what_the_broker_does_not_take_waits_and_goes_first_the_next_time(
    kafka: Kafka, prefix: str, send: Send, tmp_path: Path
) -> None:
    (tmp_path / "one.jsonl").write_text("".join(line(number) for number in range(10)), "utf-8")
    (tmp_path / "two.jsonl").write_text("".join(line(number) for number in range(10, 20)), "utf-8")
    [port] = free_ports(1)
    away = send("one.jsonl", "--format", "json", "--wait", "1", MILEPOST_KAFKA_BOOTSTRAP=f"{HOST}:{port}")
    assert away.returncode == 3
    assert "10 events wait in milepost-spool" in away.stderr
    assert f"No broker can be reached ({HOST}:{port}: Connection refused)" in " ".join(away.stderr.split())
    assert {name: json.loads(away.stdout)[name] for name in ("read", "sent", "spooled")} == {
        "read": 10, "sent": 0, "spooled": 10,
    }  # fmt: skip

    back = send("two.jsonl", "--rate", "1000")
    assert (back.returncode, back.stdout) == (0, "10 read, 10 sent, 10 sent that had been left before\n")
    assert send().stdout == "0 read, 0 sent\n"
    records = records_of(kafka.bootstrap, prefix)
    assert sorted(int(json.loads(one.value)["id"]) for one in records) == list(range(20))


def test_several_files_go_by_their_arrival(kafka: Kafka, prefix: str, send: Send, tmp_path: Path) -> None:
    for file, hours in (("a", (8, 10, 12)), ("b", (9, 11))):
        lines = (
            line(hour, recorded=f"2025-03-09T{hour:02}:00:00+08:00", data={**numbered(0), "number": hour})
            for hour in hours
        )
        (tmp_path / f"{file}.jsonl").write_text("".join(lines), "utf-8")
    assert send("a.jsonl", "b.jsonl").returncode == 0
    records = records_of(kafka.bootstrap, prefix)
    assert [int(json.loads(one.value)["id"]) for one in records] == [8, 9, 10, 11, 12]


def test_a_full_spool_ends_the_sending_and_says_how_far_it_got(send: Send, tmp_path: Path) -> None:
    large = [line(number, data={**numbered(number), "note": "x" * 100_000}) for number in range(50)]
    (tmp_path / "events.jsonl").write_text("".join(large), "utf-8")
    [port] = free_ports(1)
    done = send(
        *("events.jsonl", "--wait", "1", "--format", "json"),
        MILEPOST_KAFKA_BOOTSTRAP=f"{HOST}:{port}",
        MILEPOST_SPOOL_LIMIT_BYTES=str(4 * 1024 * 1024),
    )
    result = json.loads(done.stdout)
    assert done.returncode == 3
    assert "found no room" in done.stderr
    assert (result["sent"], result["rejected"]) == (0, 0)
    assert 0 < result["spooled"] < 42
    assert result["read"] == result["spooled"] + result["not_taken"]


def test_the_project_says_how_numbers_are_read(kafka: Kafka, prefix: str, send: Send, tmp_path: Path) -> None:
    british = {"customer": {"mobile": "07911 123456"}, "tyres": []}
    (tmp_path / "events.jsonl").write_text(line(0, data=british), "utf-8")
    assert send("events.jsonl").returncode == 1
    write_project(
        tmp_path, {}, policy="timezone: Europe/London\nlocale: en-GB\nbrand: michelin\npurposes: {}\n"
    )
    assert send("events.jsonl").stdout == "1 read, 1 sent\n"
    assert [one.key for one in records_of(kafka.bootstrap, prefix)] == [b"+447911123456"]


def test_without_a_broker_or_a_file_it_says_what_to_do(
    kafka: Kafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MILEPOST_KAFKA_BOOTSTRAP", kafka.bootstrap)
    for arguments, setting, said in (
        ([], ("MILEPOST_KAFKA_BOOTSTRAP", ""), "MILEPOST_KAFKA_BOOTSTRAP"),
        (["none.jsonl"], ("MILEPOST_SPOOL", "spool"), "none.jsonl: no such file"),
        ([], ("MILEPOST_KAFKA_PASSWORD", "s3cret"), "does not ask who it is"),
    ):
        with monkeypatch.context() as patch:
            patch.setenv(*setting)
            wrong = CliRunner().invoke(app, arguments).exception
        assert isinstance(wrong, UsageError)  # which the command turns into exit code 2
        assert said in str(wrong)
        assert "s3cret" not in str(wrong)
