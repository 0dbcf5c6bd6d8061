"""What of the language crosses the broker: tasks that are closed by events, events that journeys make, warnings about a
place that all partitions must hear; and other journeys, put in force while workers work."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.model.messages import Status
from engine.model.tasks import Task, TaskStatus
from engine.ports import MessageFilter, TaskFilter
from engine.store.postgres import PostgresStore
from tests.bus.world import until
from tests.cli.sites import line, write_lines
from tests.distributed.history import OWN_EVENTS
from tests.distributed.world import PARTITIONS, Worker, World
from tests.services.broker import Kafka
from tests.services.database import Postgres
from tests.support import POLICY, write_project

JOURNEYS = {
    "complaint": """\
        purpose: service
        start: {on: complaint.opened, per: event.complaint_id}
        steps:
          - task: call-back
            for: dealer
          - wait_for: task.done
            within: 3 days
            then:
              - send: hello
                by: sms
                with: {said: "{{ event.complaint_id }}"}
              - emit: club.joined
                with: {visits: 3}
        """,
    "club": """\
        purpose: service
        start: {on: club.joined, again: once}
        steps:
          - send: hello
            by: email
        """,
    "storm": """\
        purpose: safety
        start: {on: weather.warning, audience: customer.address.city == event.city}
        steps:
          - send: hello
            by: sms
        """,
}
HELLO = """\
    purpose: service
    start: {on: customer.registered, when: customer.address.city == '广州市'}
    steps: [{send: hello, by: sms}]
    """
SAFETY = "  safety: {consent: assumed, ignores: [caps]}\n"
NOW = datetime.now(UTC).isoformat()


pytestmark = pytest.mark.xdist_group("language")  # one world for all of them


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, kafka: Kafka, postgres: Postgres) -> World:
    folder = tmp_path_factory.mktemp("language")
    files = {"journeys/events.yaml": OWN_EVENTS}
    return World(
        folder,
        kafka,
        postgres,
        "language",
        journeys=JOURNEYS,
        policy=POLICY + SAFETY,
        files=files,
        MILEPOST_CLOCK="real",
    )


@pytest.fixture(scope="module")
def store(world: World) -> Iterator[PostgresStore]:
    """To look into."""
    made = PostgresStore.open(world.settings["MILEPOST_DATABASE_URL"], partitions=PARTITIONS)
    yield made
    made.close()


@pytest.fixture(scope="module")
def workers(world: World) -> Iterator[list[Worker]]:
    made = [world.worker(number) for number in (1, 2)]
    for one in made:
        one.start()
    yield made
    for one in made:
        one.end()


def send(world: World, *lines: dict[str, Any]) -> None:
    world.run("send", write_lines(world.folder / "events.jsonl", lines))


def event(name: str, of: str, **data: Any) -> dict[str, Any]:
    return {**line(0), "id": name, "type": of, "time": NOW, "data": {"dealer": "d001", **data}}


def lives_in(number: int, city: str) -> dict[str, Any]:
    customer = {"mobile": f"1390000{number:04}", "address": {"line": "幸福路1号", "city": city}}
    return event(f"card-{number}", "customer.registered", origin="registration-card", customer=customer)


def tasks(store: PostgresStore) -> list[Task]:
    """Those that are open."""
    return [row.task for row in store.tasks(TaskFilter(statuses=frozenset({TaskStatus.OPEN})), None)]


def sent(store: PostgresStore, journey: str) -> list[str]:
    """To whom."""
    which = MessageFilter(journey=journey, statuses=frozenset({Status.SENT}))
    return [row.message.customer for row in store.messages(which)]


def told_tasks(world: World, status: str) -> list[dict[str, Any]]:
    told = world.run("tasks", "--format", "jsonl", "--status", status).stdout
    return [json.loads(one) for one in told.splitlines()]


@pytest.mark.usefixtures("workers")
def test_a_task_that_is_done_moves_its_customer_on_and_what_that_emits_is_told_to_all(
    world: World, store: PostgresStore
) -> None:
    who = {"mobile": "13800000001", "email": "w@example.cn"}
    send(world, event("c1", "complaint.opened", customer=who, complaint_id="k-1"))
    until(lambda: tasks(store))
    (task,) = told_tasks(world, "open")
    assert (task["task"], task["dealer"], task["customer"]) == ("call-back", "d001", "+8613800000001")
    done = event("t1", "task.done", task_id=task["task_id"], outcome="reached")
    done["time"] = datetime.now(UTC).isoformat()
    send(world, done)
    until(lambda: not tasks(store))
    (closed,) = told_tasks(world, "done")
    assert (closed["task_id"], closed["outcome"]) == (task["task_id"], "reached")
    until(lambda: sent(store, "complaint") and sent(store, "club"))
    made = until(
        lambda: [one for one in world.records("care.events") if b'"club.joined"' in one.value], "its event"
    )
    told = {(one.key, json.loads(one.value)["id"]) for one in made}
    assert len(told) == 1, "twice at most under one id"
    assert json.loads(made[0].value)["source"] == "/journeys/complaint"
    send(world, done)  # says nothing new
    send(world, event("c2", "complaint.opened", customer=who, complaint_id="k-2"))
    until(lambda: len(tasks(store)) == 1)
    assert len(sent(store, "complaint")) == len(sent(store, "club")) == 1


def test_a_warning_reaches_everybody_of_the_city_in_whatever_partition_once(
    world: World, store: PostgresStore, workers: list[Worker]
) -> None:
    send(world, *(lives_in(number, "上海市" if number % 3 else "北京市") for number in range(60)))
    until(lambda: sum(one.metric("milepost_events_total") for one in workers) >= 60)
    send(world, event("w1", "weather.warning", city="上海市", kind="typhoon", level="red"))
    send(world, event("w1", "weather.warning", city="上海市", kind="typhoon", level="red"))
    reached = until(lambda: len(found := sent(store, "storm")) >= 40 and found)
    assert sorted(reached) == [f"+861390000{one:04}" for one in range(60) if one % 3]
    send(world, event("w2", "weather.warning", city="北京市", kind="snow", level="yellow"))
    until(lambda: len(sent(store, "storm")) == 60)
    assert len(set(sent(store, "storm"))) == 60


def complain(world: World, store: PostgresStore, number: int) -> Task:
    """Customer `number` does; the task that follows from it."""
    who = {"mobile": f"1380000000{number}", "email": f"c{number}@example.cn"}
    send(world, event(f"c{number}", "complaint.opened", customer=who, complaint_id=f"k-{number}"))
    contact = f"+861380000000{number}"
    (task,) = until(lambda: [one for one in tasks(store) if one.customer == contact])
    return task


def finish(world: World, task: Task) -> None:
    done = event(f"done-{task.id}", "task.done", task_id=task.id, outcome="reached")
    send(world, {**done, "time": datetime.now(UTC).isoformat()})


def test_other_journeys_come_into_force_under_workers_that_go_on(
    world: World, store: PostgresStore, workers: list[Worker]
) -> None:
    def channels() -> dict[str | None, str | None]:
        which = MessageFilter(journey="complaint", statuses=frozenset({Status.SENT}))
        return {row.message.customer: row.message.channel for row in store.messages(which)}

    early, late = complain(world, store, 6), complain(world, store, 7)
    before = [until(one.child) for one in workers]
    finish(world, early)
    until(lambda: channels().get(early.customer) == "sms")
    by_email = {
        **JOURNEYS,
        "complaint": JOURNEYS["complaint"].replace("by: sms", "by: email"),
        "hello": HELLO,
    }
    write_project(world.project, by_email, policy=POLICY + SAFETY)
    world.run("deploy", "--yes", "--note", "by email")
    send(world, lives_in(77, "广州市"))
    finish(world, late)
    until(lambda: sent(store, "hello") == ["+8613900000077"])
    until(lambda: late.customer in channels())
    assert channels()[late.customer] == "email", "a run under way goes on, by the new version"
    assert channels()[early.customer] == "sms"
    assert [one.child() for one in workers] == before
