"""The rules that hold messages back: an open complaint, a pause that the customer asked for, caps, quiet hours.

They are asked twice: when a message is decided, with what was decided before it; and when it is sent, with what
was really sent. Where several hold a message back, the reason is the first of these: `complaint open`, `paused`,
`capped`, `quiet hours`.

A pause holds back what needs consent, whatever the policy says: it is the customer's word, so no purpose ignores it.

Caps count over a sliding time: a message counts from the moment it went on its way until the cap's `within` after
it. A message of a purpose that ignores the caps is never held by one, and counts all the same: the customer has
got it.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.model.messages import Reason
from engine.model.policy import Cap, Policy, QuietHours
from engine.model.standing import Counted, Hold

_DAY = timedelta(days=1)

Lately = Callable[[], Sequence[Counted]]
"""What counts for the caps; asked only where there is one for the message."""


def held_back(  # what the rules ask of a message
    policy: Policy,
    channel: str,
    purpose: str,
    now: datetime,
    *,
    complains: bool,
    paused_until: datetime | None,
    lately: Lately,
) -> Hold | None:
    """What holds a message back that would go by `channel` for `purpose` at `now`; None if nothing does."""
    known = policy.purposes.get(purpose)
    ignores = known.ignores if known is not None else frozenset[str]()
    marketing = known is None or known.consent_required
    if complains and marketing and "complaint open" in policy.hold_while and "hold_while" not in ignores:
        return Hold(Reason.COMPLAINT_OPEN, None)
    quiet = None if "quiet_hours" in ignores else policy.quiet_hours.get(channel)
    if paused_until is not None and paused_until > now and marketing:
        return Hold(Reason.PAUSED, _awake(quiet, paused_until, policy.zone))
    if policy.caps and "caps" not in ignores:
        until = _capped_until(policy, channel, purpose, now, lately)
        if until is not None:
            return Hold(Reason.CAPPED, _awake(quiet, until, policy.zone))
    until = quiet_until(quiet, now, policy.zone) if quiet is not None else None
    return None if until is None else Hold(Reason.QUIET_HOURS, until)


def _awake(quiet: QuietHours | None, moment: datetime, zone: ZoneInfo) -> datetime:
    """`moment`, or when the quiet hours end that it lies in."""
    return (quiet and quiet_until(quiet, moment, zone)) or moment


def covers(cap: Cap, channel: str, purpose: str) -> bool:
    """Whether the cap counts such messages."""
    return (not cap.over or channel in cap.over) and (not cap.purposes or purpose in cap.purposes)


def quiet_until(quiet: QuietHours, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours end that `moment` lies in, None if it lies in none. They begin with their first minute
    and end before their last: with `21:00-09:00` a message may go at 09:00."""
    local = moment.astimezone(zone)
    clock = local.time()
    overnight = quiet.end <= quiet.start
    if overnight:
        if quiet.end <= clock < quiet.start:
            return None
    elif not quiet.start <= clock < quiet.end:
        return None
    day = local.date()
    if clock >= quiet.end:
        day, fold = day + _DAY, 0
    else:
        fold = local.fold
    return datetime.combine(day, quiet.end.replace(fold=fold), tzinfo=zone).astimezone(UTC)


def still_counted(policy: Policy, counted: Sequence[Counted], now: datetime) -> tuple[Counted, ...]:
    """Those that some cap may still count after `now`."""
    return tuple(
        one
        for one in counted
        if any(
            covers(cap, one.channel, one.purpose) and cap.within.after(one.at, policy.zone) > now
            for cap in policy.caps
        )
    )


def is_counted(policy: Policy, channel: str | None, purpose: str) -> bool:
    """Whether any cap counts such messages."""
    return channel is not None and any(covers(cap, channel, purpose) for cap in policy.caps)


def counted_since(policy: Policy, now: datetime) -> datetime:
    """What went on its way before this moment counts for no cap at `now`. Some days early, as months differ."""
    return min((cap.within.before(now, policy.zone) for cap in policy.caps), default=now) - 4 * _DAY


def _capped_until(
    policy: Policy, channel: str, purpose: str, now: datetime, lately: Lately
) -> datetime | None:
    """When every cap lets one more go, if nothing else goes before; None if all do now."""
    latest: datetime | None = None
    for cap in policy.caps:
        if covers(cap, channel, purpose):
            free = free_at(cap, lately(), now, policy.zone)
            if free is not None and (latest is None or free > latest):
                latest = free
    return latest


def free_at(cap: Cap, counted: Sequence[Counted], now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the cap lets one more go; None if it does now."""
    those = [one.at for one in counted if covers(cap, one.channel, one.purpose)]
    if len(those) < cap.at_most:
        return None
    ends = sorted(end for end in (cap.within.after(at, zone) for at in those) if end > now)
    return ends[len(ends) - cap.at_most] if len(ends) >= cap.at_most else None
