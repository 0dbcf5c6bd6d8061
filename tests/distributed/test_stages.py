"""The stages of the stream on a real database: what they hand on, set aside, and agree on with others."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from threading import Thread

import pytest
from msgspec.structs import replace

from engine.bus.metrics import PrometheusMetrics
from engine.intake.identify import Identification
from engine.intake.parse import Parser, joined
from engine.model.customer import Customer
from engine.model.diagnostics import Rejection
from engine.model.events import Event, from_cloud_event, to_cloud_event
from engine.model.ids import derive
from engine.model.messages import Status
from engine.model.partitions import partition_of
from engine.model.program import Program
from engine.model.suppression import Cause
from engine.ports import Fenced, MessageFilter, Progress
from engine.ports.bus import Produced, Record
from engine.ports.errors import TryAgain
from engine.runtime.advance import Advance
from engine.runtime.fan_outs import CHUNK
from engine.runtime.stages import EventsStage, InboxStage, Topics, Watermark
from engine.runtime.stages import events as stages_events
from engine.store.postgres import PostgresStore, migrate
from tests.contracts.samples import day, message
from tests.distributed.due import NoMetrics, Stopped
from tests.distributed.history import CARE
from tests.services.database import Postgres
from tests.support import event, local, program_of, purchase, write_project

TOPICS = Topics()
BOUGHT = purchase("2025-03-01 10:00", 50_000)


@pytest.fixture
def store(postgres: Postgres) -> Iterator[PostgresStore]:
    url = postgres.url("stages")
    migrate(url)
    made = PostgresStore.open(url, partitions=4)
    yield made
    made.close()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return program_of(write_project(tmp_path_factory.mktemp("project"), CARE), drafts=False)


def inbox_on(store: PostgresStore) -> InboxStage:
    parser = Parser()

    def parse(value: bytes, file: str, line: int) -> Event | Rejection:
        parsed = parser.parse(value, file, line)
        return parsed if isinstance(parsed, Event) else joined(parsed)

    stage = InboxStage(parse, Identification(), store, TOPICS, None)
    stage.assigned(0)
    return stage


def events_on(
    store: PostgresStore,
    program: Program,
    owner: str = "a",
    on_owned: Callable[[Mapping[int, int]], None] = lambda _tokens: None,
) -> EventsStage:
    return EventsStage(
        lambda share: Advance(program, share, Identification(), None, leads=False),
        store,
        owner,
        TOPICS,
        NoMetrics(),  # type: ignore[arg-type]
        on_owned=on_owned,
    )


def records(topic: str, *values: bytes, first: int = 0) -> list[Record]:
    return [Record(topic, 0, first + n, b"k", value, (), 0) for n, value in enumerate(values)]


def log(produced: Sequence[Produced]) -> list[Record]:
    """What was handed on, as the next stage reads it."""
    return records(TOPICS.events, *(one.value for one in produced if one.topic == TOPICS.events))


def test_partitions_that_come_at_the_same_moment_are_all_told_of(
    store: PostgresStore, program: Program
) -> None:
    """While one is being told of, the next comes, in a thread of its own."""
    told: list[set[int]] = []
    second = Thread(target=lambda: stage.assigned(1))

    def on_owned(tokens: Mapping[int, int]) -> None:
        if not second.ident:
            second.start()
            second.join(0.5)  # it goes no further than it may
        told.append(set(tokens))

    stage = events_on(store, program, on_owned=on_owned)
    stage.assigned(0)
    second.join()
    assert told == [{0}, {0, 1}]


def test_what_is_right_is_handed_on_under_the_customers_id(store: PostgresStore) -> None:
    visit = purchase("2025-03-05 10:00", 50_500)
    first, second = inbox_on(store).handle(
        0, records(TOPICS.inbox, to_cloud_event(BOUGHT), to_cloud_event(visit))
    )
    assert from_cloud_event(first.value) == BOUGHT
    assert first.key == second.key
    assert json.loads(first.value)["specversion"] == "1.0"


def test_what_is_wrong_is_kept_and_told_with_the_reason(store: PostgresStore) -> None:
    broken = to_cloud_event(BOUGHT).replace(b"purchase.recorded", b"purchase.recroded")
    [refused] = inbox_on(store).handle(0, records(TOPICS.inbox, broken, first=7))
    headers = dict(refused.headers)
    assert (refused.topic, refused.key, refused.value) == (TOPICS.rejected, b"k", broken)
    assert headers["milepost-field"] == b"type"
    assert headers["milepost-origin"] == b"care.inbox/0/7"
    assert b"purchase.recorded" in (headers["milepost-reason"] or b"")
    [row] = store.rejections()
    assert (row.raw, row.line) == (broken, 7)


def test_two_workers_that_meet_the_same_person_agree_on_one_id(store: PostgresStore) -> None:
    """The later event of the two is at hand first."""
    later = purchase("2025-03-05 10:00", 50_500)
    keys = {
        inbox_on(store).handle(0, records(TOPICS.inbox, to_cloud_event(one)))[0].key
        for one in (later, BOUGHT, later)
    }
    assert len(keys) == 1


def test_ids_learned_meanwhile_are_asked_for_again(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_worker() -> None:
        with store.unit() as unit:
            unit.learn_new({("mobile", "+8613800000001"): "somebody"})

    stage = inbox_on(store)
    asked = Identification.identify

    def meanwhile(self: Identification, *given: object) -> object:
        monkeypatch.undo()
        other = Thread(target=another_worker)
        other.start()
        other.join()
        return asked(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Identification, "identify", meanwhile)
    with pytest.raises(TryAgain):
        stage.handle(0, records(TOPICS.inbox, to_cloud_event(BOUGHT)))
    [again] = stage.handle(0, records(TOPICS.inbox, to_cloud_event(BOUGHT)))
    assert again.key == b"somebody"


def test_a_batch_comes_twice_and_counts_once(store: PostgresStore, program: Program) -> None:
    handed_on = log(inbox_on(store).handle(0, records(TOPICS.inbox, to_cloud_event(BOUGHT))))
    stage = events_on(store, program)
    stage.assigned(0)
    stage.handle(0, handed_on)
    stage.handle(0, handed_on)
    [customer] = store.find([("mobile", "+8613800000001")])
    assert customer.counts == {"purchase.recorded": 1}
    assert store.progress("events") == {0: Progress(1, BOUGHT.arrived)}


def test_a_worker_that_was_taken_for_dead_does_no_harm(store: PostgresStore, program: Program) -> None:
    handed_on = log(inbox_on(store).handle(0, records(TOPICS.inbox, to_cloud_event(BOUGHT))))
    former, present = events_on(store, program, "former"), events_on(store, program, "present")
    former.assigned(0)
    present.assigned(0)
    with pytest.raises(Fenced):
        former.handle(0, handed_on)
    assert store.find([("mobile", "+8613800000001")]) == []
    assert list(present.handle(0, handed_on)) == []


def test_what_is_no_event_is_set_aside_and_the_partition_goes_on(
    store: PostgresStore, program: Program
) -> None:
    stage = events_on(store, program)
    stage.assigned(0)
    [refused] = stage.handle(0, records(TOPICS.events, b"not an event", to_cloud_event(BOUGHT)))
    assert refused.topic == TOPICS.rejected
    assert len(store.find([("mobile", "+8613800000001")])) == 1


class Ends:
    """Where the topics end."""

    def __init__(self) -> None:
        self.of: dict[str, dict[int, int]] = {TOPICS.inbox: {}, TOPICS.events: {}}

    def __call__(self, topic: str) -> dict[int, int]:
        return self.of[topic]


def test_time_passes_for_all_only_when_all_is_decided(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runtime.stages.watermark.FRESH_S", -1.0)
    ends, noon = Ends(), local("2025-03-01 12:00")
    watermark = Watermark(store, ends, TOPICS)
    assert watermark.reached() is None

    def progressed(stage: str, partition: int, offset: int, hours: int) -> None:
        with store.unit() as unit:
            unit.progressed(stage, partition, Progress(offset, noon + timedelta(hours=hours)))

    ends.of = {TOPICS.inbox: {0: 5, 1: 5, 2: 0, 3: 0}, TOPICS.events: {0: 0, 1: 0, 2: 0, 3: 0}}
    progressed("inbox", 0, 5, 4)
    progressed("inbox", 1, 3, 2)  # two are still to come in it, none of which arrived earlier
    ends.of[TOPICS.events] = {0: 8, 1: 0, 2: 0, 3: 0}
    assert watermark.reached() is None  # what was handed on is not decided yet
    progressed("events", 0, 8, 4)
    assert watermark.reached() == noon + timedelta(hours=2)
    progressed("inbox", 1, 5, 3)
    ends.of[TOPICS.events] = {0: 9, 1: 1, 2: 0, 3: 0}
    for _ in range(2):
        assert watermark.reached() == noon + timedelta(hours=2)
    progressed("events", 0, 9, 4)
    progressed("events", 1, 1, 3)
    assert watermark.reached() == noon + timedelta(hours=4)
    assert watermark.drained


def test_time_stands_still_while_a_partitions_end_is_not_known(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that has just come back tells of some partitions only."""
    monkeypatch.setattr("engine.runtime.stages.watermark.FRESH_S", -1.0)
    ends = Ends()
    ends.of = {TOPICS.inbox: {0: 1, 1: 0, 2: 0}, TOPICS.events: {0: 1, 1: 0, 2: 0, 3: 0}}
    watermark = Watermark(store, ends, TOPICS)
    with store.unit() as unit:
        unit.progressed("inbox", 0, Progress(1, BOUGHT.arrived))
        unit.progressed("events", 0, Progress(1, BOUGHT.arrived))
    assert [watermark.reached() for _ in range(3)] == [None, None, None]
    ends.of[TOPICS.inbox] = {0: 1, 1: 0, 2: 0, 3: 0}
    assert [watermark.reached() for _ in range(2)] == [None, BOUGHT.arrived]


def test_how_many_are_overdue_is_told_until_nobody_is(
    store: PostgresStore, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages_events, "CATCH_UP_S", 0.0)
    now = local("2025-03-20 12:00")
    ids = [one for n in range(9 * CHUNK) if partition_of(one := derive("customer", str(n)), 4) == 0]
    with store.unit() as unit:
        unit.put(Customer(id=one, next_due_at=now - timedelta(days=1)) for one in ids)
    metrics = PrometheusMetrics()
    stage = EventsStage(
        lambda share: Advance(program, share, Identification(), Stopped(now), leads=False),
        store,
        "a",
        TOPICS,
        metrics,
    )
    stage.assigned(0)
    told = []
    while stage.idle(0).more:
        told.append(overdue(metrics))
    assert told[0] == len(ids) - CHUNK
    assert told == sorted(told, reverse=True)
    assert overdue(metrics) == 0


def overdue(metrics: PrometheusMetrics) -> float:
    [line] = [one for one in metrics.page().decode().splitlines() if one.startswith("milepost_due_overdue{")]
    return float(line.rpartition(" ")[2])


# Receipts


def receipt(message_id: str, kind: str = "bounced") -> Event:
    return Event(
        source="/providers/sendgrid",
        id=f"{kind} {message_id}",
        type=f"message.{kind}",
        time=BOUGHT.time + timedelta(days=1),
        data={"message_id": message_id},
    )


def test_a_receipt_goes_to_its_messages_customer_and_is_taken_in_there(
    store: PostgresStore, program: Program
) -> None:
    [handed_on] = inbox_on(store).handle(0, records(TOPICS.inbox, to_cloud_event(BOUGHT)))
    customer_id = (handed_on.key or b"").decode()
    part = partition_of(customer_id, 4)
    stage = events_on(store, program)
    stage.assigned(part)
    stage.handle(part, log([handed_on]))
    sent = message(1, customer_id=customer_id, channel="sms")
    with store.unit() as unit:
        unit.add_messages([sent])
    store.settle(
        replace(row, message=replace(row.message, status=Status.SENT)) for row in store.claim(day(99), 9)
    )
    [told] = inbox_on(store).handle(0, records(TOPICS.inbox, to_cloud_event(receipt(sent.id))))
    assert told.key == handed_on.key
    for _ in range(2):  # it may come twice
        assert list(stage.handle(part, log([told]))) == []
    [row] = store.messages(MessageFilter(ids=frozenset({sent.id})))
    assert row.message.status is Status.BOUNCED
    assert [one.cause for one in store.suppressions()] == [Cause.BOUNCED]
    assert not store.customers([customer_id])[customer_id].consents["sms/all"].granted
    share = store.share({part: store.take_over(part, "the announcer")})
    assert "bounced" in [one.message.status for one in share.announcements(99)]
    assert [one.event.type for one in share.published(9)] == ["consent.withdrawn"]


def test_a_receipt_for_no_message_is_refused_and_not_handed_on(
    store: PostgresStore, program: Program
) -> None:
    lost = to_cloud_event(receipt("f" * 32))
    [refused, bought] = inbox_on(store).handle(
        0, records(TOPICS.inbox, lost, to_cloud_event(BOUGHT), first=3)
    )
    assert (refused.topic, refused.value) == (TOPICS.rejected, lost)
    assert dict(refused.headers)["milepost-field"] == b"data.message_id"
    assert bought.topic == TOPICS.events
    [row] = store.rejections()
    assert (row.raw, row.line, row.status) == (lost, 3, "open")
    stage = events_on(store, program)
    stage.assigned(0)
    [also] = stage.handle(0, records(TOPICS.events, lost))
    assert also.topic == TOPICS.rejected


def test_what_is_said_by_a_messages_link_goes_to_its_customer_whomever_it_names(store: PostgresStore) -> None:
    sent = message(1, channel="sms")
    with store.unit() as unit:
        unit.add_messages([sent])
    told = {"channel": "sms", "purpose": "all", "message_id": sent.id}
    said = event("consent.withdrawn", "2025-03-09 10:00", mobile="+8613800000077", plate=None, **told)
    [handed_on] = inbox_on(store).handle(0, records(TOPICS.inbox, to_cloud_event(said)))
    assert (handed_on.key or b"").decode() == sent.customer_id
    assert store.find([("mobile", "+8613800000077")]) == []
