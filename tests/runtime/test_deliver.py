"""The sender: what becomes of a message, on a real database and real folders."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.model.customer import ConsentStatement
from engine.model.errors import DeliveryError, ServiceUnavailable, Unsettled
from engine.model.messages import Message, Reason, Status
from engine.ports import Answer, Channel, MessageFilter, MessageRow, Outgoing, Receipt, Store
from engine.runtime.deliver import Deliverer
from engine.runtime.deliver_outcomes import Counts, Retries
from engine.runtime.turns import FIRST_ROWS
from engine.store.sqlite import SqliteStore
from tests.contracts.samples import START, customer, customer_id, day, message
from tests.runtime.deliver_world import (
    FixedClock,
    PlainRenderer,
    Provider,
    deliverer,
    fill,
    folders,
    may_send,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = SqliteStore(tmp_path / "milepost.db")
    yield store
    store.close()


def rows(store: Store) -> list[MessageRow]:
    return list(store.messages(MessageFilter()))


def only(store: Store) -> MessageRow:
    [row] = rows(store)
    return row


def send(store: Store, channel: Channel, now: float = 1, retries: Retries | None = None) -> Counts:
    sender = Deliverer(
        store,
        PlainRenderer(),
        {channel.name: channel},
        may_send,
        FixedClock(day(now)),
        retries=retries or Retries(),
    )
    return sender.deliver_due(day(now))


# Sent


def test_everything_queued_is_sent_and_lies_in_its_folder(store: Store, tmp_path: Path) -> None:
    messages = fill(store, 2 * FIRST_ROWS + 7)
    sender = deliverer(store, folders(tmp_path), day(1))
    done = sender.deliver_due(day(1))
    assert done == Counts(claimed=207, sent=207)
    for row in rows(store):
        assert row.message.status is Status.SENT
        assert (row.attempts, row.sent_at, row.note) == (1, day(1), "")
        assert row.message.id in (tmp_path / row.place).read_bytes().decode() or row.place.endswith(".eml")
    assert {Path(row.place).stem for row in rows(store)} == {one.id for one in messages}
    assert not sender.deliver_due(day(1))


def test_a_limit_is_kept(store: Store, tmp_path: Path) -> None:
    fill(store, 20)
    sender = deliverer(store, folders(tmp_path), day(1))
    assert sender.deliver_due(day(1), 12).sent == 12
    assert sender.deliver_due(day(1), 12).sent == 8


def test_by_the_events_clock_a_message_goes_out_in_the_moment_it_was_decided_for(store: Store) -> None:
    fill(store, 1, channel="sms")
    asked = []

    def ask(_customer: object, _message: Message, now: object, _lately: object) -> None:
        asked.append(now)

    provider = Provider()
    sender = Deliverer(store, PlainRenderer(), {"sms": provider}, ask, None)
    assert sender.deliver_due(day(1000)).sent == 1
    assert asked == [START]
    assert only(store).sent_at == START


# Not sent


def test_a_consent_withdrawn_since_the_decision_counts(store: Store) -> None:
    fill(store, 2, channel="sms")
    with store.unit() as unit:
        unit.put([customer(0, consents={"letter/care": ConsentStatement(False, day(0.5), 2)})])
    provider = Provider()
    assert send(store, provider) == Counts(claimed=2, sent=1, skipped=1)
    assert provider.taken == [message(1).id]
    skipped = next(row for row in rows(store) if row.message.customer_id == customer_id(0))
    assert (skipped.message.status, skipped.message.reason) == (Status.SKIPPED, Reason.NO_CONSENT)


def test_a_message_past_its_time_is_skipped(store: Store) -> None:
    fill(store, 1, channel="sms")
    provider = Provider()
    assert send(store, provider, now=7.01).skipped == 1
    assert only(store).message.reason is Reason.TOO_LATE
    assert provider.taken == []


def test_nobody_left_to_ask_is_nobody_who_agreed(store: Store) -> None:
    with store.unit() as unit:
        unit.add_messages([message(1, channel="sms")])
    assert send(store, Provider()).skipped == 1


@pytest.mark.parametrize(
    ("template", "note"),
    [
        ("broken", "welcome-pack/letter.zh-CN.html:3: 'gift' is undefined"),
        ("surprising", "KeyError in rendering surprising"),
    ],
)
def test_a_message_that_cannot_be_rendered_fails_alone_and_names_nobody(
    store: Store, template: str, note: str
) -> None:
    with store.unit() as unit:
        unit.put(customer(n) for n in range(9))
        unit.add_messages(
            message(n, channel="sms", template=template if n == 4 else "welcome-pack") for n in range(9)
        )
    assert send(store, Provider()) == Counts(claimed=9, sent=8, failed=1)
    failed = next(row for row in rows(store) if row.message.status is Status.FAILED)
    assert (failed.message.id, failed.note) == (message(4).id, note)


# Tried again


def test_a_passing_trouble_is_tried_again_less_and_less_often(store: Store) -> None:
    fill(store, 1, channel="sms", not_after=day(100))
    provider = Provider()
    provider.fault = DeliveryError("The provider is busy.", permanent=False)
    retries = Retries(most=5, first_s=3600, longest_s=3 * 3600)
    moment, waits = day(1), []
    for _ in range(4):
        sender = Deliverer(
            store, PlainRenderer(), {"sms": provider}, may_send, FixedClock(moment), retries=retries
        )
        assert sender.deliver_due(moment) == Counts(claimed=1, put_off=1)
        row = only(store)
        assert row.message.status is Status.QUEUED
        assert row.note == "The provider is busy."
        assert row.not_before is not None
        assert not sender.deliver_due(row.not_before - timedelta(seconds=1))
        waits.append((row.not_before - moment) / timedelta(hours=1))
        moment = row.not_before
    assert waits == [1, 2, 3, 3]
    provider.fault = None
    assert send(store, provider, now=(moment - START) / timedelta(days=1)).sent == 1
    assert (only(store).attempts, only(store).note) == (5, "")


def test_in_the_end_it_fails(store: Store) -> None:
    fill(store, 1, channel="sms")
    provider = Provider()
    provider.fault = DeliveryError("The provider is busy.", permanent=False)
    retries = Retries(most=2, first_s=60)
    assert send(store, provider, 1, retries).put_off == 1
    assert send(store, provider, 2, retries).failed == 1
    assert only(store).note == "tried 2 times: The provider is busy."
    assert not send(store, provider, 3, retries)


def test_a_lasting_trouble_is_not_tried_again(store: Store) -> None:
    fill(store, 1, channel="sms")
    provider = Provider()
    provider.fault = DeliveryError("There is no such number.", permanent=True)
    assert send(store, provider).failed == 1
    assert (only(store).attempts, only(store).note) == (1, "There is no such number.")


@pytest.mark.parametrize(("repeatable", "status"), [(True, Status.QUEUED), (False, Status.UNKNOWN)])
def test_an_error_that_says_nothing_leaves_open_whether_it_was_sent(
    store: Store, repeatable: bool, status: Status
) -> None:
    fill(store, 1, channel="sms")
    provider = Provider(repeatable=repeatable)
    provider.fault = RuntimeError("no answer for +8613800000001")
    assert send(store, provider).claimed == 1
    assert only(store).message.status is status
    assert (only(store).attempts, only(store).note) == (1, "RuntimeError in channel sms")


# After a crash


def test_what_a_dead_sender_claimed_goes_out(store: Store) -> None:
    fill(store, 3, channel="sms")
    store.claim(day(1), 2)
    provider = Provider()
    assert send(store, provider) == Counts(claimed=3, sent=3, recovered=2)
    assert sorted(provider.taken) == sorted(row.message.id for row in rows(store))


def test_what_it_had_handed_over_is_not_asked_about_again(store: Store, tmp_path: Path) -> None:
    """The letter lies in its folder, so it was sent: though the consent is withdrawn and it is too late."""
    [one] = fill(store, 1, channel="letter")
    channels = folders(tmp_path)
    store.claim(day(1), 1)
    channels["letter"].deliver([Outgoing(message=one, rendered=PlainRenderer().render(one))])
    with store.unit() as unit:
        unit.put([customer(0, consents={"letter/care": ConsentStatement(False, day(2), 2)})])
    assert deliverer(store, channels, day(9)).deliver_due(day(9)) == Counts(recovered=1)
    assert only(store).message.status is Status.SENT
    assert (tmp_path / only(store).place).is_file()


def test_what_it_had_not_is_asked_about_again(store: Store, tmp_path: Path) -> None:
    fill(store, 1, channel="letter")
    store.claim(day(1), 1)
    with store.unit() as unit:
        unit.put([customer(0, consents={"letter/care": ConsentStatement(False, day(2), 2)})])
    sender = deliverer(store, folders(tmp_path), day(3))
    assert sender.deliver_due(day(3)) == Counts(claimed=1, skipped=1, recovered=1)
    assert not list(tmp_path.rglob("*.pdf"))


def test_where_repeating_is_unsafe_only_a_hand_over_that_began_is_unknown(store: Store) -> None:
    fill(store, 3, channel="sms")
    claimed = store.claim(day(1), 2)
    store.settle([replace(claimed[0], tried_at=day(1))])
    provider = Provider(repeatable=False)
    assert send(store, provider, now=2) == Counts(claimed=2, sent=2, unknown=1, recovered=1 + 1)
    by_id = {row.message.id: row for row in rows(store)}
    unknown = by_id.pop(claimed[0].message.id)
    assert unknown.message.status is Status.UNKNOWN
    assert unknown.tried_at == day(1)
    assert sorted(provider.taken) == sorted(by_id)
    assert not send(store, provider, now=3)  # and it is never sent again by itself


def test_where_repeating_is_unsafe_the_channel_is_asked_whether_it_has_what_was_begun(store: Store) -> None:
    fill(store, 2, channel="sms")
    claimed = store.claim(day(1), 2)
    store.settle([replace(one, tried_at=day(1)) for one in claimed])
    provider = Provider(repeatable=False)
    provider.known = {claimed[0].message.id}
    assert send(store, provider, now=2) == Counts(unknown=1, recovered=2)
    by_id = {row.message.id: row for row in rows(store)}
    has = by_id[claimed[0].message.id]
    assert (has.message.status, has.provider_id) == (Status.SENT, "known")
    assert by_id[claimed[1].message.id].message.status is Status.UNKNOWN
    assert not provider.taken


def test_where_repeating_is_unsafe_the_beginning_is_committed_before_and_the_result_at_once(
    store: Store,
) -> None:
    fill(store, 5, channel="sms")
    provider = Provider(repeatable=False, batch=2)
    seen: list[list[tuple[Status, bool]]] = []
    deliver = provider.deliver

    def look(outgoings: Sequence[Outgoing]) -> list[Answer]:
        now = {row.message.id: row for row in rows(store)}
        assert {now[one.message.id].tried_at for one in outgoings} == {day(1)}
        seen.append(sorted((row.message.status, row.tried_at is not None) for row in now.values()))
        return deliver(outgoings)

    provider.deliver = look  # type: ignore[method-assign]
    assert send(store, provider).sent == 5
    claimed, begun, sent = (Status.CLAIMED, False), (Status.CLAIMED, True), (Status.SENT, False)
    assert seen == [[claimed] * 3 + [begun] * 2, [claimed] + [begun] * 2 + [sent] * 2, [begun] + [sent] * 4]
    assert all(row.tried_at is None for row in rows(store))


# Groups


def test_a_group_is_of_one_lane_and_no_larger_than_its_channel_takes(store: Store) -> None:
    with store.unit() as unit:
        unit.put(customer(n) for n in range(30))
        unit.add_messages(message(n, channel="sms", brand=("michelin", "warrior")[n % 2]) for n in range(30))
    provider = Provider(batch=6)
    assert send(store, provider).sent == 30
    assert [len(one) for one in provider.groups] == [6, 6, 3, 6, 6, 3]
    brands = {row.message.id: row.message.brand for row in rows(store)}
    assert all(len({brands[one] for one in group}) == 1 for group in provider.groups)


def test_no_two_messages_of_a_group_are_for_one_customer_and_they_keep_their_order(store: Store) -> None:
    of_one = [
        message(n, day(n / 100), channel=("sms", "email")[n % 2], customer_id=customer_id(0))
        for n in range(4)
    ]
    with store.unit() as unit:
        unit.put(customer(n) for n in range(20))
        unit.add_messages([*of_one, *(message(n, day(0.5), channel="sms") for n in range(10, 20))])
    sms, email = Provider(), Provider("email")
    sms.taken = email.taken = taken = []
    sender = Deliverer(store, PlainRenderer(), {"sms": sms, "email": email}, may_send, FixedClock(day(1)))
    assert sender.deliver_due(day(1)).sent == 14
    assert [len(one) for one in sms.groups] == [11, 1]
    ids = [one.id for one in of_one]
    assert [one for one in taken if one in ids] == ids


def test_each_answer_counts_for_its_own_message(store: Store) -> None:
    messages = fill(store, 6, channel="sms")
    provider = Provider(repeatable=False)
    provider.faults = {
        messages[1].id: DeliveryError("There is no such number.", permanent=True),
        messages[2].id: DeliveryError("The number is busy.", permanent=False),
        messages[3].id: Unsettled("No answer came."),
        messages[4].id: ServiceUnavailable("Enough for now."),
    }
    assert send(store, provider) == Counts(claimed=5, sent=2, failed=1, put_off=1, unknown=1)
    by_id = {row.message.id: row for row in rows(store)}
    assert [(by_id[one.id].message.status, by_id[one.id].note) for one in messages] == [
        (Status.SENT, ""),
        (Status.FAILED, "There is no such number."),
        (Status.QUEUED, "The number is busy."),
        (Status.UNKNOWN, "No answer came."),
        (Status.QUEUED, "Enough for now."),
        (Status.SENT, ""),
    ]
    assert [by_id[one.id].attempts for one in messages] == [1, 1, 1, 1, 0, 1]


@pytest.mark.parametrize(("repeatable", "status"), [(True, Status.QUEUED), (False, Status.UNKNOWN)])
def test_a_channel_that_answers_too_few_has_said_nothing_of_any(
    store: Store, repeatable: bool, status: Status
) -> None:
    fill(store, 3, channel="sms")
    provider = Provider(repeatable=repeatable)
    provider.deliver = lambda outgoings: [Receipt()]  # type: ignore[method-assign]
    assert send(store, provider).sent == 0
    assert {(row.message.status, row.note) for row in rows(store)} == {
        (status, "channel sms answered 1 of 3 messages")
    }
