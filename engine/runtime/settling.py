"""What becomes of messages in the end of which nobody can tell whether they were sent, as the policy has it.

A receipt settles such a message, whenever it comes. Where none has come for as long as the policy says, it counts as
failed, or is sent again, if it is not too late for that: or it is left to a person, as long as the policy says nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from engine.model.policy import AfterAll, Policy
from engine.ports import MessageFilter, Store
from engine.runtime.deliver_outcomes import Counts

AT_A_TIME = 500
EVERY = timedelta(minutes=1)
"""How often it is looked."""


class Settling:
    """`policy` gives the one in force."""

    def __init__(self, store: Store, policy: Callable[[], Policy]) -> None:
        self._store = store
        self._policy = policy
        self._looked_at: datetime | None = None

    def settle(self, now: datetime) -> Counts:
        """Settles what is to be settled at `now`, where it is time to look. Returns how many have `failed`, and were
        queued again (`recovered`)."""
        done = Counts()
        if self._looked_at is not None and self._looked_at <= now < self._looked_at + EVERY:
            return done
        self._looked_at = now
        policy = self._policy()
        rule = policy.unsettled
        if rule.then is AfterAll.LEAVE:
            return done
        until = rule.after.before(now, policy.zone)
        rows = self._store.unsettled(until, AT_A_TIME)
        while rows:
            late = rows
            if rule.then is AfterAll.SEND_AGAIN:
                late = [row for row in rows if row.message.not_after < now]
                again = frozenset(row.message.id for row in rows if row.message.not_after >= now)
                if again:
                    done.recovered += self._store.requeue(MessageFilter(ids=again), now).queued
            if late:
                note = f"within {_long(now - until)} nobody has told whether it was sent"
                failed = self._store.give_up([row.message.id for row in late], note)
                done.add(Counts(claimed=failed, failed=failed))
            rows = self._store.unsettled(until, AT_A_TIME)
        return done


def _long(time: timedelta) -> str:
    hours = round(time.total_seconds() / 3600)
    return f"{hours} hours" if hours < 48 else f"{round(hours / 24)} days"
