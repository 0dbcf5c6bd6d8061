"""One group of claimed messages on its way to its channel: steps 2 to 5 of `deliver`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from engine.model.errors import DeliveryError, ServiceUnavailable, TemplateError, Unsettled
from engine.model.standing import Hold
from engine.ports import Answer, Channel, Clock, Lane, MessageRow, Outgoing, Receipt, Renderer, Store
from engine.runtime.crashpoints import reach
from engine.runtime.deliver_outcomes import (
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
from engine.runtime.last_question import LastQuestion
from engine.runtime.outages import Resting


def moment_of(row: MessageRow, clock: Clock | None) -> datetime:
    """The present moment: the clock's; by the events' clock the one for which the message was decided, or
    until which it was put off."""
    if clock is not None:
        return clock.now()
    return row.message.at if row.not_before is None else max(row.message.at, row.not_before)


def not_set_up(lane: Lane) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"No channel {lane.channel or None!r} is set up.", "See docs/reference/settings.md."
    )


class GroupDelivery:
    """`question` is asked last; the other members are those of the sender."""

    def __init__(
        self,
        *,
        store: Store,
        renderer: Renderer,
        channels: Mapping[str, Channel],
        question: LastQuestion,
        clock: Clock | None,
        retries: Retries,
        resting: Resting,
    ) -> None:
        self._store = store
        self._renderer = renderer
        self._channels = channels
        self._question = question
        self._clock = clock
        self._retries = retries
        self._resting = resting

    def deliver(self, rows: Sequence[MessageRow]) -> Counts:
        """Claimed rows of one lane, each of another customer; commits what became of them."""
        outcomes = self._outcomes(rows)
        self._store.settle(outcomes)  # 5
        reach("deliver.5")
        counts = Counts()
        claimed = {row.message.id: row for row in rows}
        for outcome in outcomes:
            counts.count(claimed[outcome.message.id], outcome)
        return counts

    def _outcomes(self, rows: Sequence[MessageRow]) -> list[MessageRow]:
        lane = rows[0].lane
        if self._resting.is_resting(lane):
            return [requeued(row) for row in rows]
        channel = self._channels.get(lane.channel)
        if channel is None:
            return self._given_back([(row, not_set_up(lane)) for row in rows], alone=False)
        rendered, outcomes = self._render(rows, channel)  # 2
        reach("deliver.2")
        going = self._ask(rendered, outcomes)  # 3
        reach("deliver.3")
        if going:
            outcomes += self._hand_over(going, channel)
        return outcomes

    def _render(
        self, rows: Sequence[MessageRow], channel: Channel
    ) -> tuple[list[tuple[MessageRow, Outgoing]], list[MessageRow]]:
        """Those that could be rendered, and what became of the others."""
        rendered, outcomes = [], []
        for row in rows:
            message = row.message
            try:
                ready = self._renderer.render(message, as_form=channel.takes_forms)
            except TemplateError as error:
                outcomes.append(failed(row, error.message))
            except Exception as error:  # whatever one message meets, the others go on
                outcomes.append(failed(row, f"{type(error).__name__} in rendering {message.template}"))
            else:
                rendered.append((row, Outgoing(message=message, rendered=ready)))
        return rendered, outcomes

    def _ask(
        self, rendered: list[tuple[MessageRow, Outgoing]], outcomes: list[MessageRow]
    ) -> list[tuple[MessageRow, Outgoing]]:
        """Those that may go; what becomes of the others is added to `outcomes`."""
        moments = self._moments([row for row, _ in rendered])
        answers = self._question.ask([row for row, _ in rendered], moments)
        going = []
        for one, answer, moment in zip(rendered, answers, moments, strict=True):
            if answer is None:
                going.append(one)
            elif isinstance(answer, Hold):
                outcomes.append(held(one[0], answer, moment))
            else:
                outcomes.append(skipped(one[0], answer))
        return going

    def _hand_over(self, going: list[tuple[MessageRow, Outgoing]], channel: Channel) -> list[MessageRow]:
        rows = [row for row, _ in going]
        if not channel.repeatable:
            at = moment_of(rows[0], self._clock)
            begun = self._store.begin([row.message.id for row in rows], at)  # 4, its beginning
            going = [one for one in going if one[0].message.id in begun]
            rows = [replace(row, tried_at=at) for row, _ in going]
            reach("deliver.begun")
        if not going:
            return []
        answers = _answers(channel, [outgoing for _, outgoing in going])  # 4
        reach("deliver.4")
        return self._became(rows, answers, channel)

    def _became(
        self, rows: Sequence[MessageRow], answers: Sequence[Answer], channel: Channel
    ) -> list[MessageRow]:
        outcomes = []
        back: list[tuple[MessageRow, ServiceUnavailable]] = []
        for row, answer, moment in zip(rows, answers, self._moments(rows), strict=True):
            if isinstance(answer, Receipt):
                outcomes.append(sent(row, answer, moment))
            elif isinstance(answer, ServiceUnavailable):
                back.append((row, answer))
            elif isinstance(answer, DeliveryError) and answer.permanent:
                outcomes.append(failed(replace(row, attempts=row.attempts + 1), answer.message))
            elif isinstance(answer, Unsettled) and not channel.repeatable:
                outcomes.append(unknown(row, answer.message))
            elif self._clock is None:
                # the events' time passes in no time, so waiting in it would use up every try at once
                back.append((row, ServiceUnavailable(answer.message, answer.hint)))
            else:
                outcomes.append(put_off(row, answer.message, moment, self._retries))
        lane = rows[0].lane
        unsettled = [one for one in answers if isinstance(one, Unsettled)]
        works = len(rows) == 1 and not self._resting.is_unproven(lane)
        if any(isinstance(one, Receipt) for one in answers):
            works = True
            self._resting.end(lane)
            for row in rows:
                self._resting.settled(lane, row.message.id)
        elif unsettled and not back and not channel.repeatable:
            # where nothing is heard of one, the next may be lost from sight as well
            self._resting.begin(lane, unsettled[0].message, unsettled[0].hint, passing=True)
        return outcomes + self._given_back(back, alone=works)

    def _given_back(
        self, back: Sequence[tuple[MessageRow, ServiceUnavailable]], *, alone: bool
    ) -> list[MessageRow]:
        """The lane rests. All keep their places, so that the oldest go first when it works again; but the first of
        them comes after all that are ready, where the channel works for others (`alone`)."""
        if not back:
            return []
        (first, error), *others = back
        asked_s = max((one.retry_after_s or 0.0 for _, one in back), default=0.0)
        passing = all(one.passing for _, one in back)
        self._resting.begin(first.lane, error.message, error.hint, asked_s, passing=passing)
        reach("deliver.outage")
        behind = [requeued(row, one.message) for row, one in others]
        if alone:
            self._resting.settled(first.lane, first.message.id)
            return [given_back(first, error.message, moment_of(first, self._clock)), *behind]
        self._resting.stumbled(first.lane, first.message.id)
        return [requeued(first, error.message), *behind]

    def _moments(self, rows: Sequence[MessageRow]) -> list[datetime]:
        """The present moment of each."""
        if self._clock is not None:
            return [self._clock.now()] * len(rows)
        return [moment_of(row, None) for row in rows]


def _answers(channel: Channel, outgoings: Sequence[Outgoing]) -> Sequence[Answer]:
    """What the channel says, or what it raises as that."""
    every: Answer
    try:
        answers = channel.deliver(outgoings)
    except ServiceUnavailable as error:
        every = error
    except Exception as error:
        note = f"{type(error).__name__} in channel {channel.name}"
        of_the_machine = channel.repeatable and isinstance(error, OSError)  # or of the network
        every = ServiceUnavailable(f"{note}.") if of_the_machine else Unsettled(note)
    else:
        if len(answers) == len(outgoings):
            return answers
        every = Unsettled(f"channel {channel.name} answered {len(answers)} of {len(outgoings)} messages")
    return [every] * len(outgoings)
