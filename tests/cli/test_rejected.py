"""What was refused is mended and sent in again: nothing is lost, nothing happens twice."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from engine.store.postgres import PostgresStore
from tests.cli.conftest import Call
from tests.cli.sites import line, write_lines, write_site
from tests.contracts.stores import one_server
from tests.services.server import free_ports

NO_UTF8 = b'{"id": "\xff"}'


@pytest.fixture
def site(tmp_path: Path, call: Call) -> Path:
    """Ingested: two purchases and one with a wrong time, in line 4."""
    write_site(tmp_path)
    assert call("ingest", "events.jsonl", cwd=tmp_path).code == 0
    return tmp_path


def listed(site: Path, call: Call, status: str = "open") -> list[dict[str, Any]]:
    done = call("rejected", "list", "--status", status, "--format", "jsonl", cwd=site)
    return [json.loads(one) for one in done.stdout.splitlines()]


def purchases(site: Path, call: Call) -> int:
    """How many the third customer has made."""
    done = call("lookup", "京A12343", "--format", "json", cwd=site)
    return len(json.loads(done.stdout)["purchases"]) if done.code == 0 else 0


def retried(site: Path, call: Call, *arguments: object) -> tuple[int, dict[str, Any]]:
    done = call("rejected", "retry", *arguments, "--format", "json", cwd=site)
    return done.code, json.loads(done.stdout)


def test_what_is_mended_is_taken_in_once_whichever_way_it_comes(site: Path, call: Call) -> None:
    [open_one] = listed(site, call)
    shown = json.loads(call("rejected", "show", open_one["id"][:8], cwd=site).stdout)
    mended = write_lines(site / "mended.json", [{**shown, "time": "2025-03-09T10:00:00+08:00"}])

    code, told = retried(site, call, open_one["id"], "--mended", mended)
    taken = {"accepted": 1, "duplicates": 0, "set_aside": 0, "sent": None}
    assert (code, told) == (0, {"retried": 1, **taken, "rejected": 0, "rejections": []})
    assert purchases(site, call) == 1
    assert listed(site, call) == []
    assert [one["id"] for one in listed(site, call, "retried")] == [open_one["id"]]

    call("ingest", "events.jsonl", cwd=site)  # the broken line again: it was mended, and stays so
    assert listed(site, call) == []
    write_lines(site / "more.jsonl", [json.loads(mended.read_text("utf-8"))])
    taken = json.loads(call("ingest", "more.jsonl", "--format", "json", cwd=site).stdout)
    assert (taken["accepted"], taken["duplicates"]) == (0, 1)
    assert purchases(site, call) == 1


def test_what_came_mended_by_another_way_leaves_the_list_as_a_duplicate(site: Path, call: Call) -> None:
    mended = write_lines(site / "mended.jsonl", [{**line(3), "time": "2025-03-09T10:00:00+08:00"}])
    call("ingest", mended, cwd=site)
    [open_one] = listed(site, call)
    code, told = retried(site, call, open_one["id"], "--mended", mended)
    assert (code, told["accepted"], told["duplicates"]) == (0, 0, 1)
    assert listed(site, call) == []
    assert purchases(site, call) == 1


def test_what_is_refused_again_stays_as_it_came(site: Path, call: Call) -> None:
    before = listed(site, call)
    [open_one] = before
    half_mended = write_lines(site / "mended.json", [{**line(3), "time": "tomorrow"}])
    for arguments in ([], [open_one["id"]], [open_one["id"], "--mended", half_mended]):
        code, told = retried(site, call, *arguments)
        assert (code, told["retried"], told["rejected"]) == (1, 1, 1)
        [why] = told["rejections"]
        assert (why["file"], why["line"], why["field"]) == ("events.jsonl", 4, "time")
    assert listed(site, call) == before
    assert purchases(site, call) == 0


def test_after_a_change_of_the_rules_all_can_be_tried_again_as_they_are(site: Path, call: Call) -> None:
    """Read as one of another country, a national number names nobody; then the policy is put right."""
    policy = site / "journeys" / "policy.yaml"
    good = policy.read_text("utf-8")
    policy.write_text(f"{good}country: US\n", "utf-8")
    lines = [
        {**line(n), "data": {**line(n)["data"], "customer": {"mobile": f"1390000000{n}"}}} for n in (5, 6)
    ]
    for one in lines:
        del one["data"]["vehicle"]
    write_lines(site / "national.jsonl", lines)
    assert call("ingest", "national.jsonl", cwd=site).code == 1
    assert len(listed(site, call)) == 3
    policy.write_text(good, "utf-8")
    code, told = retried(site, call)
    assert (code, told["retried"], told["accepted"], told["rejected"]) == (1, 3, 2, 1)
    assert [one["line"] for one in listed(site, call)] == [4]
    assert call("lookup", "13900000005", cwd=site).code == 0


def test_an_input_is_shown_to_programs_whatever_its_bytes_are(site: Path, call: Call) -> None:
    (site / "bytes.jsonl").write_bytes(NO_UTF8 + b"\n")
    call("ingest", "bytes.jsonl", cwd=site)
    text, raw = (
        json.loads(call("rejected", "show", one["id"], "--format", "json", cwd=site).stdout)
        for one in listed(site, call)
    )
    assert (text["encoding"], text["status"]) == ("utf-8", "open")
    assert json.loads(text["raw"])["time"] == "yesterday"
    assert raw["encoding"] == "base64"
    assert b64decode(raw["raw"]) == NO_UTF8


def test_a_mended_one_can_still_be_shown(site: Path, call: Call) -> None:
    [open_one] = listed(site, call)
    mended = write_lines(site / "mended.json", [{**line(3), "time": "2025-03-09T10:00:00+08:00"}])
    retried(site, call, open_one["id"], "--mended", mended)
    assert call("rejected", "show", open_one["id"], cwd=site).code == 0
    assert call("rejected", "retry", open_one["id"], cwd=site).code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--status", "nonsense"],
        ["retry", "--mended", "events.jsonl"],
        ["retry", "abc", "--mended", "no.json"],
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(arguments: list[str], site: Path, call: Call) -> None:
    assert call("rejected", *arguments, cwd=site).code == 2


def test_with_a_broker_the_database_must_be_one_that_workers_share(site: Path, call: Call) -> None:
    done = call("rejected", "retry", cwd=site, MILEPOST_KAFKA_BOOTSTRAP="127.0.0.1:1")
    assert done.code == 2
    assert "one database, which a file cannot be" in done.stderr


@one_server
def test_what_the_broker_did_not_take_stays_in_the_list(
    site: Path, call: Call, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILEPOST_DATABASE_URL", database)
    assert call("ingest", "events.jsonl", cwd=site).code == 0
    before = listed(site, call)
    mended = write_lines(site / "mended.json", [{**line(3), "time": "2025-03-09T10:00:00+08:00"}])
    [port] = free_ports(1)
    monkeypatch.setenv("MILEPOST_KAFKA_BOOTSTRAP", f"127.0.0.1:{port}")
    done = call("rejected", "retry", before[0]["id"], "--mended", mended, cwd=site)
    assert (done.code, "Connection refused" in done.stderr) == (3, True)
    assert listed(site, call) == before


@one_server
def test_without_a_broker_nothing_is_decided_in_a_database_that_workers_share(
    site: Path, call: Call, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    PostgresStore.open(database, partitions=4).close()
    monkeypatch.setenv("MILEPOST_DATABASE_URL", database)
    for arguments in (["retry"], ["list"]):
        done = call("rejected", *arguments, cwd=site)
        assert (done.code, "set up for 4 partitions, not for 1" in done.stderr) == (
            (2, True) if arguments == ["retry"] else (0, False)
        )


def test_those_of_a_dealer_are_listed_by_themselves(site: Path, call: Call) -> None:
    broken = {"specversion": "1.0", "id": "1", "source": "/dealers/d007"}
    call("ingest", write_lines(site / "theirs.jsonl", [broken]), cwd=site)

    def of(dealer: str) -> list[str]:
        done = call("rejected", "list", "--dealer", dealer, "--format", "jsonl", cwd=site)
        return [json.loads(one)["dealer"] for one in done.stdout.splitlines()]

    assert of("d007") == ["d007"]
    assert of("d008") == []
    assert {"d007"} < {one["dealer"] for one in listed(site, call)}
