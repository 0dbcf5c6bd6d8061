"""What every store promises of the ledger, which is the outbox (`engine/ports/store.py`)."""

import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from engine.model.messages import Message, Reason, Status
from engine.model.standing import Counted
from engine.ports import Lane, MessageFilter, MessageRow, NotClaimed, Requeued, Store
from tests.contracts.samples import customer_id, day, message


def add(store: Store, *messages: Message) -> None:
    with store.unit() as unit:
        unit.add_messages(messages)


def became(row: MessageRow, status: Status, reason: Reason | None = None, **members: Any) -> MessageRow:
    held_until = members.pop("held_until", None)
    decided = replace(row.message, status=status, reason=reason, held_until=held_until)
    return replace(row, message=decided, **members)


def ids(rows: Iterable[MessageRow]) -> list[str]:
    return [row.message.id for row in rows]


def whole_ledger(store: Store) -> list[MessageRow]:
    return list(store.messages(MessageFilter()))


def test_a_message_is_one_row_however_often_it_is_decided(store: Store) -> None:
    add(store, message(1))
    add(store, message(1, journey="another"), message(2))
    assert {row.message.id: row.message for row in whole_ledger(store)} == {
        message(1).id: message(1),
        message(2).id: message(2),
    }


def test_a_claim_takes_what_is_ready_longest_first(store: Store) -> None:
    add(store, message(3, day(3)), message(1, day(1)), message(2, day(2)), message(9, day(9)))
    first = store.claim(day(5), 2)
    assert ids(first) == [message(1).id, message(2).id]
    assert all(row.message.status is Status.CLAIMED and row.claimed_at == day(5) for row in first)
    assert ids(store.claim(day(5), 2)) == [message(3).id]
    assert store.claim(day(5), 2) == []
    assert sorted(ids(store.claimed())) == sorted(message(n).id for n in (1, 2, 3))


def test_equally_ready_messages_come_by_id(store: Store) -> None:
    many = [message(n) for n in range(20)]
    add(store, *many)
    assert ids(store.claim(day(1), 20)) == sorted(one.id for one in many)


def test_a_message_decided_before_it_was_due_does_not_wait(store: Store) -> None:
    add(store, message(1, day(1), due_at=day(2)))
    assert ids(store.claim(day(1), 9)) == [message(1).id]


def test_what_is_not_to_be_sent_is_not_claimed(store: Store) -> None:
    add(store, message(1, status=Status.SKIPPED, reason=Reason.NO_CONSENT, channel=None, locale=None))
    assert store.claim(day(100), 9) == []
    assert whole_ledger(store)[0].message.channel is None


def test_what_the_sender_holds_is_claimed_when_its_moment_has_come_and_keeps_its_reason(store: Store) -> None:
    add(store, message(1))
    [row] = store.claim(day(1), 9)
    until = {"held_until": day(2), "not_before": day(2)}
    store.settle([became(row, Status.HELD, Reason.QUIET_HOURS, claimed_at=None, **until)])
    assert store.claim(day(1.9), 9) == []
    [again] = store.claim(day(2), 9)
    assert again.message == replace(message(1), status=Status.CLAIMED, reason=Reason.QUIET_HOURS)
    assert whole_ledger(store) == [again]


HELD = {"status": Status.HELD, "reason": Reason.QUIET_HOURS, "held_until": day(2)}


def test_what_a_decision_holds_is_not_claimed_and_becomes_what_the_next_one_says(store: Store) -> None:
    add(store, message(1, **HELD), message(2, **HELD))
    assert store.claim(day(100), 9) == []
    assert [row.message for row in whole_ledger(store)] == sorted(
        (message(1, **HELD), message(2, **HELD)), key=lambda one: one.id
    )
    for_longer = message(2, day(2), status=Status.HELD, reason=Reason.CAPPED, held_until=None)
    goes = message(1, day(2), due_at=day(0), address={"mobile": "+8613800000002"})
    add(store, goes, for_longer)
    assert [row.message for row in whole_ledger(store)] == sorted((goes, for_longer), key=lambda one: one.id)
    add(store, message(1, day(3), values={}), message(1, day(3), **HELD))
    [row] = store.claim(day(2), 9)
    assert row.message == replace(goes, status=Status.CLAIMED)
    skipped = message(2, day(3), status=Status.SKIPPED, reason=Reason.CAPPED)
    add(store, skipped)
    assert [row.message for row in whole_ledger(store) if row.message.id == skipped.id] == [skipped]


def test_what_is_held_and_goes_in_the_same_unit_goes(store: Store) -> None:
    add(store, message(1, **HELD), message(2), message(1, day(2)), message(2, day(5)))
    assert [row.message for row in whole_ledger(store)] == [message(2), message(1, day(2))]


def test_what_the_sender_holds_no_decision_changes(store: Store) -> None:
    add(store, message(1))
    [row] = store.claim(day(1), 9)
    held = became(row, Status.HELD, Reason.CAPPED, held_until=day(2), not_before=day(2), claimed_at=None)
    store.settle([held])
    add(store, message(1, day(1)))
    assert whole_ledger(store) == [held]


def test_what_was_handed_over_to_customers_lately(store: Store) -> None:
    of_one = {"customer_id": customer_id(1)}
    add(store, *(message(n, day(0), **of_one) for n in range(6)), message(7, channel="sms"), message(8))
    claimed = {row.message.id: row for row in store.claim(day(5), 9)}
    sent = {n: became(claimed[message(n).id], Status.SENT, sent_at=day(n)) for n in (0, 1, 2)}
    unknown = became(claimed[message(3).id], Status.UNKNOWN, tried_at=day(3))
    others = [
        became(claimed[message(7).id], Status.DELIVERED, sent_at=day(3)),
        became(claimed[message(8).id], Status.SENT, sent_at=day(3)),
    ]
    failed = became(claimed[message(4).id], Status.FAILED)
    store.settle([*sent.values(), unknown, *others, failed])
    lately = store.handed_over([customer_id(1), customer_id(7), customer_id(9)], day(1))
    assert {who: sorted(what, key=lambda one: one.at) for who, what in lately.items()} == {
        customer_id(1): [Counted(day(n), "letter", "care") for n in (1, 2, 3)],
        customer_id(7): [Counted(day(3), "sms", "care")],
    }
    assert store.handed_over([customer_id(9)], day(0)) == {}
    assert store.handed_over([], day(0)) == {}


def test_what_is_settled_is_what_the_ledger_says(store: Store) -> None:
    add(store, *(message(n, day(n)) for n in range(5)))
    one, two, three, four, five = store.claim(day(9), 9)
    outcomes = [
        became(one, Status.SENT, attempts=1, sent_at=day(9), place="letters/1.pdf", provider_id="p-1"),
        became(two, Status.SKIPPED, Reason.TOO_LATE),
        became(three, Status.FAILED, attempts=3, note="no such template"),
        became(four, Status.QUEUED, attempts=1, not_before=day(10), claimed_at=None, note="folder full"),
        became(five, Status.HELD, Reason.CAPPED, held_until=day(20), claimed_at=None),
    ]
    store.settle(outcomes)
    assert whole_ledger(store) == outcomes
    assert store.claimed() == []


def test_what_was_put_off_is_claimed_again_in_its_turn(store: Store) -> None:
    add(store, message(1, day(1)), message(2, day(2)))
    for row, until in zip(store.claim(day(3), 2), (day(8), day(7)), strict=True):
        store.settle([became(row, Status.QUEUED, attempts=1, not_before=until, note="later")])
    assert store.claim(day(6), 2) == []
    again = store.claim(day(8), 2)
    assert ids(again) == [message(2).id, message(1).id]
    assert [row.attempts for row in again] == [1, 1]


def test_a_hand_over_that_began_is_written_down(store: Store) -> None:
    add(store, *(message(n) for n in range(5)))
    rows = store.claim(day(1), 4)
    begun = rows[:3]
    ids_begun = {row.message.id for row in begun}
    assert store.begin(ids_begun, day(1.5)) == ids_begun
    assert {row.message.id: row.tried_at for row in store.claimed()} == {
        row.message.id: day(1.5) if row in begun else None for row in rows
    }
    assert store.begin([], day(2)) == set()


def test_only_what_is_claimed_is_begun(store: Store) -> None:
    add(store, message(1), message(2))
    [row] = store.claim(day(1), 1)
    before = whole_ledger(store)
    assert store.begin([message(1).id, message(2).id], day(1)) == {row.message.id}
    assert whole_ledger(store) == [one if one != row else replace(row, tried_at=day(1)) for one in before]


def test_settling_changes_nothing_of_what_was_decided(store: Store) -> None:
    add(store, message(1))
    [row] = store.claim(day(1), 1)
    changed = replace(row.message, status=Status.SENT, journey="another", values={})
    store.settle([replace(row, message=changed, sent_at=day(1))])
    assert whole_ledger(store)[0].message == replace(message(1), status=Status.SENT)


def test_only_what_is_claimed_can_be_settled_and_all_or_nothing(store: Store) -> None:
    add(store, message(1), message(2))
    [row] = store.claim(day(1), 1)
    other = next(one for one in whole_ledger(store) if one.message.status is Status.QUEUED)
    with pytest.raises(NotClaimed):
        store.settle([became(row, Status.SENT), became(other, Status.SENT)])
    assert store.claimed() == [row]
    store.settle([became(row, Status.SENT)])
    with pytest.raises(NotClaimed):
        store.settle([became(row, Status.FAILED)])
    store.settle([])


def test_no_two_claims_give_the_same_row(store: Store) -> None:
    add(store, *(message(n) for n in range(200)))
    taken: list[str] = []

    def take() -> None:
        while rows := store.claim(day(1), 7):
            taken.extend(ids(rows))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(taken) == sorted(message(n).id for n in range(200))


# Lanes that cannot be used

LANES = [Lane(channel, brand) for channel in ("letter", "sms") for brand in ("michelin", "warrior")]


def one_on_each_lane(store: Store, **members: Any) -> dict[Lane, str]:
    """Four messages, and which is where."""
    messages = {
        lane: message(n, channel=lane.channel, brand=lane.brand, **members) for n, lane in enumerate(LANES)
    }
    add(store, *messages.values())
    return {lane: one.id for lane, one in messages.items()}


@pytest.mark.parametrize("without", [[], LANES[:1], [LANES[0], LANES[3]], LANES])
def test_what_waits_on_a_lane_that_rests_is_passed_over(store: Store, without: list[Lane]) -> None:
    on = one_on_each_lane(store)
    claimed = store.claim(day(1), 9, without)
    assert {row.lane: row.message.id for row in claimed} == {
        lane: on[lane] for lane in LANES if lane not in without
    }
    assert {row.lane for row in store.claim(day(1), 9)} == set(without)


def test_a_limit_counts_only_what_is_taken(store: Store) -> None:
    add(store, *(message(n, day(0)) for n in range(5)), *(message(n, day(1), channel="sms") for n in (7, 8)))
    assert ids(store.claim(day(2), 2, [Lane("letter", "michelin")])) == [message(7).id, message(8).id]


def test_what_has_become_too_late_on_a_lane_is_skipped_unclaimed(store: Store) -> None:
    on = one_on_each_lane(store, not_after=day(2))
    add(store, message(10, not_after=day(3)), message(11, not_after=day(2)))
    [other] = [row for row in store.claim(day(1), 9) if row.message.id == message(11).id]
    store.settle(became(row, Status.QUEUED, claimed_at=None) for row in store.claimed() if row != other)
    store.settle([became(other, Status.SENT)])
    assert store.skip_late(day(2), LANES) == 0  # in its last moment it may still go
    assert store.skip_late(day(2.01), []) == 0
    assert store.skip_late(day(2.01), LANES[:3]) == 3
    became_late = store.messages(MessageFilter(statuses=frozenset({Status.SKIPPED})))
    assert {row.message.id: row.message.reason for row in became_late} == {
        on[lane]: Reason.TOO_LATE for lane in LANES[:3]
    }
    assert sorted(ids(store.claim(day(9), 9))) == sorted([on[LANES[3]], message(10).id])


def test_what_is_claimed_or_held_is_not_skipped_behind_its_senders_back(store: Store) -> None:
    add(store, message(1, not_after=day(2)), message(2, not_after=day(2), **HELD))
    [row] = store.claim(day(1), 9)
    assert store.skip_late(day(3), [row.lane]) == 0
    assert store.claimed() == [row]


def test_it_is_counted_how_many_wait_on_each_lane(store: Store) -> None:
    one_on_each_lane(store)
    add(store, message(10), message(11, day(9)), message(12, status=Status.SKIPPED, channel=None))
    store.settle(became(row, Status.SENT) for row in store.claim(day(1), 9, LANES[:3]))
    store.claim(day(1), 1)
    assert store.count_waiting() == {LANES[0]: 3, LANES[1]: 1, LANES[2]: 1}


# Queued again

FAILED = frozenset({Status.FAILED})


def fail(store: Store, *messages: Message, status: Status = Status.FAILED, **members: Any) -> None:
    add(store, *messages)
    store.settle(became(row, status, **members) for row in store.claim(day(1), len(messages)))


def test_a_failed_message_is_queued_again_as_if_it_had_never_been_tried(store: Store) -> None:
    fail(store, message(1), attempts=12, note="the provider is busy", not_before=day(0.9), tried_at=day(1))
    assert store.requeue(MessageFilter(), day(2)) == Requeued(queued=1, too_late=0)
    assert whole_ledger(store) == [
        MessageRow(message=message(1), not_before=day(2), former_note="the provider is busy")
    ]
    assert store.claim(day(1.9), 9) == []
    [row] = store.claim(day(2), 9)
    store.settle([became(row, Status.SENT, attempts=1, former_note="")])
    assert whole_ledger(store)[0].former_note == "the provider is busy"
    assert store.requeue(MessageFilter(), day(2)) == Requeued(queued=0, too_late=0)


def test_the_newest_note_is_the_one_that_is_kept(store: Store) -> None:
    fail(store, message(1), note="first")
    for note, kept in (("second", "second"), ("", "second")):
        store.requeue(MessageFilter(), day(2))
        [row] = store.claim(day(2), 9)
        store.settle([became(row, Status.FAILED, note=note)])
        store.requeue(MessageFilter(), day(2))
        assert whole_ledger(store)[0].former_note == kept
        store.settle([became(row, Status.FAILED) for row in store.claim(day(2), 9)])


def test_what_would_be_too_late_is_not_queued_in_vain(store: Store) -> None:
    fail(store, message(1, not_after=day(2)), message(2, not_after=day(3)), note="no such template")
    before = {row.message.id: row for row in whole_ledger(store)}
    assert store.requeue(MessageFilter(), day(2.5)) == Requeued(queued=1, too_late=1)
    assert before[message(1).id] in whole_ledger(store)
    assert store.requeue(MessageFilter(), day(3)) == Requeued(queued=0, too_late=1)


def test_by_the_events_clock_nothing_is_too_late_and_each_goes_at_its_own_moment(store: Store) -> None:
    fail(store, message(1, day(1), due_at=day(0), not_after=day(2)), note="no such template")
    assert store.requeue(MessageFilter(), None) == Requeued(queued=1, too_late=0)
    assert [row.not_before for row in whole_ledger(store)] == [day(1)]
    assert store.claim(day(0.5), 9) == []
    assert ids(store.claim(day(1), 9)) == [message(1).id]


def test_only_what_failed_or_is_unknown_is_queued_again(store: Store) -> None:
    settled = (Status.SENT, Status.SKIPPED, Status.FAILED, Status.UNKNOWN, Status.DELIVERED, Status.BOUNCED)
    add(store, *(message(n) for n in range(len(settled))))
    claimed = store.claim(day(1), 9)
    store.settle(became(row, status) for row, status in zip(claimed, settled, strict=True))
    add(store, message(20), message(21, status=Status.HELD, held_until=day(9)))
    store.claim(day(1), 1)
    assert store.requeue(MessageFilter(statuses=frozenset({Status.SENT})), day(2)).queued == 0
    assert store.requeue(MessageFilter(statuses=FAILED), day(2)).queued == 1
    assert store.requeue(MessageFilter(), day(2)).queued == 1
    queued = ids(store.messages(MessageFilter(statuses=frozenset({Status.QUEUED}))))
    assert sorted(queued) == sorted(row.message.id for row in claimed[2:4])


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (MessageFilter(), {1, 2, 3}),
        (MessageFilter(journey="tyre-health"), {2}),
        (MessageFilter(channel="sms"), {2, 3}),
        (MessageFilter(brand="warrior", channel="sms"), {3}),
        (MessageFilter(customer_id="c00001"), {1}),
        (MessageFilter(ids=frozenset({message(1).id, message(3).id})), {1, 3}),
        (MessageFilter(ids=frozenset({message(1).id}), channel="sms"), set()),
    ],
)
def test_those_are_queued_again_that_are_asked_for(
    store: Store, which: MessageFilter, expected: set[int]
) -> None:
    fail(
        store,
        message(1),
        message(2, journey="tyre-health", channel="sms"),
        message(3, channel="sms", brand="warrior"),
    )
    assert store.requeue(which, day(2)).queued == len(expected)
    assert sorted(ids(store.claim(day(2), 9))) == sorted(message(n).id for n in expected)


# For looking


def test_the_ledger_is_told_by_moment_then_id(store: Store) -> None:
    many = [message(n, day(n // 7)) for n in range(1200)]
    add(store, *reversed(many))
    expected = [one.id for one in sorted(many, key=lambda one: (one.at, one.id))]
    assert ids(whole_ledger(store)) == expected
    assert ids(store.messages(MessageFilter(), limit=3)) == expected[:3]
    assert ids(store.messages(MessageFilter(), limit=1100)) == expected[:1100]
    assert ids(store.messages(MessageFilter(), limit=0)) == []


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (MessageFilter(), {1, 2, 3, 4}),
        (MessageFilter(statuses=frozenset({Status.QUEUED})), {1, 2, 3}),
        (MessageFilter(statuses=frozenset({Status.QUEUED, Status.SKIPPED})), {1, 2, 3, 4}),
        (MessageFilter(statuses=frozenset({Status.SENT})), set()),
        (MessageFilter(journey="tyre-health"), {2}),
        (MessageFilter(channel="sms"), {2, 3}),
        (MessageFilter(brand="warrior"), {3}),
        (MessageFilter(customer_id="c00001"), {1}),
        (MessageFilter(customer_id="c00003", channel="sms", brand="warrior"), {3}),
        (MessageFilter(customer_id="c00003", channel="letter"), set()),
        (MessageFilter(journey="tyre-health", brand="warrior"), set()),
        (MessageFilter(ids=frozenset({message(1).id, message(4).id})), {1, 4}),
        (MessageFilter(ids=frozenset({message(1).id, message(2).id}), channel="sms"), {2}),
        (MessageFilter(ids=frozenset({message(1).id}), customer_id="c00001"), {1}),
        (MessageFilter(ids=frozenset({message(2).id}), customer_id="c00001"), set()),
    ],
)
def test_rows_are_picked_by_what_they_are(store: Store, which: MessageFilter, expected: set[int]) -> None:
    add(
        store,
        message(1),
        message(2, journey="tyre-health", channel="sms"),
        message(3, channel="sms", brand="warrior"),
        message(4, status=Status.SKIPPED, reason=Reason.NO_ADDRESS, channel=None),
    )
    assert {row.message.id for row in store.messages(which)} == {message(n).id for n in expected}


def test_a_customers_messages_come_by_moment_however_many(store: Store) -> None:
    of_one = [message(n, day(1000 - n), customer_id=customer_id(1)) for n in range(700)]
    add(store, *of_one, *(message(n) for n in range(700, 800)))
    found = ids(store.messages(MessageFilter(customer_id=customer_id(1))))
    assert found == [one.id for one in reversed(of_one)]


def test_messages_are_counted(store: Store) -> None:
    skipped = {"status": Status.SKIPPED, "reason": Reason.NO_CONSENT, "channel": None}
    add(store, message(1), message(2), message(3, **skipped), message(4, journey="tyre-health"))
    assert store.count_messages() == {
        ("welcome-pack", "letter", Status.QUEUED, None): 2,
        ("welcome-pack", "", Status.SKIPPED, Reason.NO_CONSENT): 1,
        ("tyre-health", "letter", Status.QUEUED, None): 1,
    }


def test_the_ledger_may_be_written_while_it_is_read(store: Store) -> None:
    add(store, *(message(n, day(n)) for n in range(1200)))
    rows = store.messages(MessageFilter())
    first = next(rows)
    store.settle([became(row, Status.SENT, sent_at=_moment()) for row in store.claim(day(2000), 1200)])
    assert [first.message.id, *ids(rows)] == [message(n).id for n in range(1200)]


def _moment() -> datetime:
    return day(2000)
