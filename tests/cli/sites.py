"""Small projects with data, for tests of the command line."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.support import write_project

EVENTS = {"MILEPOST_CLOCK": "events"}

JOURNEY = """\
    purpose: care
    start: {on: purchase.recorded, per: vehicle, again: restart}
    steps:
      - wait: 1 month
        at: "10:00"
      - send: hello
        by: [letter, email, sms]
    """


def line(number: int, **data: Any) -> dict[str, Any]:
    """A purchase of two tyres by customer `number`, who agreed to SMS."""
    whole = {
        "dealer": "d001",
        "customer": {"name": "王芳", "mobile": f"1380000000{number}", "email": f"c{number}@example.cn"},
        "vehicle": {"plate": f"京A1234{number}", "odometer_km": 43210},
        "tyres": [{"brand": "michelin", "quantity": 2}],
        "consent": [{"channel": "sms", "purpose": "care", "granted": True}],
        **data,
    }
    return {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "/dealers/d001",
        "type": "purchase.recorded",
        "time": "2025-03-08T14:20:00+08:00",
        "data": whole,
    }


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in lines), "utf-8")
    return path


def write_site(folder: Path) -> Path:
    """A project with one journey, and a file of four lines: two purchases, a duplicate, a broken one."""
    write_project(folder, {"welcome": JOURNEY})
    broken = {**line(3), "time": "yesterday"}
    write_lines(folder / "events.jsonl", [line(1), line(2), line(1), broken])
    return folder
