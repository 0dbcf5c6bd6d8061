"""What every store promises of messages that are taken back after they were `sent` (`engine/ports/withdrawals.py`)."""

from msgspec.structs import replace

from engine.model.messages import Reason, Status
from engine.ports import MessageFilter, Store
from tests.contracts.samples import day, message
from tests.contracts.test_ledger_contract import became


def settled(store: Store, *statuses: Status) -> list[str]:
    """So many messages, each of its status; their ids."""
    with store.unit() as unit:
        unit.add_messages(message(n, day(n / 100)) for n in range(len(statuses)))
    rows = store.claim(day(1), len(statuses))
    came = [
        became(row, status, attempts=1, sent_at=day(1), place="letters/a.pdf", parts=1)
        for row, status in zip(rows, statuses, strict=True)
    ]
    store.settle(one for one in came if one.message.status is not Status.CLAIMED)
    return [row.message.id for row in rows]


def test_what_is_sent_is_skipped_each_for_its_reason_as_if_nobody_had_had_it(store: Store) -> None:
    first, second, third = settled(store, *[Status.SENT] * 3)
    reasons = {first: Reason.NO_CONSENT, second: Reason.COMPLAINT_OPEN}
    assert store.withdraw(reasons, day(2), shared=False) == {first, second}
    rows = store.rows_of([first, second, third])
    assert {one: (row.message.status, row.message.reason) for one, row in rows.items()} == {
        first: (Status.SKIPPED, Reason.NO_CONSENT),
        second: (Status.SKIPPED, Reason.COMPLAINT_OPEN),
        third: (Status.SENT, None),
    }
    assert (rows[first].sent_at, rows[first].place, rows[first].parts) == (None, "", 0)
    assert rows[first].message == replace(message(0, day(0)), status=Status.SKIPPED, reason=Reason.NO_CONSENT)
    assert rows[third].place == "letters/a.pdf"
    assert list(store.handed_over([message(0).customer_id], day(0))) == []
    assert store.withdraw(reasons, day(3), shared=False) == set()


def test_nothing_else_is_taken_back(store: Store) -> None:
    others = [Status.CLAIMED, Status.DELIVERED, Status.BOUNCED, Status.FAILED, Status.UNKNOWN, Status.SKIPPED]
    ids = settled(store, *others)
    before = list(store.messages(MessageFilter()))
    asked = dict.fromkeys([*ids, "nobody's"], Reason.STOPPED)
    assert store.withdraw(asked, day(2), shared=False) == set()
    assert store.withdraw({}, day(2), shared=False) == set()
    assert list(store.messages(MessageFilter())) == before


def test_rows_are_found_by_their_ids(store: Store) -> None:
    first, second = settled(store, Status.SENT, Status.FAILED)
    ledger = {row.message.id: row for row in store.messages(MessageFilter())}
    assert store.rows_of([second, "nobody's"]) == {second: ledger[second]}
    assert store.rows_of([first, second]) == ledger
    assert store.rows_of([]) == {}
