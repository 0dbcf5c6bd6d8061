"""The spool keeps what it was given, in order, whatever leaves and whenever it is opened again."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.client.spool import FILE, SMALLEST_LIMIT_BYTES, Row, Spool
from engine.model.errors import ServiceUnavailable, UsageError

LIMIT_BYTES = 10 * SMALLEST_LIMIT_BYTES
Open = Callable[[], Spool]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    spools: list[Spool] = []

    def made() -> Spool:
        for one in spools:
            one.close()
        spools[:] = [Spool(tmp_path / "spool", LIMIT_BYTES)]
        return spools[0]

    yield made
    for one in spools:
        one.close()


def keep(spool: Spool, *values: str) -> int:
    """Appends them together, and gives the number of the first."""
    first: list[int] = []
    spool.append("care.inbox", [(b"key", one.encode()) for one in values], first.append)
    return first[0]


def held(spool: Spool) -> list[Row]:
    return spool.after(0, LIMIT_BYTES)[0]


def values(spool: Spool) -> str:
    return "".join(row.value.decode() for row in held(spool))


def test_what_leaves_is_gone_and_the_rest_stays_in_order_when_it_is_opened_again(opened: Open) -> None:
    spool = opened()
    keep(spool, *"abc")
    keep(spool, "d")
    keep(spool, *"ef")
    spool.leave(row for row in held(spool) if row.value in b"bdf")
    assert (values(spool), spool.events) == ("ace", 3)
    spool = opened()
    assert (values(spool), spool.events, spool.earlier) == ("ace", 3, 3)
    keep(spool, "g")
    assert (values(spool), spool.events, spool.earlier) == ("aceg", 4, 3)
    spool.leave(held(spool))
    assert (spool.events, spool.earlier, spool.size_bytes) == (0, 0, 0)
    assert values(opened()) == ""


def test_numbers_grow_though_all_has_left(opened: Open) -> None:
    spool = opened()
    first = keep(spool, "a")
    spool.leave(held(spool))
    spool.settle()
    assert keep(spool, *"bc") == first + 1
    assert keep(spool, "d") == first + 3
    assert [row.number for row in held(opened())] == [2, 3, 4]


def test_it_is_read_on_from_where_one_was_and_by_parts(opened: Open) -> None:
    spool = opened()
    for one in "abc":
        keep(spool, one * 1000, one)
    rows, at = spool.after(0, 500)
    assert [row.value[:1] for row in rows] == [b"a", b"a"]
    rows, at = spool.after(at, 1500)
    assert [row.value[:1] for row in rows] == [b"b", b"b", b"c", b"c"]
    assert spool.after(at, 500) == ([], at)
    assert [row.value[:1] for row in spool.waiting(3)] == [b"a", b"a", b"b"]


def test_what_is_refused_is_set_aside_with_its_reason(opened: Open, tmp_path: Path) -> None:
    spool = opened()
    keep(spool, *"abc")
    spool.refuse(held(spool)[1], "too large")
    assert (values(spool), spool.events, spool.refused) == ("ac", 2, 1)
    spool = opened()
    assert (values(spool), spool.events, spool.refused) == ("ac", 2, 1)
    spool.leave(held(spool))
    spool.close()
    with sqlite3.connect(tmp_path / "spool" / FILE) as db:
        assert db.execute("SELECT value, reason FROM refused").fetchall() == [(b"b", "too large")]
        assert db.execute("SELECT * FROM waiting").fetchall() == []
    db.close()


def test_threads_that_append_at_once_all_find_their_place(opened: Open) -> None:
    spool = opened()
    threads = [
        Thread(target=lambda name=name: [keep(spool, f"{name}{number:03}") for number in range(50)])
        for name in "abcd"
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    rows = held(spool)
    assert [row.number for row in rows] == list(range(1, 201))
    for name in b"abcd":
        own = [row.value for row in rows if row.value[0] == name]
        assert own == sorted(own)
        assert len(own) == 50


def test_what_cannot_be_written_is_not_taken_and_nothing_else_is_lost(opened: Open) -> None:
    spool = opened()
    keep(spool, "a")
    spool._db.execute("PRAGMA max_page_count = 10")
    with pytest.raises(ServiceUnavailable, match="full"):
        keep(spool, "b" * 1_000_000)
    assert (values(spool), spool.events) == ("a", 1)
    spool._db.execute("PRAGMA max_page_count = 100000")
    keep(spool, "c")
    assert values(opened()) == "ac"


def test_what_is_no_spool_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("something else entirely, long enough to be read", "utf-8")
    with pytest.raises(ServiceUnavailable, match="no spool"):
        Spool(tmp_path, LIMIT_BYTES)
    (tmp_path / FILE).unlink()
    Spool(tmp_path, LIMIT_BYTES).close()
    db = sqlite3.connect(tmp_path / FILE)
    db.execute("PRAGMA user_version = 2")
    db.close()
    with pytest.raises(ServiceUnavailable, match="newer version"):
        Spool(tmp_path, LIMIT_BYTES)
    with pytest.raises(UsageError, match="too small"):
        Spool(tmp_path, 1000)


def hasty(folder: Path) -> Spool:
    """One that does not wait for the disk."""
    spool = Spool(folder, LIMIT_BYTES)
    spool._db.execute("PRAGMA synchronous = OFF")
    return spool


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 4)),
        st.tuples(st.just("read"), st.integers(1, 400)),
        st.tuples(st.just("leave"), st.integers(1, 6)),
        st.tuples(st.sampled_from(["from the start", "settle", "reopen"]), st.just(0)),
    ),
    max_size=40,
)


@given(STEPS)
@settings(max_examples=60)
def test_whatever_is_done_in_whatever_order_it_reads_what_is_left_in_order(
    steps: list[tuple[str, int]],
) -> None:
    """From memory or from the disk, by a reader who keeps up or does not, after lines that failed and restarts."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.client.spool._MOST_FRESH_BYTES", 200)
        spool = hasty(Path(folder))
        appended, at = 0, 0
        left: list[str] = []  # not acknowledged, oldest first
        under_way: list[Row] = []
        for step, number in steps:
            if step == "append":
                names = [f"{appended + one:04}" for one in range(number)]
                keep(spool, *names)
                appended += number
                left += names
            elif step == "read":
                before = at
                rows, at = spool.after(at, number)
                under_way += rows
                assert [row.value.decode() for row in under_way] == left[: len(under_way)]
                assert at > before or len(under_way) == len(left)
            elif step == "leave":
                for row in under_way[:number]:
                    left.remove(row.value.decode())
                spool.leave(under_way[:number])
                del under_way[:number]
            elif step == "settle":
                spool.settle()
            else:
                if step == "reopen":
                    spool.close()
                    spool = hasty(Path(folder))
                at, under_way = 0, []
            assert spool.events == len(left)
        assert [row.value.decode() for row in spool.waiting(1000)] == left
        spool.close()
