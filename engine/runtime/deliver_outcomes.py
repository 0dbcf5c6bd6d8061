"""What can become of a claimed message, as rows to be written to the ledger, and how many of each."""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from engine.model.messages import Reason, Status
from engine.model.standing import Hold
from engine.ports import MessageRow, Receipt

_NOTE_CHARS = 300
_ASK_AGAIN = timedelta(minutes=10)


class Counts(msgspec.Struct):
    """How many messages were taken up, and what became of them. `held` are those that the policy holds back at
    this moment, `put_off` will be tried again, `recovered`
    were found handed over, or queued again, after a crash, or because nobody has told of them for so long. One that
    was given back, as its channel cannot be used, was not taken up. False where there was nothing to do."""

    claimed: int = 0
    sent: int = 0
    skipped: int = 0
    held: int = 0
    failed: int = 0
    put_off: int = 0
    unknown: int = 0
    recovered: int = 0

    def add(self, other: "Counts") -> None:
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def count(self, claimed: MessageRow, became: MessageRow) -> None:
        """Counts what a claimed row has become."""
        if became.message.status is Status.QUEUED and became.attempts == claimed.attempts:
            return
        self.claimed += 1
        name = _COUNTED[became.message.status]
        setattr(self, name, getattr(self, name) + 1)

    def __bool__(self) -> bool:
        return bool(self.claimed or self.recovered)


_COUNTED = {
    Status.SENT: "sent",
    Status.SKIPPED: "skipped",
    Status.HELD: "held",
    Status.FAILED: "failed",
    Status.QUEUED: "put_off",
    Status.UNKNOWN: "unknown",
}


class Retries(msgspec.Struct, frozen=True, kw_only=True):
    """How a message is tried again with which a channel had a passing trouble: after `first_s`, then after
    twice as long each time, `longest_s` at most; `most` times altogether. As left out: for about a day."""

    most: int = 12
    first_s: float = 60.0
    longest_s: float = 4 * 3600.0

    def after(self, attempts: int) -> timedelta:
        """How long to wait after so many attempts, at least one."""
        return timedelta(seconds=min(self.first_s * 2.0 ** min(attempts - 1, 30), self.longest_s))


RETRIES = Retries()


def sent(row: MessageRow, receipt: Receipt, at: datetime) -> MessageRow:
    return replace(
        row,
        message=replace(row.message, status=Status.SENT, reason=None),
        attempts=row.attempts + 1,
        not_before=None,
        tried_at=None,
        sent_at=at,
        provider_id=receipt.provider_id,
        place=receipt.place,
        parts=receipt.parts,
        note="",
    )


def skipped(row: MessageRow, reason: Reason) -> MessageRow:
    return replace(row, message=replace(row.message, status=Status.SKIPPED, reason=reason), tried_at=None)


def held(row: MessageRow, hold: Hold, at: datetime) -> MessageRow:
    """Held back by the policy, though it was decided that it goes. Where nobody can tell until when, it is asked
    again from time to time; the last time when its grace is over."""
    message = replace(row.message, status=Status.HELD, reason=hold.reason, held_until=hold.until)
    again_at = hold.until or min(at + _ASK_AGAIN, row.message.not_after)
    return replace(row, message=message, not_before=again_at, claimed_at=None, tried_at=None)


def failed(row: MessageRow, note: str) -> MessageRow:
    message = replace(row.message, status=Status.FAILED, reason=None)
    return replace(row, message=message, tried_at=None, note=note[:_NOTE_CHARS])


def put_off(row: MessageRow, note: str, at: datetime, retries: Retries) -> MessageRow:
    """To be tried again; or failed, where it was tried often enough."""
    attempts = row.attempts + 1
    if attempts >= retries.most:
        return failed(replace(row, attempts=attempts), f"tried {attempts} times: {note}")
    return replace(
        requeued(row), attempts=attempts, not_before=at + retries.after(attempts), note=note[:_NOTE_CHARS]
    )


def given_back(row: MessageRow, note: str, at: datetime) -> MessageRow:
    """It alone met a channel that cannot be used, which is no attempt of its own. It may be tried at once, but comes
    after those that were ready before `at`, so that not the same one is tried each time."""
    return replace(requeued(row, note), not_before=at)


def requeued(row: MessageRow, note: str | None = None) -> MessageRow:
    """As it was before; with a new note, where there is one."""
    return replace(
        row,
        message=replace(row.message, status=Status.QUEUED, reason=None),
        claimed_at=None,
        tried_at=None,
        note=row.note if note is None else note[:_NOTE_CHARS],
    )


def unknown(row: MessageRow, note: str) -> MessageRow:
    """It may have been handed over or not: settled by the provider's receipt, or by the operator."""
    message = replace(row.message, status=Status.UNKNOWN, reason=None)
    return replace(row, message=message, attempts=row.attempts + 1, note=note[:_NOTE_CHARS])
