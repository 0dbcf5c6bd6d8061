"""From the ledger to the channels.

What happens to a message; the code repeats the numbers, and crash tests are named by them:

1. Claim it, with others, and commit: no other sender takes it now.
2. Ask again, in the moment it is sent: is it too late, is the consent withdrawn? Then it is skipped. Does the policy
   hold it back (it is night by now, more was sent of late than a cap allows, a complaint is open)? Then it is held, and
   claimed again when it may go; or skipped, with that reason, if its grace is over by then.
3. Render it.
4. Hand it over to its channel. Where that cannot be repeated, first write down that it begins, and commit.
5. Write down what became of it, with the others (alone and at once, where 4 cannot be repeated), and commit.

A channel that cannot be used at 4 rests for a while (`outages`): the message is given back at 5, queued as it
was, and so are those of its lane that were claimed with it. Others go on.

After a crash anywhere between 1 and 5 the row is still `claimed`. The next sender starts by asking what
became of it (`recover`): a repeatable channel that has it whole says so, and the row becomes `sent`; one that
has not gets it again by way of 1, so that a consent withdrawn meanwhile counts; of one that cannot tell just
now the row stays `claimed`, and it is asked again. Of a channel that is not repeatable, a row whose handing
over had not begun is queued again; one whose had is `unknown`, and never sent again by itself. There is one
sender at a time.

A message that cannot be rendered fails alone; the others go on.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from engine.model.customer import Customer
from engine.model.errors import DeliveryError, MilepostError, ServiceUnavailable, TemplateError
from engine.model.messages import Message, Reason
from engine.model.standing import Counted, Hold
from engine.ports import Channel, Clock, MessageRow, Outgoing, Receipt, Rendered, Renderer, Store
from engine.runtime.crashpoints import reach
from engine.runtime.deliver_outcomes import (
    RETRIES,
    Counts,
    Retries,
    failed,
    given_back,
    held,
    put_off,
    requeued,
    sent,
    skipped,
    unknown,
)
from engine.runtime.outages import Cause, Outage, Resting

BATCH = 100
"""Rows claimed, and settled, in one transaction."""

Lately = Callable[[datetime], Sequence[Counted]]
"""What was sent to the message's customer since then."""

MaySend = Callable[[Customer | None, Message, datetime, Lately], Reason | Hold | None]
"""Why a message must not go to this customer (None: nobody is left of that id) at that moment, or what holds it
back."""


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
        resting: Resting | None = None,
    ) -> None:
        self._store = store
        self._renderer = renderer
        self._channels = channels
        self._may_send = may_send
        self._clock = clock
        self._on_progress = on_progress
        self._retries = retries
        self._resting = resting or Resting()
        self._unsettled: list[MessageRow] = []  # of the batch under way
        self._left: list[MessageRow] | None = None  # by a sender that died; None: not looked for yet

    def deliver_due(self, now: datetime, limit: int | None = None) -> Counts:
        """Sends what may be sent at `now`, up to `limit` messages; the first call recovers before, and so does one
        after the store was away, since what had been claimed then may be handed over or not."""
        try:
            return self._deliver_due(now, limit)
        except MilepostError:
            self._left = None
            raise

    def _deliver_due(self, now: datetime, limit: int | None) -> Counts:
        done = self.recover() if self._left is None else Counts()
        while limit is None or done.claimed < limit:
            wanted = BATCH if limit is None else min(BATCH, limit - done.claimed)
            rows = self._store.claim(now, wanted, self._resting.lanes())  # 1
            if not rows:
                break
            reach("deliver.1")
            done.add(self._batch(rows))
            self._on_progress(done)
        if self._left:
            done.add(self.recover())
        done.add(self._skip_late(now))
        return done

    def causes(self) -> frozenset[Cause]:
        """Which channels cannot be used at present, and why."""
        return self._resting.causes()

    def outages(self) -> list[Outage]:
        """The same in full, with how many messages wait."""
        return self._resting.outages(self._store.count_waiting()) if self.causes() else []

    def _skip_late(self, now: datetime) -> Counts:
        """Nobody takes up what waits for a channel that rests, to see that it has become too late for it. By
        the events' clock it never does."""
        lanes = self._resting.begun()
        if self._clock is None or not lanes:
            return Counts()
        skipped = self._store.skip_late(now, lanes)
        return Counts(claimed=skipped, skipped=skipped)

    # After a crash

    def recover(self) -> Counts:
        """Finds out what became of the rows that a sender left `claimed` when it died. Where a channel cannot
        tell, they stay so; its other messages are tried before it is asked again, as its trouble may be with
        these rows only."""
        known = self._left
        outcomes, left = [], []
        for row in self._store.claimed() if known is None else known:
            if self._resting.is_resting(row.lane):
                left.append(row)
                continue
            try:
                outcomes.append(self._recover(row))
            except ServiceUnavailable as error:
                left.append(row)
                if known is not None:
                    self._resting.begin(row.lane, error.message, error.hint)
        if outcomes:
            self._store.settle(outcomes)
        self._left = left
        return Counts(recovered=len(outcomes))

    def _recover(self, row: MessageRow) -> MessageRow:
        channel = self._channels.get(row.message.channel or "")
        if channel is None:
            raise _not_set_up(row)
        if not channel.repeatable:
            return unknown(row, "the sender stopped while handing over") if row.tried_at else requeued(row)
        try:
            receipt = channel.recover(row.message)
        except DeliveryError:
            receipt = None  # it never took such a message
        self._resting.end(row.lane)
        return sent(row, receipt, self._moment(row)) if receipt else requeued(row)

    # A batch

    def _batch(self, rows: Sequence[MessageRow]) -> Counts:
        counts = Counts()
        self._unsettled = outcomes = []
        for row in rows:
            outcome, settled = self._deliver(row)
            counts.count(row, outcome)
            if not settled:
                outcomes.append(outcome)
        self._store.settle(outcomes)  # 5
        self._unsettled = []
        reach("deliver.5")
        return counts

    def _deliver(self, row: MessageRow) -> tuple[MessageRow, bool]:
        """Steps 2 to 4, and 5 where 4 cannot be repeated: what became of the message, and whether that is
        committed."""
        message = row.message
        now = self._moment(row)
        customer = self._store.customers([message.customer_id]).get(message.customer_id)
        answer = self._may_send(customer, message, now, lambda since: self._lately(message, since))  # 2
        reach("deliver.2")
        if isinstance(answer, Hold):
            return held(row, answer, now), False
        if answer is not None:
            return skipped(row, answer), False
        if self._resting.is_resting(row.lane):
            return requeued(row), False
        channel = self._channels.get(message.channel or "")
        if channel is None:
            return self._give_back(row, _not_set_up(row)), False
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

    def _lately(self, message: Message, since: datetime) -> list[Counted]:
        """What was handed over to the message's customer, in this batch too."""
        customer_id = message.customer_id
        here = (row for row in self._unsettled if row.message.customer_id == customer_id and row.sent_at)
        return [
            Counted(at, row.message.channel, row.message.purpose)
            for row in (*self._store.handed_over(customer_id, since), *here)
            if (at := row.handed_over_at) is not None and row.message.channel is not None
        ]

    def _hand_over(self, row: MessageRow, channel: Channel, rendered: Rendered) -> MessageRow:
        try:
            receipt: Receipt = channel.deliver(Outgoing(message=row.message, rendered=rendered))  # 4
        except ServiceUnavailable as error:
            return self._give_back(row, error)
        except DeliveryError as error:
            if error.permanent:
                return failed(replace(row, attempts=row.attempts + 1), error.message)
            if self._clock is None:
                # the events' time passes in no time, so waiting in it would use up every try at once
                return self._give_back(row, error)
            return put_off(row, error.message, self._moment(row), self._retries)
        except Exception as error:
            note = f"{type(error).__name__} in channel {channel.name}"
            if not channel.repeatable:
                return unknown(row, note)
            if isinstance(error, OSError):  # the machine's trouble, or the network's
                return self._give_back(row, ServiceUnavailable(f"{note}."))
            return put_off(row, note, self._moment(row), self._retries)
        self._resting.end(row.lane)
        reach("deliver.4")
        return sent(row, receipt, self._moment(row))

    def _give_back(self, row: MessageRow, error: MilepostError) -> MessageRow:
        self._resting.begin(row.lane, error.message, error.hint)
        reach("deliver.outage")
        return given_back(row, error.message, self._moment(row))

    def _moment(self, row: MessageRow) -> datetime:
        """The present moment: the clock's; by the events' clock the one for which the message was decided, or
        until which it was put off."""
        if self._clock is not None:
            return self._clock.now()
        return row.message.at if row.not_before is None else max(row.message.at, row.not_before)


def _not_set_up(row: MessageRow) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"No channel {row.message.channel!r} is set up.", "See docs/reference/settings.md."
    )
