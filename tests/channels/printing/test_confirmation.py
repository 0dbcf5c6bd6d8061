"""The printer's file: receipts, and what cannot be believed, by line."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.channels.letters_print.confirmation import read
from engine.model.diagnostics import Rejection
from tests.channels.printing.letters import NOW, SHANGHAI

LETTERS = {"a1": "5a" * 32, "b2": "6b" * 32}


def told(content: str | bytes) -> list[Any]:
    raw = content.encode() if isinstance(content, str) else content
    return list(read(raw, "c.csv", LETTERS.get, SHANGHAI, NOW))


def test_each_status_is_its_event_and_printed_says_nothing_yet() -> None:
    rows = told(
        "message_id,status,date,reason\na1,printed,2025-04-09,\na1,posted,2025-04-09,\n"
        "b2,returned,2025-04-20T08:00:00+08:00,moved away\nb2,undeliverable,,spoiled\n"
    )
    assert [row and (row["type"], row["time"], row["data"]) for row in rows] == [
        None,
        ("message.delivered", "2025-04-09T12:00:00+08:00", {"message_id": "a1"}),
        (
            "message.bounced",
            "2025-04-20T08:00:00+08:00",
            {"message_id": "b2", "reason": "moved away", "permanent": True},
        ),
        ("message.failed", NOW.isoformat(), {"message_id": "b2", "reason": "spoiled"}),
    ]
    assert {row["source"] for row in rows if row} == {"/providers/print"}


def test_the_same_told_twice_is_the_same_event() -> None:
    first, second = told("message_id,status,date\na1,posted,2025-04-09\na1,POSTED,2025-04-10\n")
    assert first["id"] == second["id"]


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        ("zz,posted,,", "message_id", "is that of no letter in any run"),
        (",posted,,", "message_id", "is empty"),
        ("a1,lost,,", "status", "is none of printed, posted, undeliverable, returned"),
        ("a1,posted,tomorrow,", "date", "is none"),
        (f"a1,posted,,{LETTERS['b2']}", "sha256", "something else was printed"),
        ("a1,posted,,,,,", "", "more cells than the first"),
    ],
)
def test_what_cannot_be_believed_is_refused_with_its_line_and_spoils_no_other(
    row: str, field: str, said: str
) -> None:
    before, refused, after = told(
        f"message_id,status,date,sha256\na1,posted,,{LETTERS['a1']}\n{row}\nb2,posted,,\n"
    )
    assert isinstance(refused, Rejection)
    assert (refused.file, refused.line, refused.field) == ("c.csv", 3, field)
    assert said in refused.reason
    assert (before["data"]["message_id"], after["data"]["message_id"]) == ("a1", "b2")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_are_read_as_office_programs_write_them(separator: str, encoding: str) -> None:
    rows = ["Status", "Reason", "Message_ID"], ["returned", "已搬走", "a1"]
    [row] = told("\r\n".join(separator.join(one) for one in rows).encode(encoding))
    assert row["data"]["reason"] == "已搬走"


@pytest.mark.parametrize("content", ["", "id,state\na1,posted\n", b"\xff\xfe\xff"])
def test_a_file_that_is_none_is_refused_once(content: str | bytes) -> None:
    [refused] = told(content)
    assert isinstance(refused, Rejection)
    assert refused.line == 1


@given(
    st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"message_id,status\n{text}".encode())
)
def test_whatever_comes_is_told_and_nothing_breaks(content: bytes) -> None:
    for one in told(content):
        assert one is None or isinstance(one, (dict, Rejection))


def test_moments_carry_their_zone() -> None:
    [row] = told("message_id,status,date\na1,posted,2025-04-09T10:00\n")
    assert datetime.fromisoformat(row["time"]).astimezone(UTC) == datetime(2025, 4, 9, 2, 0, tzinfo=UTC)
