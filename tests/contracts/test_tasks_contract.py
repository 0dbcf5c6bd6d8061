"""What every store promises of tasks (`engine/ports/store.py`)."""

from datetime import datetime

import pytest

from engine.model.tasks import Assignee, Task, TaskDone, TaskStatus
from engine.ports import Store, TaskFilter
from tests.contracts.samples import customer_id, day


def task(n: int, due: datetime | None = None, *, dealer: str | None = "d001", status: str = "open") -> Task:
    return Task(
        id=f"t{n}",
        name="call-back",
        journey="complaint-care",
        step="call-back",
        run=f"r{n}",
        customer_id=customer_id(n),
        customer=f"+{n}",
        vehicle=None,
        assignee=Assignee.HEADQUARTERS if dealer is None else Assignee.DEALER,
        dealer=dealer,
        brand="michelin",
        status=TaskStatus(status),
        at=day(n),
        due_at=due,
        script="Ask how it went; 您好",
    )


def ids(store: Store, **filters: object) -> list[str]:
    return [row.task.id for row in store.tasks(TaskFilter(**filters))]  # type: ignore[arg-type]


def test_tasks_are_listed_those_due_first(store: Store) -> None:
    with store.unit() as unit:
        unit.add_tasks([task(1), task(2, day(9)), task(3, day(5)), task(0)])
    assert ids(store) == ["t3", "t2", "t0", "t1"]
    assert [row.task for row in store.tasks(TaskFilter(), 1)] == [task(3, day(5))]


def test_tasks_are_found_by_what_they_are(store: Store) -> None:
    with store.unit() as unit:
        unit.add_tasks([task(1), task(2, dealer="d002"), task(3, dealer=None), task(4, status="skipped")])
    assert ids(store, statuses=frozenset({TaskStatus.OPEN})) == ["t1", "t2", "t3"]
    assert ids(store, assignee="headquarters") == ["t3"]
    assert ids(store, dealer="d002") == ["t2"]
    assert ids(store, customer_id=customer_id(4)) == ["t4"]
    assert ids(store, journey="welcome-pack") == []


def test_a_task_that_is_there_is_left_as_it_is(store: Store) -> None:
    for due in (day(5), day(9)):
        with store.unit() as unit:
            unit.add_tasks([task(1, due)])
    assert [row.task.due_at for row in store.tasks(TaskFilter())] == [day(5)]


def test_a_task_is_done_once(store: Store) -> None:
    with store.unit() as unit:
        unit.add_tasks([task(1), task(2, status="skipped")])
        unit.finish_tasks([TaskDone("t1", "reached", day(3)), TaskDone("t1", "reached again", day(4))])
    with store.unit() as unit:
        unit.finish_tasks([TaskDone(one, "once more", day(5)) for one in ("t1", "t2", "t3")])
    [first, second] = store.tasks(TaskFilter())
    assert (first.task.status, first.outcome, first.done_at) == (TaskStatus.DONE, "reached", day(3))
    assert (second.task.status, second.outcome, second.done_at) == (TaskStatus.SKIPPED, "", None)


def test_a_task_leads_to_its_customer(store: Store) -> None:
    with store.unit() as unit:
        unit.add_tasks([task(1)])
        assert unit.task_owners(["t1", "t2"]) == {"t1": customer_id(1)}
        assert unit.task_owners([]) == {}


def test_a_unit_that_ends_by_an_exception_leaves_no_task(store: Store) -> None:
    with store.unit() as unit:
        unit.add_tasks([task(1)])
    with pytest.raises(KeyError), store.unit() as unit:
        unit.add_tasks([task(2)])
        unit.finish_tasks([TaskDone("t1", "reached", day(3))])
        raise KeyError
    assert [(row.task.id, row.task.status) for row in store.tasks(TaskFilter())] == [("t1", "open")]
