"""The ledger in PostgreSQL."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from engine.model.announcements import Announcement
from engine.model.messages import Reason, Status
from engine.model.standing import Counted
from engine.model.times import to_us
from engine.ports import Lane, MessageFilter, MessageRow, NotClaimed, Requeued
from engine.store import rows
from engine.store.pages import message_pages
from engine.store.postgres.arrays import Numbers, Texts
from engine.store.postgres.columns import SETTLED, columns_of, filtered, lanes
from engine.store.postgres.transactions import ANNOUNCED_ALL, ANNOUNCED_BY_NOBODY, SQL, Transactions


class Ledger(Transactions):
    # As the sender sees it

    def claim(self, now: datetime, limit: int, without: Collection[Lane] = ()) -> list[MessageRow]:
        asked = {"parts": self._scope.parts, "now_us": to_us(now), "limit": limit, **lanes(without)}
        with self._transaction() as connection:
            found = connection.execute(SQL["claim_messages"], asked).fetchall()
        claimed = [(ready_us, rows.to_message(tuple(row))) for ready_us, *row in found]
        claimed.sort(key=lambda one: (one[0], one[1].message.id))
        return [row for _, row in claimed]

    def settle(self, settled: Iterable[MessageRow]) -> None:
        written = sorted((rows.settled(row) for row in settled), key=lambda one: one["id"])
        if not written:
            return
        with self._transaction() as connection:
            asked = {
                **columns_of(SETTLED, written),
                "owned": self._scope.parts,
                "announced": self._scope.announced,
            }
            [(done,)] = connection.execute(SQL["settle_messages"], asked).fetchall()
            if done != len(written):
                raise NotClaimed(
                    f"Of {len(written)} messages to be settled, {len(written) - done} are not claimed."
                )

    def begin(self, ids: Collection[str], at: datetime) -> set[str]:
        asked = {"ids": Texts(sorted(ids)), "parts": self._scope.parts, "at_us": to_us(at)}
        with self._transaction() as connection:
            return {one for (one,) in connection.execute(SQL["begin_messages"], asked).fetchall()}

    def claimed(self) -> list[MessageRow]:
        return [rows.to_message(row) for row in self._read("claimed_messages", parts=self._scope.parts)]

    def handed_over(self, customer_ids: Collection[str], since: datetime) -> dict[str, list[Counted]]:
        asked = Texts(sorted(set(customer_ids)))
        return rows.to_counted(self._read("handed_over_messages", ids=asked, since_us=to_us(since)))

    def skip_late(self, now: datetime, lanes_: Collection[Lane]) -> int:
        asked = {
            "parts": self._scope.parts,
            "now_us": to_us(now),
            "announced": self._scope.announced,
            **lanes(lanes_),
        }
        with self._transaction() as connection:
            [(skipped,)] = connection.execute(SQL["skip_late_messages"], asked).fetchall()
        return int(skipped)

    # What is told of it to other systems

    def announcements(self, limit: int) -> list[Announcement]:
        found = self._read("open_announcements", parts=self._scope.parts, limit=limit)
        return [rows.to_announcement(row) for row in found]

    def announced(self, those: Iterable[Announcement]) -> None:
        told = list(those)
        asked = {
            "part": Numbers(one.partition for one in told),
            "number": Numbers(one.number for one in told),
        }
        if told:
            with self._transaction() as connection:
                connection.execute(SQL["close_announcements"], asked)

    # As the operator changes it

    def requeue(self, which: MessageFilter, now: datetime | None) -> Requeued:
        asked = {**filtered(which), "parts": self._scope.parts, "now_us": rows.us(now)}
        with self._transaction() as connection:
            [(too_late,)] = connection.execute(SQL["count_late_to_requeue"], asked).fetchall()
            queued = connection.execute(SQL["requeue_messages"], asked).rowcount
        return Requeued(queued=queued, too_late=too_late)

    # As the policy settles it

    def unsettled(self, until: datetime, limit: int) -> list[MessageRow]:
        asked = {"parts": self._scope.parts, "until_us": to_us(until), "limit": limit}
        return [rows.to_message(row) for row in self._read("unsettled_messages", **asked)]

    def give_up(self, ids: Collection[str], note: str) -> int:
        asked = {
            "ids": Texts(sorted(ids)),
            "note": note,
            "owned": self._scope.parts,
            "announced": self._scope.announced,
        }
        with self._transaction() as connection:
            [(done,)] = connection.execute(SQL["give_up_messages"], asked).fetchall()
        return int(done)

    # As what waits to leave the house is taken back

    def rows_of(self, ids: Collection[str]) -> dict[str, MessageRow]:
        asked = {"ids": Texts(sorted(ids)), "parts": self._scope.parts}
        found = map(rows.to_message, self._read("messages_by_id", **asked))
        return {row.message.id: row for row in found}

    def withdraw(self, reasons: Mapping[str, Reason], at: datetime, *, shared: bool) -> set[str]:
        ids = sorted(reasons)
        asked = {
            "ids": Texts(ids),
            "reasons": Texts(reasons[one] for one in ids),
            "owned": self._scope.parts,
            "at_us": to_us(at),
            "announced": ANNOUNCED_ALL if shared else ANNOUNCED_BY_NOBODY,
        }
        with self._transaction() as connection:
            return {one for (one,) in connection.execute(SQL["withdraw_messages"], asked).fetchall()}

    # For looking

    def messages(self, which: MessageFilter, limit: int | None = None) -> Iterator[MessageRow]:
        name = "messages_of_customer" if which.customer_id else "messages"
        asked = {**filtered(which), "parts": self._scope.parts}

        def read(after_us: int, after_id: str, page: int) -> list[rows.Row]:
            return self._read(name, **asked, after_us=after_us, after_id=after_id, limit=page)

        return message_pages(read, limit)

    def count_messages(self) -> dict[tuple[str, str, Status, Reason | None], int]:
        return {
            (journey, channel or "", Status(status), None if reason is None else Reason(reason)): count
            for journey, channel, status, reason, count in self._read(
                "count_messages", parts=self._scope.parts
            )
        }

    def count_waiting(self) -> dict[Lane, int]:
        found = self._read("count_waiting_messages", parts=self._scope.parts)
        return {Lane(channel, brand): count for channel, brand, count in found}
