"""Killed with -9 while other journeys come into force, and started again: each run goes on once, and none is lost."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.sites import EVENTS, line, write_lines, write_site
from tests.support import milepost

CUSTOMERS = 9
STEPS = ["advance.adopt", "advance.1:3", "advance.4", "advance.5", "advance.6", "deliver.4:2"]
WITHOUT_THE_WAIT = """\
journey: welcome
purpose: care
start: {on: purchase.recorded, per: vehicle, again: restart}
steps:
  - send: hello
    by: [letter, email, sms]
  - {wait: 5 days, id: more}
  - {send: hello, by: sms, id: again}
"""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everybody waits a month for a message; what is deployed then has no such step any more."""
    site = write_site(tmp_path_factory.mktemp("deployed") / "site")
    write_lines(site / "events.jsonl", [line(n) for n in range(1, CUSTOMERS + 1)])
    milepost("ingest", "events.jsonl", cwd=site, **EVENTS)
    milepost("deploy", "--yes", "--skip-plan", cwd=site, **EVENTS)
    milepost("run", "--until-idle", cwd=site, **EVENTS)
    (site / "journeys" / "welcome.yaml").write_text(WITHOUT_THE_WAIT, "utf-8")
    milepost("deploy", "--yes", "--skip-plan", cwd=site, **EVENTS)
    return site


@pytest.mark.parametrize("step", STEPS)
def test_a_run_goes_on_once_though_the_engine_is_killed_on_the_way(
    step: str, deployed: Path, tmp_path: Path
) -> None:
    site = Path(shutil.copytree(deployed, tmp_path / "site"))
    run = ("run", "--until-idle", "--until", "2025-03-20")
    killed = milepost(*run, cwd=site, check=False, **EVENTS, MILEPOST_CRASH_AT=step)
    assert killed.returncode in (0, -9)
    milepost(*run, cwd=site, **EVENTS)
    lines = [
        json.loads(one)
        for one in milepost("messages", "--format", "jsonl", cwd=site, **EVENTS).stdout.splitlines()
    ]
    assert sorted((one["customer"], one["step"], one["at"], one["status"]) for one in lines) == sorted(
        (f"+861380000000{n}", *what, "sent")
        for n in range(1, CUSTOMERS + 1)
        for what in (("hello", "2025-03-08T14:20:00+08:00"), ("again", "2025-03-13T14:20:00+08:00"))
    )
    files = [path.stem for path in (site / "delivered").rglob("*.txt")]
    assert sorted(files) == sorted(one["message_id"] for one in lines)
