"""What is `sent`, and lies here still until it leaves the house: asked for once more before it does, and taken back.

The row of a message that must not go is `skipped` before anything becomes of what lies here: whoever is killed in
between finds it so the next time. What waited in vain for as long as its grace lasts is skipped with the reason for
which it waited. What nothing holds back goes, though its grace may be over by now: it was handed over in time. Caps
counted it when it was handed over, and it wakes nobody: neither they nor quiet hours are asked again.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from engine.model.customer import Customer
from engine.model.messages import Message, Reason, Status
from engine.model.standing import Hold
from engine.ports import MessageRow, Store
from engine.runtime.last_question import LastQuestion, Lately, MaySend

AT_A_TIME = 500
_LONGEST = timedelta(days=36525)
_NOT_GONE = frozenset({Status.SKIPPED, Status.FAILED})
_COMES_AGAIN = frozenset({Status.QUEUED, Status.HELD})


class Recalled(NamedTuple):
    """Of messages that lie here, by id: `gone` are those that must not go, `held` those that stay for now. All others
    may go."""

    gone: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()


class Recalling:
    """`may_send` is the last question, without what was sent of late. Where the store is `shared`, others are told."""

    def __init__(self, store: Store, may_send: MaySend, *, shared: bool) -> None:
        self._store = store
        self._question = LastQuestion(store, _without_end(may_send))
        self._shared = shared

    def ask(self, ids: Sequence[str], now: datetime) -> Recalled:
        """What of these messages may not go at `now`, or not now; the ledger says so when this returns. One that the
        ledger does not know may go."""
        gone: set[str] = set()
        held: set[str] = set()
        for begin in range(0, len(ids), AT_A_TIME):
            rows = list(self._store.rows_of(ids[begin : begin + AT_A_TIME]).values())
            gone.update(row.message.id for row in rows if row.message.status in _NOT_GONE)
            held.update(row.message.id for row in rows if row.message.status in _COMES_AGAIN)
            asked = [row for row in rows if row.message.status not in _NOT_GONE | _COMES_AGAIN]
            refused, waiting = self._refused(asked, now)
            done = self._store.withdraw(refused, now, shared=self._shared) if refused else set()
            claimed = {row.message.id for row in asked if row.message.status is Status.CLAIMED}
            gone.update(done, refused.keys() - claimed)
            held.update(waiting, (refused.keys() & claimed) - done)
        return Recalled(frozenset(gone), frozenset(held))

    def stop(self, ids: Sequence[str], journey: str, since: datetime, now: datetime) -> Recalled:
        """Takes back those of these messages that the journey has decided at `since` or later."""
        gone: set[str] = set()
        for begin in range(0, len(ids), AT_A_TIME):
            rows = self._store.rows_of(ids[begin : begin + AT_A_TIME]).values()
            those = [
                row.message for row in rows if row.message.journey == journey and row.message.at >= since
            ]
            if those:
                reasons = {one.id: Reason.STOPPED for one in those}
                gone |= self._store.withdraw(reasons, now, shared=self._shared)
        return Recalled(gone=frozenset(gone))

    def _refused(
        self, rows: Sequence[MessageRow], now: datetime
    ) -> tuple[dict[str, Reason], Collection[str]]:
        """Those that must not go, with the reason; and those that wait."""
        refused: dict[str, Reason] = {}
        waiting: set[str] = set()
        paused = self._store.paused()
        for row, said in zip(rows, self._question.ask(rows, [now] * len(rows)), strict=True):
            message, answer = row.message, said
            if answer is None and message.journey in paused:
                answer = Hold(Reason.TOO_LATE, None)  # what is skipped for it, as of what is queued
            if isinstance(answer, Reason):
                refused[message.id] = answer
            elif answer is not None and answer.reason is not Reason.QUIET_HOURS:
                if max(now, answer.until or now) >= message.not_after:
                    refused[message.id] = answer.reason
                else:
                    waiting.add(message.id)
        return refused, waiting


def _without_end(may_send: MaySend) -> MaySend:
    """The same, of a message whose grace does not end, and of which caps count nothing."""

    def asked(
        customer: Customer | None, message: Message, now: datetime, _lately: Lately
    ) -> Reason | Hold | None:
        return may_send(customer, replace(message, not_after=now + _LONGEST), now, _nothing)

    return asked


def _nothing(_since: datetime) -> tuple[()]:
    return ()
