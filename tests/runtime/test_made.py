"""What journeys make beside messages is written in the transaction of what made it: tasks, and events, once."""

from pathlib import Path

import pytest

from engine.intake.identify import Identification
from engine.model.tasks import TaskStatus
from engine.ports import MessageFilter, Store, TaskFilter
from engine.runtime.advance import Advance
from engine.store.memory import MemoryStore
from engine.store.sqlite import SqliteStore
from tests.decide.test_events_and_tasks import CALL, END, ENTERS, EVENTS, THANKS, opened
from tests.support import event, local, program_of, purchase, write_project


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore(keep_log=True) if request.param == "memory" else SqliteStore(tmp_path / "milepost.db")


def test_an_event_that_a_journey_makes_is_logged_with_what_made_it(store: Store, tmp_path: Path) -> None:
    program = program_of(write_project(tmp_path / "p", {"enters": ENTERS, "thanks": THANKS}, files=EVENTS))
    advance = Advance(program, store, Identification(), None)
    advance.take([purchase("2025-03-01 10:00")])
    advance.catch_up(local(END))
    [row] = store.messages(MessageFilter())
    logged = store.events_of(row.message.customer_id)
    assert [one.event.type for one in logged] == ["purchase.recorded", "draw.entered"]
    sent_in_again = advance.take([logged[1].event])
    assert (sent_in_again.accepted, sent_in_again.duplicates) == (0, 1)
    advance.catch_up(local(END))
    assert len(list(store.messages(MessageFilter()))) == 1


def test_a_task_is_closed_by_the_event_that_names_it(store: Store, tmp_path: Path) -> None:
    program = program_of(write_project(tmp_path / "p", {"call": CALL}))
    advance = Advance(program, store, Identification(), None)
    advance.take([opened("2025-03-01 10:00")])
    [row] = store.tasks(TaskFilter())
    assert row.task.status is TaskStatus.OPEN
    at = "2025-03-01 16:00"
    done = event("task.done", at, mobile=None, plate=None, task_id=row.task.id, outcome="reached")
    advance.take([done])
    advance.catch_up(local(at))
    [row] = store.tasks(TaskFilter())
    assert (row.task.status, row.outcome, row.done_at) == (TaskStatus.DONE, "reached", local(at))
    [message] = store.messages(MessageFilter())
    assert message.message.step == "called"
    assert done.key in {one.event.key for one in store.events_of(row.task.customer_id)}


def test_what_fails_leaves_neither_task_nor_event(tmp_path: Path) -> None:
    store = MemoryStore(keep_log=True)
    program = program_of(write_project(tmp_path / "p", {"call": CALL}))
    advance = Advance(program, store, Identification(), None)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        advance.take([opened("2025-03-01 10:00")], beside=fail)
    assert store.tasks(TaskFilter()) == []
