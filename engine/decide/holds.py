"""Messages that are held back: into the document, and out of it again.

A decided message goes through `ask`: it goes, or is held, or, where its grace is over, is skipped with the reason
for which it could not go. A held one waits in the document (`Standing.held`) as a run waits for its step: `first`
says which is to be asked again and when, `wake` asks. That is in the moment until which it is held; when the last
complaint is settled, or the customer ends a pause; in the last moment of its grace, after which it cannot go any more;
and when other journeys or another policy come into force. Until then the messages of a paused journey are not asked.

What a message says stays as it was decided first; its address is that of the moment in which it goes, and consent to
its channel is asked for once more. Ending the run does not take back a message that it has decided.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from engine.decide.consent import address, agreed
from engine.decide.draft import Draft
from engine.decide.rules import held_back, is_counted, still_counted
from engine.model.customer import PAUSED_UNTIL
from engine.model.journeys import Status as Stage
from engine.model.messages import Message, Reason, Status
from engine.model.standing import Counted, Hold


class Waiting(NamedTuple):
    """A held message and when it is to be asked again. In the order in which they are."""

    at: datetime
    due_at: datetime
    id: str


def ask(draft: Draft, message: Message) -> Message:
    """What becomes of a message that could go now; where it goes it counts, where it is held it is kept."""
    hold = _hold(draft, message)
    if hold is None:
        _count(draft, message)
        return message
    if draft.now >= message.not_after:
        return _skipped(message, hold.reason)
    until = None if hold.until is None else min(hold.until, message.not_after)
    held = replace(message, status=Status.HELD, reason=hold.reason, held_until=until)
    standing = draft.standing
    draft.standing = replace(standing, held={**standing.held, held.id: held})
    return held


def first(draft: Draft) -> Waiting | None:
    """The held message that is to be asked next."""
    return min(_all_waiting(draft), default=None)


def wake(draft: Draft, message_id: str) -> None:
    """Asks again; tells what becomes of it, if that is anything new."""
    standing = draft.standing
    held = standing.held[message_id]
    draft.standing = replace(
        standing, held={one: kept for one, kept in standing.held.items() if one != message_id}
    )
    outcome = _ask_again(draft, held)
    if outcome.status is Status.HELD and (outcome.reason, outcome.held_until) == (
        held.reason,
        held.held_until,
    ):
        draft.standing = standing
    else:
        draft.messages.append(outcome)


def wake_all(draft: Draft) -> None:
    """Asks for all again, as the rules may be others."""
    for one in sorted(_all_waiting(draft)):
        wake(draft, one.id)


def restrained(draft: Draft) -> bool:
    """Whether anything could hold a message back."""
    return draft.policy.restrains or PAUSED_UNTIL in draft.profile


def _awake(draft: Draft) -> list[Message]:
    """Those whose journey is not paused; what one has decided that is gone by now goes."""
    journeys = draft.program.journeys
    return [
        one
        for one in draft.standing.held.values()
        if (journey := journeys.get(one.journey)) is None
        or journey.status is Stage.RETIRED
        or draft.active(journey)
    ]


def _all_waiting(draft: Draft) -> list[Waiting]:
    complains, paused_until = draft.standing.complains, draft.view.paused_until
    over: set[Reason | None] = set()
    if not complains:
        over.add(Reason.COMPLAINT_OPEN)
    if paused_until is None or paused_until <= draft.now:
        over.add(Reason.PAUSED)
    return [_waiting(draft, one, over) for one in _awake(draft)]


def _waiting(draft: Draft, held: Message, over: Collection[Reason | None]) -> Waiting:
    """What held it back may be `over` before its time."""
    at = held.held_until or held.not_after
    return Waiting(min(at, draft.now) if held.reason in over else at, held.due_at, held.id)


def _ask_again(draft: Draft, held: Message) -> Message:
    message = replace(held, at=draft.now, status=Status.QUEUED, reason=None, held_until=None)
    assert message.channel is not None
    if not agreed(draft.view, draft.policy, message.channel, message.purpose):
        return _skipped(message, Reason.NO_CONSENT)
    place = address(draft.view, message.channel)
    if place is None:
        return _skipped(message, Reason.NO_ADDRESS)
    if draft.now > message.not_after:
        hold = _hold(draft, message)
        return _skipped(message, hold.reason if hold else held.reason or Reason.TOO_LATE)
    return ask(draft, replace(message, address=place))


def _hold(draft: Draft, message: Message) -> Hold | None:
    assert message.channel is not None
    standing = draft.standing
    return held_back(
        draft.policy,
        message.channel,
        message.purpose,
        draft.now,
        complains=bool(standing.complaints) and standing.complains,
        paused_until=draft.view.paused_until if PAUSED_UNTIL in draft.profile else None,
        lately=lambda: standing.counted,
    )


def _count(draft: Draft, message: Message) -> None:
    """What goes counts, whatever becomes of it with the sender: nothing is given back."""
    if is_counted(draft.policy, message.channel, message.purpose):
        assert message.channel is not None
        kept = still_counted(draft.policy, draft.standing.counted, draft.now)
        counted = Counted(draft.now, message.channel, message.purpose)
        draft.standing = replace(draft.standing, counted=(*kept, counted))


def _skipped(message: Message, reason: Reason) -> Message:
    return replace(message, status=Status.SKIPPED, reason=reason, held_until=None)
