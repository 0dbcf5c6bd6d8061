"""What every store promises of the ledger, which is the outbox (`engine/ports/store.py`)."""

import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from engine.model.messages import Message, Reason, Status
from engine.ports import MessageFilter, MessageRow, NotClaimed, Store
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


def test_a_held_message_is_claimed_when_its_moment_has_come(store: Store) -> None:
    held = message(1, status=Status.HELD, reason=Reason.QUIET_HOURS, held_until=day(2))
    add(store, held)
    assert store.claim(day(1), 9) == []
    assert whole_ledger(store)[0].message == held
    [row] = store.claim(day(2), 9)
    assert row.message == replace(held, status=Status.CLAIMED, reason=None, held_until=None)
    assert whole_ledger(store) == [row]


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
    add(store, message(1))
    [row] = store.claim(day(1), 1)
    begun = replace(row, tried_at=day(1))
    store.settle([begun])
    assert store.claimed() == [begun]


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
