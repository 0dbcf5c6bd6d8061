"""The gateway killed with -9 while it reads a dealer's file: the next one reads it whole, and each row counts once."""

import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.model.keys import Scope
from engine.store.sqlite import SqliteStore
from engine.wiring.keys import create
from tests.intake.sheets.rowfiles import HEADER, row, write_csv
from tests.support import write_project
from tests.web.gateways import JOURNEY, Site

ROWS = 1200


@pytest.mark.parametrize("step", ["advance.3", "advance.6"])
def test_a_file_that_was_taken_is_read_whole_whatever_dies(tmp_path: Path, step: str) -> None:
    write_project(tmp_path, {"hello": JOURNEY})
    site = Site(tmp_path)
    store = SqliteStore(tmp_path / "milepost.db")
    key = create(store, "d001", list(Scope), datetime.now(UTC), days=1, signed=False)
    headers = {"authorization": f"Bearer {key.text}"}
    cards = [
        row(手机=f"1380000{number:04}", 邮箱="", 车牌=f"京B{number:05}", 轮胎品牌="michelin")
        for number in range(ROWS)
    ]
    content = write_csv(tmp_path / "c.csv", [HEADER, *cards]).read_bytes()
    with site.gateway(MILEPOST_CRASH_AT=step) as first:
        answer = first.http.post("/v1/files?as=registration&name=c.csv", content=content, headers=headers)
        assert answer.status_code == 202
        assert first.process.wait(60) == -signal.SIGKILL
    path = f"/v1/files/{answer.json()['id']}"
    with site.gateway(MILEPOST_UPLOAD_STALE_S="0.5") as second:
        give_up = time.monotonic() + 60
        while (told := second.http.get(path, headers=headers).json())["status"] != "done":
            assert time.monotonic() < give_up, told
            time.sleep(0.05)
    assert (told["read"], told["rejected"]) == (ROWS, 0)
    assert store.count_customers() == ROWS
    ids = [one.id for one in store.known_after("", ROWS * 2)]
    assert len(store.arrivals(ids)) == ROWS
    store.close()
