"""What the how-to for dealers shows works, block by block."""

import re
from pathlib import Path

import pytest

from tests.client.inboxes import events_of
from tests.services.broker import Kafka
from tests.support import ROOT

pytestmark = pytest.mark.xdist_group("kafka")

PAGE = ROOT / "docs" / "howto" / "send-events.md"


def test_the_page_does_what_it_says(
    kafka: Kafka,
    prefix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MILEPOST_KAFKA_PREFIX", prefix)
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    known: dict[str, object] = {}
    for block in blocks:
        exec(block.replace("broker:9092", kafka.bootstrap), known)
    said = capsys.readouterr().out
    assert "data.tyres[0].quantity → data.tyres[0].quantity must be a whole number, is a text" in said
    assert re.search(r"^\w{32} sent\n", said, re.MULTILINE)
    assert re.search(r"^in partition \d at offset \d+$", said, re.MULTILINE)
    assert "0 not acknowledged" in said
    sent = [one["type"] for one in events_of(kafka.bootstrap, prefix)]
    assert len(sent) == 1003
    assert {"purchase.recorded", "service.visited", "customer.updated", "odometer.reported"} == set(sent)
    assert (tmp_path / "milepost-spool").is_dir()
