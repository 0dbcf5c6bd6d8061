"""Killed with -9 at any moment and started again, any number of times: no message is lost, and none comes twice.

The real commands run as real processes. Where a step has a name, the process is killed just there; elsewhere after
a time drawn from a printed seed. At the end the ledger and the folders are held against what a simulation says.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from engine.sim.network import generate
from tests.support import POLICY, milepost, write_project

UNTIL = "2025-12-31"
STEPS = [
    *(f"advance.{n}" for n in range(1, 7)),
    "advance.3:2",
    "advance.6:2",
    "advance.fan-out",
    "deliver.1",
    "deliver.4:3",
    "deliver.5",
]
JOURNEYS = {
    "welcome": """\
        purpose: care
        start: {on: purchase.recorded, per: vehicle, again: restart}
        steps:
          - wait: 1 month
            at: "10:00"
          - send: hello
            by: [letter, email, sms]
        """,
    "health": """\
        purpose: care
        start: {on: purchase.recorded, per: vehicle, again: restart}
        steps:
          - repeat:
              every: 5000 km
              times: 3
              do:
                - send: hello
                  by: [sms, email, letter]
        """,
    "news": """\
        purpose: newsletter
        start: {schedule: monthly, at: "10:00", audience: customer.email}
        steps:
          - send: hello
            by: email
        """,
}
RULES = """\
quiet_hours: {sms: "09:00-16:00"}
caps: [{at_most: 1, within: 1 month}]
"""
OUTAGE = 3
SEED = int(os.environ.get("MILEPOST_TEST_SEED", "20251122"))


class Site:
    """A folder in which the engine works on a small network's history."""

    def __init__(self, folder: Path, project: Path, events: Path) -> None:
        self.folder = folder
        self.project = project
        self.events = events
        self.environment = {
            "MILEPOST_CLOCK": "events",
            "MILEPOST_DATABASE_URL": f"sqlite:///{folder}/milepost.db",
            "MILEPOST_DELIVERY_DIR": str(folder / "delivered"),
        }

    def command(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return milepost(
            "--project",
            self.project,
            *arguments,
            cwd=self.folder,
            check=False,
            **self.environment,
            **environment,
        )

    def work(self, **environment: str) -> int:
        """Ingests everything and does all that is due; the exit code of what failed, else 0."""
        for arguments in (
            ["ingest", str(self.events)],
            ["run", "--until-idle", "--until", UNTIL],
        ):
            if code := self.command(*arguments, **environment).returncode:
                return code
        return 0

    def ledger(self) -> list[dict[str, str]]:
        return [
            json.loads(line) for line in self.command("messages", "--format", "jsonl").stdout.splitlines()
        ]

    def files(self) -> Counter[str]:
        found = (path for path in (self.folder / "delivered").rglob("*") if path.is_file())
        return Counter(path.stem for path in found if path.suffix in {".pdf", ".eml", ".txt"})


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("events") / "events.jsonl"
    with path.open("wb") as file:
        for line in generate(seed=5, customers=25, days=250).lines():
            file.write(line if isinstance(line, bytes) else line.encode())
            file.write(b"\n")
    return path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    brands = ("michelin", "bfgoodrich", "warrior")
    return write_project(tmp_path_factory.mktemp("project"), JOURNEYS, policy=POLICY + RULES, brands=brands)


@pytest.fixture(scope="module")
def expected(project: Path, events: Path, tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, ...]]:
    said = milepost(
        "--project", project, "simulate", events, "--until", UNTIL, "--format", "jsonl",
        cwd=tmp_path_factory.mktemp("simulated"),
    )  # fmt: skip
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    assert {line["reason"] for line in lines if line["outcome"] == "held"} == {"quiet hours", "capped"}
    return {_key(line) for line in {one["message_id"]: one for one in lines}.values()}


def _key(line: dict[str, str]) -> tuple[str, ...]:
    outcome = line.get("outcome") or line["status"]
    return (*(str(line[name]) for name in ("message_id", "at", "journey", "channel", "brand")), outcome)


def assert_whole(site: Site, expected: set[tuple[str, ...]]) -> None:
    """Everything that should be sent was, once, and lies in its folder, once."""
    ledger = site.ledger()
    assert {_key(line) for line in ledger} == expected
    assert len(ledger) == len(expected)
    sent = {line["message_id"] for line in ledger if line["status"] == "sent"}
    assert site.files() == Counter(sent)
    assert not [
        path for path in (site.folder / "delivered").rglob("*") if path.name.endswith((".tmp", ".part"))
    ]


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step(
    step: str, tmp_path: Path, project: Path, events: Path, expected: set[tuple[str, ...]]
) -> None:
    site = Site(tmp_path, project, events)
    assert site.work(MILEPOST_CRASH_AT=step) == -signal.SIGKILL, f"never came to {step}"
    assert site.work() == 0
    assert_whole(site, expected)


@pytest.mark.parametrize("step", ["deliver.outage", "deliver.outage:3", "deliver.4:9", "deliver.5"])
def test_killed_while_a_channel_cannot_be_used(
    step: str, tmp_path: Path, project: Path, events: Path, expected: set[tuple[str, ...]]
) -> None:
    site = Site(tmp_path, project, events)
    in_the_way = tmp_path / "delivered" / "emails"
    in_the_way.parent.mkdir()
    in_the_way.write_text("in the way")
    assert site.work(MILEPOST_CRASH_AT=step) == -signal.SIGKILL, f"never came to {step}"
    assert site.work() == OUTAGE
    waiting = {line["channel"] for line in site.ledger() if line["status"] == "queued"}
    assert waiting == {"email"}
    in_the_way.unlink()
    assert site.work() == 0
    assert_whole(site, expected)


def test_killed_at_random_moments(
    tmp_path: Path, project: Path, events: Path, expected: set[tuple[str, ...]]
) -> None:
    sys.stdout.write(f"MILEPOST_TEST_SEED={SEED}\n")
    chance = random.Random(SEED)
    site = Site(tmp_path, project, events)
    killed = 0
    commands = (["ingest", str(events)], ["run", "--until-idle", "--until", UNTIL])
    for arguments in commands:
        patience = 0.3
        while not _finished(site, arguments, chance.uniform(0.25, patience)):
            killed += 1
            patience += 0.15  # so that it comes to an end on a slow machine too
    assert site.work() == 0
    assert killed > 3
    assert_whole(site, expected)


def _finished(site: Site, arguments: list[str], seconds: float) -> bool:
    """Runs a command and kills it after so long; whether it was quicker."""
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.cli.main", "--project", str(site.project), *arguments],
        cwd=site.folder,
        env={**os.environ, **site.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + seconds
    try:
        return process.wait(max(0.0, deadline - time.monotonic())) == 0
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
