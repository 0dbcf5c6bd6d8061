"""From the ledger to the channels.

What happens to a message; the code repeats the numbers, and crash tests are named by them:

1. Claim it, with others, and commit: no other sender takes it now.
2. Ask again, in the moment it is sent: is it too late, is the consent withdrawn? Then it is skipped.
3. Render it.
4. Hand it over to its channel. Where that cannot be repeated, first write down that it begins, and commit.
5. Write down what became of it, with the others (alone and at once, where 4 cannot be repeated), and commit.

After a crash anywhere between 1 and 5 the row is still `claimed`. The next sender starts by asking what
became of it (`recover`): a repeatable channel that has it whole says so, and the row becomes `sent`; one that
has not gets it again by way of 1, so that a consent withdrawn meanwhile counts. Of a channel that is not
repeatable, a row whose handing over had not begun is queued again; one whose had is `unknown`, and never sent
again by itself. There is one sender at a time.

A message that cannot be rendered fails alone; the others go on.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from engine.model.customer import Customer
from engine.model.errors import DeliveryError, ServiceUnavailable, TemplateError
from engine.model.messages import Message, Reason
from engine.ports import Channel, Clock, MessageRow, Outgoing, Receipt, Rendered, Renderer, Store
from engine.runtime.crashpoints import reach
from engine.runtime.deliver_outcomes import (
    RETRIES,
    Counts,
    Retries,
    failed,
    put_off,
    requeued,
    sent,
    skipped,
    unknown,
)

BATCH = 100
"""Rows claimed, and settled, in one transaction."""

MaySend = Callable[[Customer | None, Message, datetime], Reason | None]
"""Why a message must not go to this customer (None: nobody is left of that id) at that moment."""


class Deliverer:
    """Sends what is queued. `channels` maps the names that messages carry to channels. `clock` is None
    where time is that of the events: then a message goes out in the moment it was decided for.
    `on_progress` is told after each batch what was done since the call began."""

    def __init__(
        self,
        store: Store,
        renderer: Renderer,
        channels: Mapping[str, Channel],
        may_send: MaySend,
        clock: Clock | None,
        on_progress: Callable[[Counts], None] = lambda _counts: None,
        *,
        retries: Retries = RETRIES,
    ) -> None:
        self._store = store
        self._renderer = renderer
        self._channels = channels
        self._may_send = may_send
        self._clock = clock
        self._on_progress = on_progress
        self._retries = retries
        self._recovered = False

    def deliver_due(self, now: datetime, limit: int | None = None) -> Counts:
        """Sends what may be sent at `now`, up to `limit` messages; the first call recovers before."""
        done = Counts()
        if not self._recovered:
            done.add(self.recover())
        while limit is None or done.claimed < limit:
            wanted = BATCH if limit is None else min(BATCH, limit - done.claimed)
            rows = self._store.claim(now, wanted)  # 1
            if not rows:
                break
            reach("deliver.1")
            done.add(self._batch(rows))
            self._on_progress(done)
        return done

    def recover(self) -> Counts:
        """Finds out what became of the rows that a sender left `claimed` when it died."""
        rows = self._store.claimed()
        self._store.settle([self._recover(row) for row in rows])
        self._recovered = True
        return Counts(recovered=len(rows))

    def _recover(self, row: MessageRow) -> MessageRow:
        channel = self._channels.get(row.message.channel or "")
        if channel is None or not channel.repeatable:
            return unknown(row, "the sender stopped while handing over") if row.tried_at else requeued(row)
        try:
            receipt = channel.recover(row.message)
        except DeliveryError:
            receipt = None  # it cannot tell; done again, which changes nothing
        return sent(row, receipt, self._moment(row)) if receipt else requeued(row)

    # A batch

    def _batch(self, rows: Sequence[MessageRow]) -> Counts:
        counts = Counts(claimed=len(rows))
        outcomes = []
        for row in rows:
            outcome, settled = self._deliver(row)
            counts.count(outcome)
            if not settled:
                outcomes.append(outcome)
        self._store.settle(outcomes)  # 5
        reach("deliver.5")
        return counts

    def _deliver(self, row: MessageRow) -> tuple[MessageRow, bool]:
        """Steps 2 to 4, and 5 where 4 cannot be repeated: what became of the message, and whether that is
        committed."""
        message = row.message
        now = self._moment(row)
        customer = self._store.customers([message.customer_id]).get(message.customer_id)
        reason = self._may_send(customer, message, now)  # 2
        reach("deliver.2")
        if reason is not None:
            return skipped(row, reason), False
        channel = self._channels.get(message.channel or "")
        if channel is None:
            return put_off(row, f"no channel {message.channel!r} is set up", now, self._retries), False
        try:
            rendered = self._renderer.render(message)  # 3
        except TemplateError as error:
            return failed(row, error.message), False
        except Exception as error:  # whatever one message meets, the others go on
            return failed(row, f"{type(error).__name__} in rendering {message.template}"), False
        reach("deliver.3")
        if channel.repeatable:
            return self._hand_over(row, channel, rendered), False
        begun = replace(row, tried_at=now)
        self._store.settle([begun])  # 4, its beginning
        reach("deliver.begun")
        outcome = self._hand_over(begun, channel, rendered)
        self._store.settle([outcome])  # 5
        reach("deliver.5")
        return outcome, True

    def _hand_over(self, row: MessageRow, channel: Channel, rendered: Rendered) -> MessageRow:
        try:
            receipt: Receipt = channel.deliver(Outgoing(message=row.message, rendered=rendered))  # 4
        except DeliveryError as error:
            if error.permanent:
                return failed(replace(row, attempts=row.attempts + 1), error.message)
            if self._clock is None:
                # the events' time passes in no time, so waiting in it would use up every try at once
                raise ServiceUnavailable(error.message, error.hint) from error
            return put_off(row, error.message, self._moment(row), self._retries)
        except Exception as error:
            note = f"{type(error).__name__} in channel {channel.name}"
            if channel.repeatable:
                return put_off(row, note, self._moment(row), self._retries)
            return unknown(row, note)
        reach("deliver.4")
        return sent(row, receipt, self._moment(row))

    def _moment(self, row: MessageRow) -> datetime:
        """The present moment: the clock's; by the events' clock the one for which the message was decided, or
        until which it was put off."""
        if self._clock is not None:
            return self._clock.now()
        moments = (row.message.at, row.not_before, row.message.held_until)
        return max(one for one in moments if one is not None)
