"""From the ledger to the channels.

What happens to messages; the code repeats the numbers, and crash tests are named by them:

1. Claim some, the oldest first, and commit: no other sender takes them now. A group of them is what goes to a channel
   at a time: all on one lane, no two for one customer, at most the channel's `batch`, and no more than the provider's
   rate lets go now. For each group:
2. Render it. What cannot be rendered fails alone.
3. Ask again, in the moment before it goes, with the customers as they are now: is it too late, is the consent
   withdrawn? Then a message is skipped. Does the policy hold it back (it is night by now, more was sent of late than a
   cap allows, a complaint is open)? Then it is held, and claimed again when it may go; or skipped, with that reason,
   if its grace is over by then.
4. Hand it over to its channel. Where that cannot be repeated, first write down that it begins, and commit.
5. Write down what became of all of it, and commit.

What the rate lets go later only is given back (`paces`), so that nothing waits that has been asked for the last time,
or begun. A channel that cannot be used at 4 rests for a while (`outages`): what it did not take is given back at 5,
queued as it was, and so is what else of its lane was claimed. Others go on. It is tried again with one message. Nor
does a lane on which messages go slowly keep others waiting (`turns`).

After a crash anywhere between 1 and 5 the rows are still `claimed`. The next sender starts by asking what
became of them (`recover`): a repeatable channel that has one whole says so, and the row becomes `sent`; one that
has not gets it again by way of 1, so that a consent withdrawn meanwhile counts; of one that cannot tell just
now the row stays `claimed`, and it is asked again. Of a channel that is not repeatable, a row whose handing
over had not begun is queued again; one whose had is `sent` where the channel says that it has it, else `unknown`,
and never sent again by itself. There is one sender at a time.
"""

from collections.abc import Mapping
from datetime import datetime

from engine.model.errors import DeliveryError, MilepostError, ServiceUnavailable
from engine.model.messages import Status
from engine.ports import Channel, Clock, Lane, MessageRow, Renderer, Room, Store
from engine.runtime.crashpoints import reach
from engine.runtime.deliver_group import GroupDelivery, moment_of, not_set_up
from engine.runtime.deliver_groups import groups
from engine.runtime.deliver_outcomes import RETRIES, Counts, Retries, requeued, sent, unknown
from engine.runtime.last_question import LastQuestion, MaySend
from engine.runtime.outages import Cause, Outage, Resting
from engine.runtime.paces import Paces
from engine.runtime.settling import Settling
from engine.runtime.turns import Turns


class Deliverer:
    """Sends what is queued. `channels` maps the names that messages carry to channels; `may_send` is asked in the
    moment before they go, where there is anything to ask. `clock` is None where time is that of the events: then a
    message goes out in the moment it was decided for."""

    def __init__(  # noqa: PLR0913 - what it is made of, by name
        self,
        store: Store,
        renderer: Renderer,
        channels: Mapping[str, Channel],
        may_send: MaySend | None,
        clock: Clock | None,
        *,
        retries: Retries = RETRIES,
        resting: Resting | None = None,
        turns: Turns | None = None,
        paces: Paces | None = None,
        settling: Settling | None = None,
    ) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock
        self._resting = resting or Resting()
        self._group = GroupDelivery(
            store=store,
            renderer=renderer,
            channels=channels,
            question=LastQuestion(store, may_send),
            clock=clock,
            retries=retries,
            resting=self._resting,
        )
        self._turns = turns or Turns()
        self._paces = paces or Paces()
        self._left_out: list[Lane] = []  # of the claim that was made last
        self._settling = settling
        self._left: list[MessageRow] | None = None  # by a sender that died; None: not looked for yet

    def deliver_due(self, now: datetime, limit: int | None = None) -> Counts:
        """Sends what may be sent at `now`, up to `limit` messages; the first call recovers before, and so does one
        after the store was away, since what had been claimed then may be handed over or not."""
        done = Counts()
        while limit is None or done.claimed < limit:
            some = self._some(now, None if limit is None else limit - done.claimed)
            if not some:
                break
            done.add(some)
        return done

    def deliver_some(self, now: datetime) -> Counts:
        """Of these, as many as take about a second."""
        return self._some(now, None)

    def _some(self, now: datetime, limit: int | None) -> Counts:
        try:
            return self._step(now, limit)
        except MilepostError:
            self._left = None
            raise

    def _step(self, now: datetime, limit: int | None) -> Counts:
        done = self.recover() if self._left is None else Counts()
        while not done.claimed and (rows := self._claim(now, limit)):
            reach("deliver.1")
            done.add(self._send(rows))
        if self._left:
            done.add(self.recover())
        done.add(self._skip_late(now))
        done.add(self._settle_unknown(now))
        return done

    def _claim(self, now: datetime, limit: int | None) -> list[MessageRow]:
        """1. Left out are the lanes that rest, those on which the rate lets nothing go, and those that are not in turn
        while there is anything else. Of one that had to wait for its rate no more are claimed than may go."""
        wanted = self._turns.claim.rows if limit is None else min(self._turns.claim.rows, limit)
        opened = self._paces.opened()
        for lane in opened:
            wanted = min(wanted, max(1, self._room(lane).messages))
        self._left_out = [*self._resting.lanes(), *self._paces.closed()]
        ahead = self._turns.ahead()
        rows = self._store.claim(now, wanted, [*self._left_out, *ahead])
        if ahead and not rows:
            self._turns.forget()
            rows = self._store.claim(now, wanted, self._left_out)
        channels = {row.lane.channel for row in rows}
        for lane in opened:
            if lane.channel not in channels:
                self._paces.forget(lane)
        return rows

    def _send(self, rows: list[MessageRow]) -> Counts:
        """Group by group. What is left of a lane whose turn is over is queued again as it was; so it is when one
        message has shown that the lane can be used again, to begin with the oldest."""
        done = Counts()
        left: list[MessageRow] = []
        proven: set[Lane] = set()
        paced = 0
        with self._turns.round(lambda: len(rows) - paced):
            for group in groups(rows, self._most, self._resting.stumbles):
                lane = group[0].lane
                has_to_wait = self._has_to_wait(lane)
                if lane in proven or self._turns.is_over(lane) or has_to_wait:
                    left += map(requeued, group)
                    paced += len(group) if has_to_wait else 0
                    continue
                unproven = self._resting.is_unproven(lane)
                with self._turns.turn(lane, len(group)):
                    done.add(self._group.deliver(group))
                if unproven and not self._resting.is_unproven(lane):
                    proven.add(lane)
        if left:
            self._store.settle(left)
        return done

    def _most(self, lane: Lane) -> int:
        """How many go at a time on the lane: one, to try it, where it could not be used."""
        channel = self._channels.get(lane.channel)
        if channel is None or self._resting.is_unproven(lane):
            return 1
        return max(1, min(channel.batch, self._turns.rows(lane), channel.room().messages))

    def _room(self, lane: Lane) -> Room:
        channel = self._channels.get(lane.channel)
        return Room(messages=1) if channel is None else channel.room()

    def _has_to_wait(self, lane: Lane) -> bool:
        """Whether the provider's rate lets nothing go on it now."""
        if not self._paces.is_closed(lane) and not (room := self._room(lane)).messages:
            self._paces.close(lane, room.again_s)
        return self._paces.is_closed(lane)

    def again_in_s(self) -> float | None:
        """In how many seconds, after nothing was found to send, that is worth trying again, because what waits for the
        provider's rate may go by then, or what was wrong with a channel will most likely have passed. None: there is
        nothing of the kind."""
        paces = [self._paces.opens_in_s(lane) for lane in self._left_out]
        rests = [self._resting.back_in_s(lane) for lane in self._left_out]
        return min((one for one in (*paces, *rests) if one is not None), default=None)

    def causes(self) -> frozenset[Cause]:
        """Which channels cannot be used at present, and why."""
        return self._resting.causes()

    def outages(self) -> list[Outage]:
        """The same in full, with how many messages wait."""
        return self._resting.outages(self._store.count_waiting()) if self.causes() else []

    def close(self) -> None:
        """Lets the channels go of what they keep open."""
        for channel in self._channels.values():
            channel.close()

    def _skip_late(self, now: datetime) -> Counts:
        """Nobody takes up what waits for a channel that rests, to see that it has become too late for it. By
        the events' clock it never does."""
        lanes = self._resting.begun()
        if self._clock is None or not lanes:
            return Counts()
        skipped = self._store.skip_late(now, lanes)
        return Counts(claimed=skipped, skipped=skipped)

    def _settle_unknown(self, now: datetime) -> Counts:
        """As the policy has it. By the events' clock nobody waits for receipts."""
        if self._clock is None or self._settling is None:
            return Counts()
        return self._settling.settle(now)

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
                    self._resting.begin(
                        row.lane, error.message, error.hint, error.retry_after_s, passing=error.passing
                    )
        if outcomes:
            self._store.settle(outcomes)
        self._left = left
        lost = sum(row.message.status is Status.UNKNOWN for row in outcomes)
        return Counts(recovered=len(outcomes), unknown=lost)

    def _recover(self, row: MessageRow) -> MessageRow:
        channel = self._channels.get(row.message.channel or "")
        if channel is None:
            raise not_set_up(row.lane)
        if not channel.repeatable and row.tried_at is None:
            return requeued(row)
        try:
            receipt = channel.recover(row.message)
        except DeliveryError:
            receipt = None  # it never took such a message
        if receipt or channel.repeatable:
            self._resting.end(row.lane)
        if receipt:
            return sent(row, receipt, moment_of(row, self._clock))
        return requeued(row) if channel.repeatable else unknown(row, "the sender stopped while handing over")
