"""What operators and other systems see of a worker that is a real process: what it announces, what it sets aside and
takes in again."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient

from engine.model.messages import Status
from engine.model.suppression import Cause
from engine.ports import MessageFilter
from engine.runtime.stages import Topics
from engine.store.postgres import PostgresStore
from tests.bus.world import until
from tests.cli.sites import line, write_lines
from tests.distributed.world import PARTITIONS, Worker, World
from tests.services.broker import Kafka
from tests.services.database import Postgres
from tests.support import ROOT

POISON = Path(__file__).parent / "poison"
AT_ONCE = {
    "hello": "purpose: care\nstart: {on: purchase.recorded, per: vehicle}\n"
    "steps:\n  - send: hello\n    by: [sms, email]\n"
}
AGREED = [{"channel": "sms", "purpose": "care", "granted": True}]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, kafka: Kafka, postgres: Postgres) -> World:
    folder = tmp_path_factory.mktemp("outside")
    return World(folder, kafka, postgres, "outside", journeys=AT_ONCE, MILEPOST_CLOCK="real")


@pytest.fixture(scope="module")
def store(world: World) -> Iterator[PostgresStore]:
    """To look into."""
    made = PostgresStore.open(world.settings["MILEPOST_DATABASE_URL"], partitions=PARTITIONS)
    yield made
    made.close()


@pytest.fixture(scope="module")
def worker(world: World) -> Iterator[Worker]:
    """A worker as it should be; to be started, or running already."""
    made = world.worker(1)
    yield made
    made.end()


@pytest.fixture
def start(world: World) -> Iterator[Callable[..., Worker]]:
    """Starts a worker that is not, by these settings."""
    started: list[Worker] = []

    def begun(**settings: str) -> Worker:
        kept = dict(world.settings)
        world.settings.update(settings)
        one = world.worker(2 + len(started))
        started.append(one)
        one.start()
        world.settings.clear()
        world.settings.update(kept)
        return one

    yield begun
    for one in started:
        one.end()


def send(world: World, *lines: Mapping[str, Any]) -> None:
    now = datetime.now(UTC).isoformat()
    file = write_lines(world.folder / "events.jsonl", [{**one, "time": now} for one in lines])
    world.run("send", file)


def bought(number: int, amount: int = 100, *, agreed: bool = True) -> dict[str, Any]:
    return line(number, amount=amount, consent=AGREED if agreed else [])


def decided(store: PostgresStore) -> int:
    return len(list(store.messages(MessageFilter())))


def announced(world: World) -> dict[str, dict[str, Any]]:
    """What was told, by the ids of the records; told twice it must be the same."""
    found: dict[str, dict[str, Any]] = {}
    for record in world.records("care.messages"):
        event = json.loads(record.value)
        assert record.key.decode() == event["data"]["customer_id"]
        assert found.setdefault(event["id"], event) == event
    return found


def test_what_became_of_messages_is_told_though_the_worker_is_killed_while_it_tells(
    world: World, worker: Worker, start: Callable[..., Worker]
) -> None:
    send(world, bought(1), bought(2, agreed=False), bought(3))
    dying = start(MILEPOST_CRASH_AT="announcer.2")
    until(lambda: dying.log().count('"code": 137'), "a worker that was killed when it had told")
    dying.stop()
    told_before = len(world.records("care.messages"))
    worker.start()
    until(lambda: worker.metric("milepost_announced_total") >= 3)
    assert len(world.records("care.messages")) > told_before > 0
    told = announced(world)
    outcomes = {(one["subject"], one["data"]["status"], one["data"]["reason"]) for one in told.values()}
    assert len(told) == len(outcomes) == 3
    assert outcomes == {(row["message_id"], row["status"], row["reason"]) for row in world.ledger()}
    assert {status for _, status, _ in outcomes} == {"sent", "skipped"}


def test_a_line_that_was_refused_is_mended_and_goes_the_way_of_all(
    world: World, store: PostgresStore, worker: Worker
) -> None:
    before = decided(store)
    now = datetime.now(UTC).isoformat()
    file = write_lines(world.folder / "broken.jsonl", [{**bought(7), "time": "yesterday"}])
    world.run("send", "--unchecked", file)
    if not worker.running:
        worker.start()
    [kept] = until(lambda: list(store.rejections()))
    mended = write_lines(world.folder / "mended.json", [{**bought(7), "time": now}])
    done = world.run("rejected", "retry", kept.id, "--mended", mended)
    assert done.stdout == "1 tried, 1 sent to the inbox, 0 refused again\n"
    until(lambda: not list(store.rejections()))
    until(lambda: decided(store) == before + 1)
    world.run("send", "--unchecked", file)  # the broken one again: it was mended, and stays so
    until(lambda: len(world.records("care.rejected")) == 2)
    assert list(store.rejections()) == []


def test_an_event_at_which_the_decision_raises_is_set_aside_and_taken_in_once_the_cause_is_gone(
    world: World, store: PostgresStore, worker: Worker, start: Callable[..., Worker]
) -> None:
    worker.stop()
    before, refused = decided(store), len(world.records("care.rejected"))
    faulty = start(PYTHONPATH=f"{POISON}:{ROOT}")
    send(world, bought(4), bought(5, amount=13), bought(6))
    until(lambda: decided(store) == before + 2, "the others are decided")
    until(lambda: faulty.metric("milepost_set_aside_total") == 1)
    [kept] = store.rejections()
    assert kept.reason == "the decision failed: ZeroDivisionError at sitecustomize.py:18"
    [*_, record] = until(lambda: len(found := world.records("care.rejected")) > refused and found)
    headers = dict(record.headers)
    assert headers["milepost-reason"].decode() == kept.reason
    assert headers["milepost-origin"].startswith(b"outside.care.events/")
    assert b"Traceback" in headers["milepost-trace"]
    assert b"of \xe7\x8e\x8b\xe8\x8a\xb3" in headers["milepost-trace"]
    assert json.loads(record.value)["data"]["amount"] == 13
    assert "王芳" not in faulty.log()

    again = json.loads(world.run("rejected", "retry", "--format", "json").stdout)
    assert (again["retried"], again["sent"], again["rejected"]) == (1, 1, 0)
    until(lambda: faulty.metric("milepost_set_aside_total") == 2, "the cause is still there")
    assert list(store.rejections()) == [kept]
    faulty.stop()

    worker.start()
    for _ in range(2):  # twice is once
        world.run("rejected", "retry", kept.id, check=False)
    until(lambda: not list(store.rejections()))
    assert kept.id in {one.id for one in store.rejections("retried")}
    until(lambda: decided(store) == before + 3)
    shown = world.run("rejected", "show", kept.id).stdout
    (world.folder / "event.jsonl").write_text(shown, "utf-8")
    world.run("send", world.folder / "event.jsonl")
    until(lambda: worker.metric("milepost_events_total") >= 2)
    assert decided(store) == before + 3


def test_a_database_that_is_away_is_waited_for_by_the_same_worker_which_says_so(
    world: World, store: PostgresStore, worker: Worker, postgres: Postgres
) -> None:
    if not worker.running:
        worker.start()
    until(lambda: worker.page("/health/ready")[0] == 200)
    process, before = worker.child(), decided(store)
    postgres.stop()
    send(world, bought(8), bought(9))
    _, said = until(lambda: (page := worker.page("/health/ready"))[0] == 503 and page)
    assert "The database postgresql://milepost@" in said
    until(lambda: "waits, and is tried again: The database" in worker.log())
    postgres.start()
    until(lambda: decided(store) == before + 2)
    until(lambda: worker.page("/health/ready") == (200, "ready\n"))
    until(
        lambda: (
            "sent" in (found := {row["status"] for row in world.ledger()}) and found <= {"sent", "skipped"}
        )
    )
    assert worker.child() == process is not None
    assert worker.log().count("is started again") == 0
    until(lambda: len({one["subject"] for one in announced(world).values()}) == before + 2)


def test_topics_that_were_made_anew_are_read_from_their_beginning(
    world: World, store: PostgresStore, worker: Worker
) -> None:
    """A broker's disk was lost, and dealers went on sending: more than had been done in the topics before."""
    if not worker.running:
        worker.start()
    begun = decided(store)
    send(world, bought(99))
    until(lambda: decided(store) > begun)  # the worker has read, so it has noted what it reads from
    worker.stop()
    before = decided(store)
    admin = KafkaAdminClient(bootstrap_servers=world.kafka.bootstrap)
    admin.delete_topics([world.settings["MILEPOST_KAFKA_PREFIX"] + name for name in Topics()])
    until(lambda: "care.inbox: made" in world.run("topics", check=False).stdout)
    admin.close()
    send(world, *(bought(number) for number in range(100, 300)))
    worker.start()
    until(lambda: decided(store) == before + 200)
    assert worker.log().count("was made anew") == 2


def test_a_bounce_settles_the_message_withdraws_the_consent_and_others_are_told(
    world: World, store: PostgresStore, worker: Worker
) -> None:
    if not worker.running:
        worker.start()
    [sent] = until(
        lambda: list(store.messages(MessageFilter(statuses=frozenset({Status.SENT}), journey="hello")))[:1]
    )
    bounce = {
        "specversion": "1.0",
        "id": "b-1",
        "source": "/providers/sms",
        "type": "message.bounced",
        "time": datetime.now(UTC).isoformat(),
        "data": {"message_id": sent.message.id, "reason": "absent subscriber"},
    }
    unknown = {**bounce, "id": "b-2", "data": {"message_id": "f" * 32}}
    file = write_lines(world.folder / "receipts.jsonl", [bounce, unknown, bounce])
    world.run("send", file)
    until(lambda: list(store.messages(MessageFilter(statuses=frozenset({Status.BOUNCED})))))
    assert [row.cause for row in store.suppressions()] == [Cause.BOUNCED]
    customer = store.customers([sent.message.customer_id])[sent.message.customer_id]
    assert not customer.consents["sms/all"].granted
    until(lambda: (sent.message.id, "bounced") in settled_as(world))
    [withdrawn] = until(lambda: logged(world, "consent.withdrawn"))
    assert withdrawn["source"] == "/receipts"
    assert "data.message_id" in until(lambda: [row.field for row in store.rejections()])


def settled_as(world: World) -> set[tuple[str, str]]:
    return {(one["subject"], one["data"]["status"]) for one in announced(world).values()}


def logged(world: World, kind: str) -> list[dict[str, Any]]:
    found = [json.loads(record.value) for record in world.records("care.events")]
    return [one for one in found if one["type"] == kind]
