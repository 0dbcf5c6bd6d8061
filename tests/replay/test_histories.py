"""Stored histories give the messages that they gave before, line by line.

Each folder here is one: `project/`, `events.jsonl`, and `expected.jsonl`, the messages that `milepost simulate` gives.
`network` is made by the seeded generator (seed 11, 60 customers, 300 days); `verbs` is written by hand, and has all
verbs of the language, late and repeated events, holds and caps. Where a change of the language or of the decision is
meant to change messages, MILEPOST_UPDATE=1 writes what comes now, to be read before it is kept.
"""

import json
import os
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.support import milepost

HERE = Path(__file__).parent
HISTORIES = sorted(one.parent.name for one in HERE.glob("*/events.jsonl"))
UNTIL = "2025-09-01"
MOST_TOLD = 40
FIELDS = (
    "at",
    "journey",
    "step",
    "outcome",
    "channel",
    "reason",
    "held_until",
    "brand",
    "customer",
    "vehicle",
)


def told(line: str) -> str:
    """A message in one line, for people."""
    one: dict[str, Any] = json.loads(line)
    return "  ".join(str(one[name]) for name in FIELDS if one.get(name) is not None)


def difference(before: list[str], after: list[str]) -> str:
    """What is so no more (-) and what is so now (+); a message that differs only in what is not told, in full."""
    old, new = ([told(one) for one in lines] for lines in (before, after))
    if old == new:
        old, new = before, after
    lines = unified_diff(old, new, "expected.jsonl", "now", lineterm="", n=1)
    return "\n".join(islice(lines, MOST_TOLD))


@pytest.mark.parametrize("name", HISTORIES)
def test_a_stored_history_gives_the_messages_that_it_gave(name: str) -> None:
    folder = HERE / name
    simulated = milepost(
        "simulate", "events.jsonl", "--project", "project", "--until", UNTIL, "--format", "jsonl", cwd=folder
    )
    now = simulated.stdout.splitlines()
    kept = folder / "expected.jsonl"
    if os.environ.get("MILEPOST_UPDATE"):
        kept.write_text("".join(f"{line}\n" for line in now), "utf-8")
    expected = kept.read_text("utf-8").splitlines()
    if now != expected:
        pytest.fail(
            f"{name}: {len(expected)} messages expected, {len(now)} now\n{difference(expected, now)}\n"
            "If that is meant: MILEPOST_UPDATE=1",
            pytrace=False,
        )


def test_a_difference_is_told_by_the_messages_that_differ() -> None:
    line = {"at": "2025-04-08T10:00:00+08:00", "journey": "welcome", "step": "hello", "outcome": "sent"}
    before = [json.dumps({**line, "channel": channel}) for channel in ("sms", "email")]
    after = [json.dumps({**line, "channel": channel}) for channel in ("sms", "letter")]
    assert difference(before, after).splitlines()[-2:] == [
        "-2025-04-08T10:00:00+08:00  welcome  hello  sent  email",
        "+2025-04-08T10:00:00+08:00  welcome  hello  sent  letter",
    ]


def test_the_histories_have_every_verb_and_outcome() -> None:
    """So that a change of any of them is noticed."""
    journeys = "".join(one.read_text("utf-8") for one in HERE.glob("*/project/journeys/*.yaml"))
    verbs = (
        "wait:",
        "wait_for:",
        "send:",
        "if:",
        "choose:",
        "split:",
        "repeat:",
        "task:",
        "set:",
        "tag:",
        "emit:",
    )
    assert [verb for verb in verbs if verb not in journeys] == []
    lines = [json.loads(one) for file in HERE.glob("*/expected.jsonl") for one in file.open()]
    assert {one["outcome"] for one in lines} == {"sent", "skipped", "held"}
    reasons = {one["reason"] for one in lines}
    assert reasons >= {"quiet hours", "capped", "complaint open", "holdout", "no consent"}
