"""`milepost why`, as it is called."""

import json
from pathlib import Path

import pytest

from engine.store.sqlite import SqliteStore
from tests.cli.conftest import Call
from tests.cli.sites import EVENTS, line, write_lines, write_site
from tests.support import milepost


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two customers whose messages have gone; the first bought again in May, with another car in June."""
    folder = write_site(tmp_path_factory.mktemp("site"))
    again = {**line(1), "id": "again", "time": "2025-05-20T09:00:00+08:00"}
    other = {**line(1, vehicle={"plate": "京B99999", "vin": "LSVAA4187C2184847"}), "id": "other"}
    other["time"] = "2025-06-02T09:00:00+08:00"
    write_lines(folder / "events.jsonl", [line(1), line(2), again, other])
    milepost("ingest", "events.jsonl", cwd=folder, **EVENTS)
    milepost("run", "--until-idle", "--until", "2025-06-10", cwd=folder, **EVENTS)
    return folder


def test_it_reads_from_the_answer_to_the_reasons(site: Path, call: Call) -> None:
    done = call("why", "welcome", "138 0000 0002", cwd=site, COLUMNS="100")
    assert done.code == 0
    lines = done.stdout.splitlines()
    assert lines[1].startswith("王芳 +8613800000002, as of 2025-06-10")
    assert lines[3] == "One message was sent, on 2025-04-08. Nothing is to be expected as things stand."
    assert "    · sms: agreed to (granted on 2025-03-08 14:20, by purchase.recorded)" in done.stdout
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("who", ["+8613800000001", "c1@example.cn", "京A12341", "lsvaa4187c2184847"])
def test_a_customer_is_known_by_whatever_leads_to_them(who: str, site: Path, call: Call) -> None:
    told = json.loads(call("why", "welcome", who, "--format", "json", cwd=site).stdout)
    assert told["customer"] == "+8613800000001"
    assert [one["vehicle"] for one in told["chapters"]] == ["京A12341", "京A12341", "京B99999"]
    assert [one["state"] for one in told["chapters"]] == ["over", "under way", "under way"]


def test_or_by_the_id(site: Path, call: Call) -> None:
    store = SqliteStore(site / "milepost.db")
    [customer] = store.find([("mobile", "+8613800000002")])
    store.close()
    told = json.loads(call("why", "welcome", customer.id, "--format", "json", cwd=site).stdout)
    assert told["customer"] == "+8613800000002"


def test_one_run_or_what_was_since(site: Path, call: Call) -> None:
    def chapters(*options: str) -> list[str]:
        done = call("why", "welcome", "13800000001", *options, "--format", "json", cwd=site)
        return [one["at"][:10] for one in json.loads(done.stdout)["chapters"]]

    assert chapters("--run", "京B99999") == ["2025-06-02"]
    assert chapters("--since", "2025-06-01") == ["2025-05-20", "2025-06-02"]  # one of May is under way
    assert chapters("--all") == ["2025-03-08", "2025-05-20", "2025-06-02"]


def test_whom_nobody_knows(site: Path, call: Call) -> None:
    done = call("why", "welcome", "13899999999", cwd=site)
    assert (done.code, done.stdout) == (1, "")
    assert "Nobody is known by '13899999999'." in done.stderr


def test_a_journey_that_is_misspelt_is_recognised(site: Path, call: Call) -> None:
    done = call("why", "welcom", "13800000001", cwd=site)
    assert (done.code, done.stdout) == (2, "")
    assert "Did you mean 'welcome'?" in done.stderr


def test_nothing_is_changed_by_it(site: Path, call: Call) -> None:
    before = call("messages", "--format", "json", cwd=site).stdout
    call("why", "welcome", "13800000001", cwd=site)
    assert call("messages", "--format", "json", cwd=site).stdout == before
