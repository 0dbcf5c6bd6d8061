"""A message: which channels were asked, what came of each, what held it back, and what the ledger says of it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from engine.decide.rules import covers, free_at
from engine.decide.watched import Decided, Tried, Trying
from engine.model.messages import Message, Reason, Status
from engine.model.policy import Cap
from engine.model.standing import Counted
from engine.model.times import to_moment
from engine.ports import MessageRow
from engine.why import words
from engine.why.scenery import Scenery
from engine.why.told import Channel, Entry, MessageTold

_WENT = {Status.SENT: "sent", Status.DELIVERED: "sent, and delivered", Status.BOUNCED: "sent, but it bounced"}
_LATE = timedelta(minutes=1)
_HOLDING = frozenset({Reason.QUIET_HOURS, Reason.COMPLAINT_OPEN, Reason.PAUSED, Reason.CAPPED})


def told_message(
    scenery: Scenery, decided: Decided | None, trying: Trying | None, row: MessageRow | None
) -> Entry:
    """What became of a message that was come to at a step; at least one of `decided` and `row` is there."""
    replayed = decided.message if decided is not None else None
    message = row.message if row is not None else replayed
    assert message is not None
    return Entry(
        at=scenery.local(message.due_at),
        kind="message",
        text=f"{named(message, trying)} {_outcome(scenery, message, row)}",
        details=[
            *_channels(scenery, message, trying),
            *(_held_first(scenery, decided, row) if decided is not None else ()),
            *_ledger(scenery, replayed, row),
        ],
        message=_facts(scenery, message, replayed, trying, row),
    )


def asked_again(scenery: Scenery, decided: Decided, trying: Trying | None) -> Entry:
    """A message that was held, once more."""
    message = decided.message
    return Entry(
        at=scenery.local(message.at),
        kind="message",
        text=f"{named(message, trying)} was held, and is tried again: it {_decision(scenery, message)}",
        details=list(_holding(scenery, decided)),
        message=_facts(scenery, message, message, None, scenery.ledger.get(message.id)),
    )


def coming(scenery: Scenery, decided: Decided, trying: Trying | None) -> Entry:
    """A message that is expected."""
    message = decided.message
    name = named(message, trying)
    if message.status is Status.QUEUED:
        text = f"{name} would go by {message.channel}"
    elif message.status is Status.HELD:
        text = f"{name} would be held: {message.reason}"
    else:
        text = f"{name} would not be sent: {message.reason}"
    return Entry(
        at=scenery.local(message.at),
        kind="expected",
        text=text,
        details=[*_channels(scenery, message, trying), *_holding(scenery, decided)],
        message=_facts(scenery, message, message, trying, None),
    )


def named(message: Message, trying: Trying | None) -> str:
    """`tyre-health`, `tyre-health (round 2)`."""
    loops = trying.run.loops if trying is not None else ()
    return f"{message.template} (round {loops[-1].index})" if loops else message.template


def _held_first(scenery: Scenery, decided: Decided, row: MessageRow | None) -> Iterator[str]:
    """What held it back, where that is not what the ledger says by now."""
    message = decided.message
    if message.status is Status.HELD and row is not None and row.message.status is not Status.HELD:
        yield f"at first it {_decision(scenery, message).replace('is held', 'was held', 1)}"
    yield from _holding(scenery, decided)


def _outcome(scenery: Scenery, message: Message, row: MessageRow | None) -> str:
    if row is None:
        return f"{_decision(scenery, message)}, as the journey is now"
    status, by = message.status, f"by {message.channel}" + _to(message)
    if status in _WENT:
        return f"was {_WENT[status]} {by}" + (f", {scenery.minute(row.sent_at)}" if row.sent_at else "")
    if status is Status.SKIPPED:
        return f"was not sent: {message.reason}"
    if status is Status.HELD:
        until = f" until {scenery.minute(message.held_until)}" if message.held_until else ""
        return f"is held{until}: {message.reason}"
    if status is Status.QUEUED:
        return f"is to go {by}; it has not been handed over yet, which `milepost run` does"
    if status is Status.CLAIMED:
        return f"is being handed over {by}"
    if status is Status.FAILED:
        return f"could not be sent {by}" + (f": {row.note}" if row.note else "")
    return f"was handed over {by}, and what became of it is not known" + (f": {row.note}" if row.note else "")


def _to(message: Message) -> str:
    named = message.address.get("mobile") or message.address.get("email")
    return f" to {named}" if named else ""


def _decision(scenery: Scenery, message: Message) -> str:
    if message.status is Status.SKIPPED:
        return f"is not sent: {message.reason}"
    if message.status is Status.HELD:
        until = f" until {scenery.minute(message.held_until)}" if message.held_until else ""
        return f"is held{until}: {message.reason}"
    return f"goes by {message.channel}"


# Channels


def _channels(scenery: Scenery, message: Message, trying: Trying | None) -> Iterator[str]:
    if trying is None or message.reason is Reason.TOO_LATE:
        return
    for one in trying.tried:
        yield f"{one.channel}: {_channel(scenery, message, one)}"


def _channel(scenery: Scenery, message: Message, one: Tried) -> str:
    said = _said(scenery, message, one)
    if not one.agreed:
        return f"not agreed to ({said})"
    if not one.address:
        lacks = {"sms": "no mobile", "email": "no email address", "letter": "no postal address"}
        return f"agreed to ({said}), but {lacks.get(one.channel, 'no address')} is known"
    if not one.text:
        return f"agreed to ({said}), but the template has no text for it in brand {message.brand}"
    return f"agreed to ({said})"


def _said(scenery: Scenery, message: Message, one: Tried) -> str:
    statement = one.statement
    if statement is None:
        needed = "so it is assumed" if one.agreed else "and a yes is needed"
        return f"nothing was said of {one.channel} for {message.purpose}, {needed}"
    by = scenery.spoken_by(statement.at)
    verb = "granted" if statement.granted else "withdrawn"
    return f"{verb} on {scenery.minute(statement.at)}" + (f", by {by}" if by else "")


# What holds it back


def _holding(scenery: Scenery, decided: Decided) -> Iterator[str]:
    message = decided.message
    late = message.at - message.due_at
    if message.reason is Reason.TOO_LATE:
        grace = words.duration(scenery.journey.grace)
        yield (
            f"it was due {scenery.minute(message.due_at)}, and the engine came to it {scenery.minute(message.at)}"
            f"{_as_arrived(scenery, message)}, {words.passed(late)} later; the journey's grace is {grace}"
        )
    elif message.reason is Reason.HOLDOUT:
        yield (
            f"by lot, {scenery.journey.holdout:.0%} of this journey's runs get no messages, to measure the effect; "
            "this is one of them"
        )
    elif message.reason is Reason.QUIET_HOURS and message.channel:
        quiet = scenery.program.policy.quiet_hours.get(message.channel)
        if quiet is not None:
            yield (
                f"quiet hours of {message.channel} are {quiet.start:%H:%M} to {quiet.end:%H:%M}; "
                f"this was at {scenery.minute(message.at)}"
            )
    elif message.reason is Reason.COMPLAINT_OPEN:
        yield from _complaints(scenery)
    elif message.reason is Reason.PAUSED:
        yield from _pauses(scenery)
    elif message.reason is Reason.CAPPED:
        yield from _caps(scenery, decided)
    if message.status is Status.SKIPPED and message.reason in _HOLDING:
        yield f"its grace was over {scenery.minute(message.not_after)}"


def _complaints(scenery: Scenery) -> Iterator[str]:
    opened = [
        (str(one.event.data.get("complaint_id")), one.event)
        for one in scenery.history.events
        if one.event.type in ("complaint.opened", "complaint.resolved")
        and one.customer_id == scenery.history.customer.id
    ]
    for named, event in opened:
        yield f"{event.type.replace('.', ' ')}: {named}, {scenery.minute(event.time)}"


def _pauses(scenery: Scenery) -> Iterator[str]:
    for one in scenery.history.events:
        said = one.event.data.get("customer") or {}
        wishes = said.get("preferences") if one.customer_id == scenery.history.customer.id else None
        until = to_moment(wishes.get("paused_until")) if wishes else None
        if until is not None:
            yield f"a pause until {scenery.minute(until)} was asked for {scenery.minute(one.event.time)}"


def _caps(scenery: Scenery, decided: Decided) -> Iterator[str]:
    message, policy = decided.message, scenery.program.policy
    assert message.channel is not None
    for cap in policy.caps:
        if not covers(cap, message.channel, message.purpose):
            continue
        free = free_at(cap, decided.counted, message.at, policy.zone)
        if free is None:
            continue
        filled = [
            one
            for one in decided.counted
            if covers(cap, one.channel, one.purpose) and cap.within.after(one.at, policy.zone) > message.at
        ]
        names = [
            f"{name} ({one.channel}, {scenery.minute(one.at)})"
            for one, name in zip(filled, _names(scenery, filled), strict=True)
        ]
        yield f"{_cap(cap)}: filled by {words.listed(names)}; free again {scenery.minute(free)}"


def _cap(cap: Cap) -> str:
    over = f" over {words.listed(sorted(cap.over))}" if cap.over else ""
    of = f" of {words.listed(sorted(cap.purposes))}" if cap.purposes else ""
    return f"at most {cap.at_most} within {words.duration(cap.within)}{over}{of}"


def _names(scenery: Scenery, counted: Sequence[Counted]) -> Iterator[str]:
    """What the messages were that fill a cap; those of one moment in the order in which they were decided."""
    left = [one.message for one in scenery.decided if one.message.status is Status.QUEUED]
    for one in counted:
        place = next(
            (
                n
                for n, message in enumerate(left)
                if (message.at, message.channel, message.purpose) == (one.at, one.channel, one.purpose)
            ),
            None,
        )
        message = left.pop(place) if place is not None else None
        if message is None:
            yield "another message"
        elif message.template in (message.journey, message.step):
            yield message.template
        else:
            yield f"{message.template} of {message.journey}"


# The ledger beside it


def _ledger(scenery: Scenery, replayed: Message | None, row: MessageRow | None) -> Iterator[str]:
    if row is None:
        yield (
            "The ledger has no such message: the journeys have changed since, or the engine has not come so far."
        )
        return
    message = row.message
    if replayed is None:
        yield "By the journeys as they are now nothing would be sent here; the ledger tells what happened."
        return
    if replayed.status is not Status.HELD:
        yield from _late(scenery, row)
    refused = message.status is Status.SKIPPED
    if refused and replayed.status is Status.QUEUED:
        yield (
            f"It was decided to go by {replayed.channel}; asked again when it was to be sent, it could not: "
            f"{message.reason}."
        )
    elif refused and replayed.reason is not message.reason and replayed.status is not Status.HELD:
        yield f"By the journeys as they are now the reason would be: {replayed.reason}."
    elif not refused and replayed.status is Status.SKIPPED:
        yield f"By the journeys as they are now it would not be sent: {replayed.reason}."
    elif not refused and message.channel != replayed.channel:
        yield f"By the journeys as they are now it would go by {replayed.channel}."
    if row.attempts > 1:
        yield f"It was handed over {row.attempts} times."
    if row.place:
        yield f"It lies in {row.place}."


def _late(scenery: Scenery, row: MessageRow) -> Iterator[str]:
    message = row.message
    late = message.at - message.due_at
    if late > _LATE and message.reason is not Reason.TOO_LATE:
        yield (
            f"It was due {scenery.minute(message.due_at)}; the engine came to it {words.passed(late)} later"
            f"{_as_arrived(scenery, message)}."
        )


def _as_arrived(scenery: Scenery, message: Message) -> str:
    """What arrived when it was come to, as that brought it about."""
    for one in scenery.history.events:
        if one.decided_at == message.at:
            return f", when {one.event.type} arrived"
    return ""


def _facts(
    scenery: Scenery,
    message: Message,
    replayed: Message | None,
    trying: Trying | None,
    row: MessageRow | None,
) -> MessageTold:
    held = message.held_until
    return MessageTold(
        message_id=message.id,
        step=message.step,
        template=message.template,
        channel=message.channel,
        brand=message.brand,
        due_at=scenery.local(message.due_at),
        decided_at=scenery.local(message.at),
        status=str(row.message.status) if row is not None else None,
        reason=str(row.message.reason) if row is not None and row.message.reason else None,
        held_until=scenery.local(held) if held is not None else None,
        sent_at=scenery.local(row.sent_at) if row is not None and row.sent_at else None,
        decided=str(replayed.status) if replayed is not None else None,
        decided_reason=str(replayed.reason) if replayed is not None and replayed.reason else None,
        channels=[_channel_facts(scenery, one) for one in trying.tried] if trying is not None else [],
    )


def _channel_facts(scenery: Scenery, one: Tried) -> Channel:
    said = one.statement
    return Channel(
        channel=one.channel,
        works=one.works,
        agreed=one.agreed,
        said=None if said is None else "granted" if said.granted else "withdrawn",
        said_at=None if said is None else scenery.local(said.at),
        said_by=None if said is None else scenery.spoken_by(said.at),
        address=one.address,
        text=one.text,
    )


def only_in_ledger(scenery: Scenery, rows: Sequence[MessageRow]) -> list[Entry]:
    """Messages to which the replay does not come."""
    return [told_message(scenery, None, None, row) for row in rows]
