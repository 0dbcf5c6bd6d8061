"""What is read goes into the store in batches, events and refused inputs together."""

from pathlib import Path

import pytest

from engine.intake.identify import Identification
from engine.model.diagnostics import Rejection
from engine.runtime.advance import CHUNK, Advance
from engine.store.memory import MemoryStore
from engine.wiring.feeding import Feed
from tests.support import program_of, purchase, write_project


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def feed(tmp_path: Path, store: MemoryStore) -> Feed:
    program = program_of(write_project(tmp_path, {}))
    return Feed(Advance(program, store, Identification(), None))


def refused(number: int) -> Rejection:
    return Rejection(
        file="some/folder/events.jsonl", line=number, field="id", reason="id is missing", raw=b"%d" % number
    )


def test_nothing_is_taken_in_before_a_batch_is_whole_and_then_all_of_it(
    feed: Feed, store: MemoryStore
) -> None:
    feed.event(purchase("2025-03-08 14:20"))
    feed.rejection(refused(2))
    assert (feed.taken.accepted, list(store.rejections())) == (0, [])
    feed.flush()
    assert feed.taken.accepted == 1
    [row] = store.rejections()
    assert (row.file, row.line) == ("events.jsonl", 2)


def test_a_file_of_nothing_but_faults_is_kept_as_it_is_read(feed: Feed, store: MemoryStore) -> None:
    for number in range(CHUNK + 1):
        feed.rejection(refused(number))
    assert len(list(store.rejections())) == CHUNK
    feed.flush()
    assert len(list(store.rejections())) == CHUNK + 1


def test_batches_add_up(feed: Feed) -> None:
    for _ in range(2):
        feed.event(purchase("2025-03-08 14:20"))
        feed.flush()
    feed.flush()
    assert (feed.taken.accepted, feed.taken.duplicates) == (1, 1)
