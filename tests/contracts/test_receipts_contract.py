"""What every store promises of what providers tell of messages (`engine/ports/receipts.py`)."""

from datetime import datetime
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from engine.model.messages import Status
from engine.model.receipts import Addressee, Told
from engine.model.suppression import Address
from engine.ports import MessageFilter, MessageRow, NotClaimed, Store
from tests.contracts.samples import customer_id, day, message

MAIL = message(1, channel="email")


def told(status: Status, at: datetime | None = None, **members: Any) -> Told:
    at = at or day(5)
    return Told(message_id=MAIL.id, status=status, at=at, happened_at=at, **members)


def receive(store: Store, *those: Told) -> None:
    with store.unit() as unit:
        unit.receive(those)


def claimed(store: Store) -> MessageRow:
    with store.unit() as unit:
        unit.add_messages([MAIL])
    [row] = store.claim(day(1), 9)
    return row


def as_status(row: MessageRow, status: Status, **members: Any) -> MessageRow:
    return replace(row, message=replace(row.message, status=status), **members)


def became(store: Store, status: Status, **members: Any) -> MessageRow:
    """A message that was claimed, and then settled."""
    row = as_status(claimed(store), status, **members)
    store.settle([row])
    return row


def present(store: Store) -> MessageRow:
    [row] = store.messages(MessageFilter())
    return row


def test_whose_a_message_is_and_where_it_went(store: Store) -> None:
    letter = message(2)
    with store.unit() as unit:
        unit.add_messages([MAIL, letter, message(3, channel=None)])
        asked = [MAIL.id, letter.id, message(3).id, "unknown"]
        assert unit.addressees(asked) == {
            MAIL.id: Addressee(customer_id(1), "email", Address("email", "w@example.cn")),
            letter.id: Addressee(customer_id(2), "letter", Address("letter", "幸福路1号, 王芳")),
            message(3).id: Addressee(customer_id(3), None, None),
        }
        assert unit.addressees([]) == {}


@pytest.mark.parametrize("before", [Status.SENT, Status.UNKNOWN])
@pytest.mark.parametrize("after", [Status.DELIVERED, Status.BOUNCED, Status.FAILED])
def test_a_receipt_settles_what_was_sent_or_perhaps_was(store: Store, before: Status, after: Status) -> None:
    became(store, before, attempts=1, sent_at=day(2))
    receive(store, told(after, note="mailbox full"))
    row = present(store)
    assert (row.message.status, row.note, row.told_at, row.sent_at) == (
        after,
        "mailbox full",
        day(5),
        day(2),
    )


@pytest.mark.parametrize(
    "those", list(permutations([Status.DELIVERED, Status.BOUNCED, Status.FAILED, Status.DELIVERED]))
)
def test_whatever_the_order_of_receipts_the_end_is_the_same(
    memory_store: Store, those: tuple[Status, ...]
) -> None:
    became(memory_store, Status.SENT, attempts=1)
    receive(memory_store, *map(told, those))
    assert present(memory_store).message.status is Status.BOUNCED


def test_a_message_that_came_back_is_not_delivered_afterwards(store: Store) -> None:
    became(store, Status.SENT, attempts=1)
    receive(store, told(Status.BOUNCED, day(3)))
    receive(store, told(Status.DELIVERED, day(4)))
    assert (present(store).message.status, present(store).told_at) == (Status.BOUNCED, day(3))
    receive(store, told(Status.FAILED, day(5)))
    assert (present(store).message.status, present(store).told_at) == (Status.BOUNCED, day(3))


def test_what_a_receipt_tells_is_remembered(store: Store) -> None:
    became(store, Status.SENT, attempts=1, parts=1)
    receive(store, told(Status.DELIVERED, provider_id="p-1", parts=3, cost=Decimal("0.0075"), currency="USD"))
    receive(store, told(Status.DELIVERED))
    row = present(store)
    assert (row.provider_id, row.parts, row.cost, row.currency) == ("p-1", 3, Decimal("0.0075"), "USD")


def test_a_receipt_may_come_before_the_senders_own_word(store: Store) -> None:
    row = claimed(store)
    receive(store, told(Status.BOUNCED, note="no such user", provider_id="p-1"))
    assert present(store).message.status is Status.BOUNCED
    store.settle([as_status(row, Status.SENT, attempts=1, sent_at=day(4), place="s", note="")])
    told_of = present(store)
    assert (told_of.message.status, told_of.note, told_of.provider_id) == (
        Status.BOUNCED,
        "no such user",
        "p-1",
    )
    assert (told_of.attempts, told_of.sent_at, told_of.place) == (1, day(4), "s")


@pytest.mark.parametrize("says", [Status.QUEUED, Status.UNKNOWN, Status.FAILED, Status.SENT])
def test_what_was_delivered_is_not_sent_again_whatever_the_sender_makes_of_it(
    store: Store, says: Status
) -> None:
    row = claimed(store)
    receive(store, told(Status.DELIVERED))
    store.settle([as_status(row, says, attempts=1, not_before=day(2), claimed_at=None)])
    assert present(store).message.status is Status.DELIVERED
    assert store.claim(day(9), 9) == []
    assert store.count_waiting() == {}


def test_others_of_a_group_are_settled_beside_one_that_a_receipt_has_settled(store: Store) -> None:
    with store.unit() as unit:
        unit.add_messages([MAIL, message(2), message(3)])
    rows = store.claim(day(1), 9)
    receive(store, told(Status.DELIVERED))
    store.settle([as_status(row, Status.SENT, attempts=1) for row in rows])
    found = {row.message.id: row.message.status for row in store.messages(MessageFilter())}
    assert found == {
        MAIL.id: Status.DELIVERED,
        message(2).id: Status.SENT,
        message(3).id: Status.SENT,
    }


def test_what_neither_is_claimed_nor_was_told_of_cannot_be_settled(store: Store) -> None:
    row = became(store, Status.SENT)
    with pytest.raises(NotClaimed):
        store.settle([row])


def test_what_waits_to_be_tried_again_and_had_arrived_is_not_sent_again(store: Store) -> None:
    became(store, Status.QUEUED, attempts=1, not_before=day(3), claimed_at=None)
    receive(store, told(Status.DELIVERED, day(2)))
    assert store.claim(day(9), 9) == []
    assert present(store).message.status is Status.DELIVERED
    assert present(store).sent_at == day(2)


def test_what_a_person_queued_again_and_had_arrived_is_not_sent_again(store: Store) -> None:
    became(store, Status.UNKNOWN, attempts=1, note="time-out")
    store.requeue(MessageFilter(), day(2))
    receive(store, told(Status.DELIVERED))
    assert store.claim(day(9), 9) == []


def test_what_never_went_is_not_settled_by_a_receipt(store: Store) -> None:
    with store.unit() as unit:
        unit.add_messages([MAIL])
        unit.receive([told(Status.DELIVERED)])
    assert present(store).message.status is Status.QUEUED


def test_what_failed_and_is_queued_again_is_as_if_no_receipt_had_come(store: Store) -> None:
    became(store, Status.SENT, attempts=1)
    receive(store, told(Status.FAILED, note="unreachable", parts=2, cost=Decimal("0.1"), currency="CNY"))
    assert store.requeue(MessageFilter(), day(3)).queued == 1
    [row] = store.claim(day(9), 9)
    assert (row.told_at, row.parts, row.cost, row.currency) == (None, 0, None, "")
    store.settle([as_status(row, Status.SENT, attempts=1)])
    assert present(store).message.status is Status.SENT


def test_a_receipt_of_no_message_changes_nothing_and_neither_does_a_unit_that_fails(store: Store) -> None:
    became(store, Status.SENT, attempts=1)
    receive(store, Told(message_id="unknown", status=Status.BOUNCED, at=day(1), happened_at=day(1)))
    with pytest.raises(ZeroDivisionError), store.unit() as unit:
        unit.receive([told(Status.BOUNCED)])
        raise ZeroDivisionError
    assert present(store).message.status is Status.SENT
