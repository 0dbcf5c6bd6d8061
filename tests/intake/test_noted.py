"""What intake sets aside costs nobody an event, and is told when events are taken in."""

import json
from pathlib import Path

from tests.intake.lines import purchase
from tests.support import milepost, write_project

JOURNEY = """\
purpose: care
start: {on: purchase.recorded, per: vehicle}
steps: [end]
"""


def test_a_mobile_that_is_none_is_told_and_the_plate_counts(tmp_path: Path) -> None:
    write_project(tmp_path, {"welcome": JOURNEY})
    event = purchase(customer={"name": "王芳", "mobile": "12345"})
    (tmp_path / "events.jsonl").write_text(json.dumps(event) + "\n", "utf-8")
    done = json.loads(milepost("ingest", "events.jsonl", "--format", "json", cwd=tmp_path).stdout)
    assert (done["accepted"], done["rejected"]) == (1, 0)
    assert done["notes"] == {"unusable customer.mobile": 1}
