"""`milepost identities`: who may be one, and a person's word on it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call
from tests.support import write_project

HELLO = "purpose: care\nstart: {on: purchase.recorded}\nsteps:\n  - send: hello\n    by: sms\n"
PEOPLE = (("13800000001", "a@example.cn"), ("13800000002", "b@example.cn"))


def said(number: int, day: int, **customer: str) -> str:
    event = {
        "specversion": "1.0",
        "id": str(number),
        "source": "/dealers/d001",
        "type": "customer.updated",
        "time": f"2025-03-{day:02d}T10:00:00+08:00",
        "data": {"dealer": "d001", "customer": customer},
    }
    return json.dumps(event, ensure_ascii=False)


@pytest.fixture
def site(tmp_path: Path, call: Call) -> Path:
    """Where two times two have been named together whose names differ."""
    write_project(tmp_path, {"hello": HELLO})
    lines = []
    for mobile, email in PEOPLE:
        lines += [
            said(len(lines) + 1, 1, mobile=mobile, name="王芳"),
            said(len(lines) + 2, 2, email=email, name="李伟"),
            said(len(lines) + 3, 3, mobile=mobile, email=email),
        ]
    (tmp_path / "events.jsonl").write_text("\n".join(lines), "utf-8")
    assert call("ingest", "events.jsonl", cwd=tmp_path).code == 0
    return tmp_path


def listed(call: Call, site: Path, *more: str) -> list[dict[str, Any]]:
    found = json.loads(call("identities", "list", "--format", "json", *more, cwd=site).stdout)["identities"]
    return list(found)


def test_the_list_tells_who_by_what_since_when_and_from_whom(site: Path, call: Call) -> None:
    found = listed(call, site)
    assert len(found) == len(PEOPLE)
    one = next(one for one in found if one["named"] == [["mobile +8613800000001", "email a@example.cn"]])
    assert (one["status"], one["count"], one["dealer"]) == ("open", 1, "d001")
    assert one["first_at"] == one["last_at"] == "2025-03-03T10:00:00+08:00"
    assert {who["name"] for who in one["customers"]} == {"王芳", "李伟"}
    assert listed(call, site, "--dealer", "d002") == []
    text = call("identities", "list", cwd=site).stdout.splitlines()
    assert len(text) == len(PEOPLE)
    assert one["id"][:12] in {line.split()[0] for line in text}
    shown = call("identities", "show", one["id"][:12], cwd=site).stdout
    assert "email a@example.cn was set aside" in shown


def test_two_can_be_said_to_be_one_or_two(site: Path, call: Call) -> None:
    first, second = (one["id"] for one in listed(call, site))
    assert call("identities", "merge", first, cwd=site).code == 0
    assert call("identities", "keep", second, cwd=site).code == 0
    assert listed(call, site) == []
    assert [one["id"] for one in listed(call, site, "--status", "merged")] == [first]
    assert [one["id"] for one in listed(call, site, "--status", "kept")] == [second]
    events = [said(90 + n, 4, mobile=mobile, email=email) for n, (mobile, email) in enumerate(PEOPLE)]
    (site / "more.jsonl").write_text("\n".join(events), "utf-8")
    assert call("ingest", "more.jsonl", cwd=site).code == 0
    assert listed(call, site) == []


def test_what_was_kept_apart_does_not_become_one_by_a_name(site: Path, call: Call) -> None:
    for one in listed(call, site):
        assert call("identities", "keep", one["id"], cwd=site).code == 0
    events = [
        said(90, 4, email="a@example.cn", name="王芳"),
        said(91, 5, mobile="13800000001", email="a@example.cn"),
    ]
    (site / "more.jsonl").write_text("\n".join(events), "utf-8")
    assert call("ingest", "more.jsonl", cwd=site).code == 0
    assert len(listed(call, site, "--status", "kept")) == len(PEOPLE)
    assert call("identities", "merge", "+8613800000001", "a@example.cn", cwd=site).code == 0
    assert call("identities", "merge", "+8613800000001", "a@example.cn", cwd=site).code == 1


def test_what_there_is_not_cannot_be_settled(site: Path, call: Call) -> None:
    told = call("identities", "keep", "ffff", cwd=site)
    assert told.code == 2
    assert "milepost identities list" in told.stderr
