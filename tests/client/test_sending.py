"""A dealer's event gets to the inbox as the contract has it, and the dealer's software can know."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Thread

import pytest
from kafka.partitioner import DefaultPartitioner

from engine.client import Client, Delivery, EventRefused, State
from engine.client.broker import ByKey
from engine.model.errors import ServiceUnavailable, UsageError
from tests.client.conftest import Connect
from tests.client.inboxes import PATIENCE_S, events_of, first_times, make_inbox, numbered, records_of
from tests.services.broker import Kafka

pytestmark = pytest.mark.xdist_group("kafka")


def test_an_event_is_whole_keyed_and_told_where_it_is(kafka: Kafka, prefix: str, connect: Connect) -> None:
    before = datetime.now(UTC)
    with connect() as milepost:
        delivery = milepost.send("purchase.recorded", numbered(1))
        assert delivery.wait(PATIENCE_S)
    [record] = records_of(kafka.bootstrap, prefix)
    assert (delivery.state, delivery.partition, delivery.offset) == (
        State.SENT,
        record.partition,
        record.offset,
    )
    assert record.key == b"+8613800000001"
    assert dict(record.headers)["content-type"].startswith(b"application/cloudevents+json")
    event = json.loads(record.value)
    assert (event["specversion"], event["source"], event["type"]) == (
        "1.0",
        "/dealers/d001",
        "purchase.recorded",
    )
    assert event["id"] == delivery.id
    assert event["data"] == numbered(1)
    for name in ("time", "recordedtime"):
        moment = datetime.fromisoformat(event[name])
        assert moment.tzinfo is not None
        assert before <= moment <= datetime.now(UTC)


def test_what_is_given_is_sent_as_given(kafka: Kafka, prefix: str, connect: Connect) -> None:
    happened = datetime(2025, 3, 8, 14, 20, tzinfo=UTC)
    with connect() as milepost:
        milepost.send(
            "purchase.recorded",
            numbered(1),
            id="invoice-7",
            time=happened,
            recordedtime="2025-03-09T08:00:00Z",
        )
    [event] = events_of(kafka.bootstrap, prefix)
    assert (event["id"], event["recordedtime"]) == ("invoice-7", "2025-03-09T08:00:00Z")
    assert datetime.fromisoformat(event["time"]) == happened


def test_a_raw_event_stays_as_it_is_byte_for_byte(kafka: Kafka, prefix: str, connect: Connect) -> None:
    raw = (
        '{ "specversion":"1.0","id":"1",  "source":"/other","type":"odometer.reported",'
        '"time":"2025-03-08T14:20:00+0800","data":{"vehicle":{"plate":"京a·12345","odometer_km":1.0}}}'
    ).encode()
    with connect() as milepost:
        milepost.send_raw(raw)
    [record] = records_of(kafka.bootstrap, prefix)
    assert (record.value, record.key) == (raw, "京A12345".encode())


def test_a_bad_event_is_refused_with_its_member_before_anything_is_sent(
    kafka: Kafka, prefix: str, connect: Connect
) -> None:
    with connect() as milepost:
        with pytest.raises(
            EventRefused, match=r"data\.tyres\[0\]\.quantity must be a whole number"
        ) as refused:
            milepost.send("purchase.recorded", {**numbered(1), "tyres": [{"quantity": "two"}]})
        assert [one.field for one in refused.value.rejections] == ["data.tyres[0].quantity"]
        for wrong, said in (
            ({"amount": float("nan")}, "data.amount is no number"),
            ({"work": {1, object()}}, "data cannot be written as JSON"),
            ({"customer": {"mobile": "12345"}}, "names who it is about"),
            ({"note": "x" * 1024 * 1024}, "longer than"),
        ):
            with pytest.raises(EventRefused, match=said):
                milepost.send("purchase.recorded", {**numbered(1), **wrong})
        with pytest.raises(EventRefused, match="no time zone"):
            milepost.send("purchase.recorded", numbered(1), time="2025-03-08T14:20:00")
        assert milepost.backlog.events == 0
    assert records_of(kafka.bootstrap, prefix) == []


def test_who_knows_better_sends_unchecked(kafka: Kafka, prefix: str, connect: Connect) -> None:
    with connect() as milepost:
        milepost.send("tyre.rotated", {"customer": {"email": "W@Example.cn"}}, id="1", check=False)
        milepost.send_raw(b"no JSON at all", check=False)
    assert {record.key: record.value[:14] for record in records_of(kafka.bootstrap, prefix)} == {
        b"w@example.cn": b'{"specversion"', None: b"no JSON at all",
    }  # fmt: skip


def test_the_dealer_is_told_of_what_could_not_be_used(connect: Connect) -> None:
    with connect() as milepost:
        data = {"customer": {"email": "w@example.cn", "mobile": "12345"}}
        delivery = milepost.send("customer.updated", data)
    assert [(one.field, one.reason) for one in delivery.notes] == [
        ("data.customer.mobile", "is no valid mobile number")
    ]


def test_the_partition_is_the_one_that_any_kafka_client_chooses() -> None:
    class Twelve:
        def topics(self) -> set[str]:
            return {"care.inbox"}

        def partitions_for_topic(self, topic: str) -> set[int]:
            return set(range(12))

        available_partitions_for_topic = partitions_for_topic

    chance = Random(7)
    for length in range(200):
        key = chance.randbytes(length)
        ours, usual = (
            one.partition("care.inbox", key, key, b"", b"", Twelve())
            for one in (ByKey(), DefaultPartitioner())
        )
        assert ours == usual


def test_a_customers_events_keep_their_order(kafka: Kafka, prefix: str, connect: Connect) -> None:
    with connect() as milepost, milepost.batch() as batch:
        for number in range(2000):
            batch.send("purchase.recorded", numbered(number))
    came = first_times(records_of(kafka.bootstrap, prefix))
    assert len(came) == 7
    for customer, numbers in enumerate(came[key] for key in sorted(came, key=str)):
        assert numbers == list(range(customer, 2000, 7))


def test_threads_may_share_a_client(kafka: Kafka, prefix: str, connect: Connect) -> None:
    def work(thread: int, milepost: Client) -> None:
        for number in range(thread, 200, 4):
            milepost.send("purchase.recorded", numbered(number, customers=4))

    with connect() as milepost:
        threads = [Thread(target=work, args=(thread, milepost)) for thread in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    came = first_times(records_of(kafka.bootstrap, prefix))
    assert sorted(came.values()) == [list(range(thread, 200, 4)) for thread in range(4)]


def test_callbacks_come_though_nobody_keeps_the_handle_and_do_no_harm_when_they_fail(
    connect: Connect,
) -> None:
    told: list[tuple[str, str]] = []

    def fail(delivery: Delivery) -> None:
        raise RuntimeError(delivery.id)

    with connect(on_delivery=lambda one: told.append(("all", one.id))) as milepost:
        for number in range(3):
            delivery = milepost.send("purchase.recorded", numbered(number), id=str(number))
            delivery.add_done_callback(fail)
            delivery.add_done_callback(lambda one: told.append(("one", one.id)))
            del delivery
        done = milepost.send("purchase.recorded", numbered(3), id="3")
        assert done.wait(PATIENCE_S)
        done.add_done_callback(lambda one: told.append(("late", one.id)))
    assert sorted(told) == sorted(
        [("all", str(number)) for number in range(4)]
        + [("one", str(number)) for number in range(3)]
        + [("late", "3")]
    )


def test_a_batch_is_in_the_spool_when_it_ends_whatever_ended_it(
    kafka: Kafka, prefix: str, connect: Connect
) -> None:
    milepost = connect()
    with pytest.raises(ZeroDivisionError), milepost.batch() as batch:
        first = batch.send("purchase.recorded", numbered(0))
        assert first.state is State.COLLECTED
        batch.keep()
        assert first.state is not State.COLLECTED
        batch.send("purchase.recorded", numbered(1))
        1 / 0  # noqa: B018
    assert not milepost.flush(PATIENCE_S)
    assert [one["data"]["number"] for one in events_of(kafka.bootstrap, prefix)] in ([0, 1], [1, 0])


def test_an_event_too_large_for_the_broker_is_set_aside_and_stops_no_other(
    kafka: Kafka, prefix: str, connect: Connect
) -> None:
    small = f"{prefix}small."
    make_inbox(kafka.bootstrap, small, **{"max.message.bytes": "20000"})
    milepost = connect(prefix=small)
    with milepost.batch() as batch:
        sent = [batch.send("purchase.recorded", numbered(number)) for number in range(100)]
        large = batch.send("purchase.recorded", {**numbered(100), "note": "x" * 30_000})
        sent += [batch.send("purchase.recorded", numbered(number)) for number in range(101, 200)]
    left = milepost.flush(PATIENCE_S)
    assert (left.events, left.refused) == (0, 1)
    assert large.state is State.REFUSED
    assert "size" in large.reason
    assert {one.state for one in sent} == {State.SENT}
    numbers = [one for one in range(200) if one != 100]
    came = first_times(records_of(kafka.bootstrap, small))
    assert sorted(came.values()) == [[one for one in numbers if one % 7 == customer] for customer in range(7)]
    milepost.close()
    assert connect(prefix=small).backlog.refused == 1


def test_settings_that_cannot_work_are_told_at_once(connect: Connect, tmp_path: Path) -> None:
    for bootstrap in ("", "127.0.0.1:x", ":9092,"):
        with pytest.raises(UsageError):
            connect(bootstrap=bootstrap)
    with pytest.raises(UsageError, match="too small"):
        connect(spool_limit_bytes=1000)
    (tmp_path / "file").touch()
    with pytest.raises(ServiceUnavailable, match="file"):
        connect(spool=tmp_path / "file")
    connect()
    with pytest.raises(ServiceUnavailable, match="Another process"):
        connect()


def test_a_closed_client_takes_nothing_and_says_so(connect: Connect) -> None:
    milepost = connect()
    milepost.close()
    milepost.close()
    with pytest.raises(UsageError, match="closed"):
        milepost.send("purchase.recorded", numbered(1), time=datetime.now(UTC) - timedelta(days=1))
