"""What to do about messages of which nobody can tell whether they were sent."""

from collections.abc import Iterable, Iterator
from typing import Any

from engine.cli.context import local
from engine.model.messages import Status
from engine.model.policy import AfterAll, Policy
from engine.ports import MessageRow

_RETRY = "`milepost messages retry ID --status unknown` sends it, perhaps for the second time."
_TO_DO = {
    "email": "A receipt settles it: see that the provider's webhook, or the mailbox for bounces, is read. Else look "
    f"for the id at the provider; where it is not there, {_RETRY}",
    "sms": "A receipt settles it: see that the provider's reports come in. Else look for the id, its reference, at "
    f"the provider; where it is not there, {_RETRY}",
    "letter": "The printer's confirmation settles it. Else ask whether the letter of this id was printed; where it "
    f"was not, {_RETRY}",
}
_ELSE = f"Look for the id where it was handed over; where it is not there, {_RETRY}"


def what_to_do(channel: str | None) -> str:
    return _TO_DO.get(channel or "", _ELSE)


def unknown_members(row: MessageRow, policy: Policy) -> dict[str, Any]:
    """What the line of such a message tells beside: what can be done about it, and what becomes of it by itself, and
    when. Nothing for any other message."""
    if row.message.status is not Status.UNKNOWN:
        return {}
    rule = policy.unsettled
    tried_at = row.handed_over_at or row.message.at
    becomes = None
    if rule.then is not AfterAll.LEAVE:
        at = rule.after.after(tried_at, policy.zone)
        late = rule.then is AfterAll.SEND_AGAIN and row.message.not_after < at
        then = AfterAll.FAILED if late else rule.then
        becomes = {"at": local(at, policy.zone), "then": then}
    return {
        "tried_at": local(tried_at, policy.zone),
        "what_to_do": what_to_do(row.message.channel),
        "becomes": becomes,
    }


def told_below(channels: Iterable[str | None], policy: Policy) -> Iterator[str]:
    """For people, under a list in which there are such messages of these channels; nothing where there are none."""
    named = sorted(set(channels), key=str)
    if not named:
        return
    for channel in named:
        yield f"unknown, by {channel or 'no channel'}: {what_to_do(channel)}"
    rule = policy.unsettled
    if rule.then is AfterAll.LEAVE:
        yield "By themselves they stay unknown: the policy has no `unsettled` that says otherwise."
    else:
        becomes = "are sent again" if rule.then is AfterAll.SEND_AGAIN else "count as failed"
        yield f"Those of which nothing is heard {becomes} in the end, as the policy's `unsettled` says."
