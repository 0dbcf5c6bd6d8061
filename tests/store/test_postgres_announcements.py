"""What becomes of messages is kept until others have been told, in the transaction in which it does."""

from collections.abc import Iterable
from typing import Any

import pytest

from engine.model.announcements import Announcement
from engine.model.messages import Reason, Status
from engine.model.partitions import partition_of
from engine.model.receipts import Told
from engine.ports import FanOut, Lane, MessageFilter
from engine.store.postgres import PostgresStore, RunLock
from tests.contracts.samples import customer_id, day, event, logged, message
from tests.contracts.stores import PARTITIONS, one_server
from tests.contracts.test_ledger_contract import became
from tests.store.test_postgres_shares import of_part, own

pytestmark = one_server

SKIPPED = {"status": Status.SKIPPED, "reason": Reason.NO_CONSENT}


def told(announcements: Iterable[Announcement]) -> list[tuple[str, str, str | None]]:
    return [(one.message.id, one.message.status, one.message.reason) for one in announcements]


def receipt(n: int, status: Status, **members: Any) -> Told:
    return Told(message_id=message(n).id, status=status, at=day(5), happened_at=day(4), **members)


@pytest.fixture
def mine(shared_store: PostgresStore) -> PostgresStore:
    """The share of a worker that owns all."""
    return own(shared_store, *range(PARTITIONS))


def test_every_outcome_is_kept_in_the_order_in_which_it_came(mine: PostgresStore) -> None:
    with mine.unit() as unit:
        unit.add_messages([message(0, **SKIPPED), *(message(n, day(n)) for n in range(1, 8))])
        unit.add_messages([message(0, **SKIPPED)])
    queued, sent, skipped, failed, unknown, held = mine.claim(day(6), 6)
    mine.settle([became(queued, Status.QUEUED, attempts=1, not_before=day(30), claimed_at=None)])
    mine.settle([became(held, Status.HELD, Reason.CAPPED, held_until=day(30), claimed_at=None)])
    mine.settle([became(sent, Status.SENT, attempts=1, sent_at=day(7))])
    mine.settle([became(skipped, Status.SKIPPED, Reason.TOO_LATE)])
    mine.settle([became(failed, Status.FAILED, attempts=3, note="no such template")])
    mine.settle([became(unknown, Status.UNKNOWN, attempts=1)])
    assert mine.skip_late(day(40), [Lane("letter", "michelin")]) == 2
    kept = mine.announcements(99)
    assert told(kept[:5]) == [
        (message(0).id, "skipped", "no consent"),
        (sent.message.id, "sent", None),
        (skipped.message.id, "skipped", "too late"),
        (failed.message.id, "failed", None),
        (unknown.message.id, "unknown", None),
    ]
    assert sorted(told(kept[5:])) == sorted(
        (one, "skipped", "too late") for one in (queued.message.id, message(7).id)
    )
    assert [one.at for one in kept] == [message(0).at, day(7), day(6), day(6), day(6), day(40), day(40)]
    assert [(one.attempts, one.note) for one in kept[1:4]] == [(1, ""), (0, ""), (3, "no such template")]
    assert kept[1].message.journey == "welcome-pack"


def test_what_is_taken_back_by_who_looks_at_all_is_told_where_others_are_told(
    mine: PostgresStore, shared_store: PostgresStore
) -> None:
    with mine.unit() as unit:
        unit.add_messages(message(n) for n in (1, 2))
    first, second = mine.claim(day(1), 9)
    mine.settle(became(row, Status.SENT, attempts=1, sent_at=day(1)) for row in (first, second))
    mine.announced(mine.announcements(99))
    shared_store.withdraw({first.message.id: Reason.NO_CONSENT}, day(2), shared=True)
    shared_store.withdraw({second.message.id: Reason.NO_CONSENT}, day(2), shared=False)
    [one] = mine.announcements(99)
    assert told([one]) == [(first.message.id, "skipped", "no consent")]
    assert one.at == day(2)


def test_what_was_announced_is_gone_and_the_rest_is_not(mine: PostgresStore) -> None:
    with mine.unit() as unit:
        unit.add_messages(message(n, **SKIPPED) for n in range(20))
    first = mine.announcements(7)
    assert len(first) == 7
    mine.announced([])
    mine.announced(first)
    mine.announced(first)
    rest = mine.announcements(99)
    assert {one.message.id for one in rest} == {message(n).id for n in range(20)} - {
        one.message.id for one in first
    }
    mine.announced(rest)
    assert mine.announcements(99) == []


def test_one_message_may_come_to_several_outcomes(mine: PostgresStore) -> None:
    with mine.unit() as unit:
        unit.add_messages([message(1)])
    for status in (Status.FAILED, Status.SENT):
        mine.settle(became(row, status) for row in mine.claim(day(1), 1))
        mine.requeue(MessageFilter(), day(1))
    assert [status for _, status, _ in told(mine.announcements(9))] == ["failed", "sent"]


def test_a_worker_sees_those_of_its_partitions(shared_store: PostgresStore) -> None:
    with own(shared_store, 0, 1, 2, 3).unit() as unit:
        unit.add_messages(message(n, **SKIPPED) for n in range(40))
    one, others = own(shared_store, 2), own(shared_store, 0, 1, 3)
    ours = one.announcements(99)
    assert {row.message.customer_id for row in ours} == {
        customer_id(n) for n in range(40) if n in of_part(2, 1000)
    }
    assert {row.partition for row in ours} == {2}
    assert len(ours) + len(others.announcements(99)) == 40


class StoppedError(Exception):
    """Ends a unit."""


def test_what_was_not_committed_is_not_announced(mine: PostgresStore) -> None:
    with pytest.raises(StoppedError), mine.unit() as unit:
        unit.add_messages([message(1, **SKIPPED)])
        raise StoppedError
    assert mine.announcements(9) == []


def test_who_works_alone_announces_to_nobody(database: str) -> None:
    def outcomes(store: Any, n: int) -> None:
        with store.unit() as unit:
            unit.add_messages([message(n, **SKIPPED), message(n + 1)])
        store.settle(became(row, Status.SENT) for row in store.claim(day(1), 1))

    whole = PostgresStore.open(database, partitions=1)
    outcomes(whole, 1)
    with RunLock(whole) as alone:
        outcomes(alone, 3)
    assert whole.announcements(9) == []
    whole.close()


def test_events_of_journeys_are_kept_until_others_were_told(shared_store: PostgresStore) -> None:
    mine = own(shared_store, *range(PARTITIONS))
    made = [logged(n, customer_id(n)) for n in (3, 1, 2)]
    for one in made:
        with own(shared_store, partition_of(one.customer_id or "", PARTITIONS)).unit() as unit:
            unit.seen([one.event.key])
            unit.log([one])
            unit.publish([one])
    mine = own(shared_store, *range(PARTITIONS))
    found = mine.published(9)
    assert [(one.customer_id, one.event) for one in found] == [(one.customer_id, one.event) for one in made]
    mine.told(found[:2])
    assert [one.event for one in mine.published(9)] == [made[2].event]


def test_whoever_works_alone_keeps_no_events_for_others(shared_store: PostgresStore) -> None:
    one = logged(1, customer_id(1))
    with shared_store.unit() as unit:
        unit.seen([one.event.key])
        unit.log([one])
        unit.publish([one])
    assert own(shared_store, *range(PARTITIONS)).published(9) == []


def test_an_event_about_nobody_goes_to_every_partition(shared_store: PostgresStore) -> None:
    fan_out = FanOut(id="f", journey="storm", at=day(1), event=event(1))
    shares = [own(shared_store, part) for part in range(PARTITIONS)]
    for share in shares[:2]:  # again, from another one: it is there
        with share.unit() as unit:
            unit.fan_out_everywhere(fan_out)
    for share in shares:
        with share.unit() as unit:
            assert unit.fan_outs() == [fan_out]


def test_what_receipts_tell_is_announced_where_it_changes_the_outcome(mine: PostgresStore) -> None:
    with mine.unit() as unit:
        unit.add_messages([message(1), message(2)])
    rows = mine.claim(day(9), 9)
    with mine.unit() as unit:  # of the one before the sender's own word, of the other after it
        unit.receive([receipt(1, Status.BOUNCED, note="no such user")])
    mine.settle(became(row, Status.SENT) for row in rows)
    with mine.unit() as unit:
        unit.receive(
            [receipt(2, Status.DELIVERED), receipt(1, Status.DELIVERED), receipt(2, Status.DELIVERED)]
        )
    found = mine.announcements(9)
    assert told(found) == [
        (message(1).id, "bounced", None),
        (message(2).id, "sent", None),
        (message(2).id, "delivered", None),
    ]
    assert (found[0].note, found[0].at, found[0].attempts) == ("no such user", day(5), 0)
