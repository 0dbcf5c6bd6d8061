"""Broadcasts by hand: which journeys can be sent so, to whom, test copies, and how far one has come."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from engine.model.errors import MilepostError, UsageError
from engine.model.ids import derive, derive_copy
from engine.model.journeys import Journey, ScheduleStart, Send
from engine.model.journeys import Status as JourneyStatus
from engine.model.messages import Reason
from engine.model.program import Program
from engine.ports import Channel, Course, FanOut, Outgoing, Receipt, Store
from engine.runtime.audience import Audience, Text
from engine.wiring.clocks import RealClock
from engine.wiring.deployed import Project
from engine.wiring.desks import stop_letters
from engine.wiring.previews import Asked, Made, Previews
from engine.wiring.settings import Settings
from engine.wiring.ways import channel

_WAITING = frozenset({"queued", "claimed", "held"})
_LEFT_OUT = f"skipped: {Reason.STOPPED}"


def journey_to_send(program: Program, journey_id: str) -> Journey:
    """The journey, if it can be sent by hand. Raises `UsageError` where not, saying why and what to do."""
    journey = known_journey(program, journey_id)
    if journey.status is not JourneyStatus.LIVE:
        raise UsageError(
            f"Journey {journey_id!r} is {journey.status}, so nothing of it is sent.",
            "Set its `status` to live and deploy it.",
        )
    return journey


def known_journey(program: Program, journey_id: str) -> Journey:
    """The journey, if it is for an audience, whatever its status."""
    those = [one.id for one in program.journeys.values() if isinstance(one.start, ScheduleStart)]
    journey = program.journeys.get(journey_id)
    if journey is not None and journey.id in those:
        return journey
    why = f"There is no journey {journey_id!r} in force."
    if journey is not None:
        why = f"Journey {journey_id!r} is begun by what happens to each customer, not for an audience."
    hint = (
        f"There are: {', '.join(those)}." if those else "Write `start: {schedule: on-demand, audience: …}`."
    )
    raise UsageError(why, hint)


def begin(store: Store, settings: Settings, journey: Journey, at: datetime, only_to: str = "") -> FanOut:
    """Puts it on its way; whoever runs carries it out. Raises `MilepostError` where one of the journey is under way, or
    the journey is paused."""
    since = store.paused().get(journey.id)
    if since is not None:
        told = since.astimezone(at.tzinfo).isoformat(timespec="minutes")
        raise MilepostError(
            f"{journey.id!r} is paused since {told}, so nothing of it would go.",
            f"milepost broadcast {journey.id} resume ends the pause.",
        )
    fan_out = FanOut(
        id=derive("broadcast", journey.id, at.isoformat()),
        journey=journey.id,
        at=at,
        by_hand=True,
        only_to=only_to,
    )
    if not store.begin_broadcast(fan_out, shared=bool(settings.kafka_bootstrap)):
        raise MilepostError(
            f"A broadcast of {journey.id!r} is under way: it is not done, or messages of it wait to be sent.",
            f"milepost broadcast {journey.id} status shows it; stop ends it where it stands.",
        )
    return fan_out


class Action(StrEnum):
    """What can be done with one that is under way."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


def act(store: Store, settings: Settings, journey: Journey, action: Action, now: datetime) -> str:
    """Does it, and says what that did."""
    if action is Action.PAUSE:
        if not store.pause(journey.id, now):
            return "was paused already"
        idle = store.under_way(journey.id) is None
        return "paused; nothing of it is under way, and nothing begins before resume" if idle else "paused"
    if action is Action.RESUME:
        return "goes on" if store.resume(journey.id, now) else "was not paused"
    return _stopped(store, settings, journey, now)


def _stopped(store: Store, settings: Settings, journey: Journey, now: datetime) -> str:
    """What waits to be sent, and letters that wait here for their print run."""
    newest = next(iter(store.courses_of(journey.id)), None)
    since = store.under_way(journey.id) or (newest.fan_out.at if newest is not None else None)
    skipped = store.stop_broadcasts(journey.id, now, shared=bool(settings.kafka_bootstrap))
    letters = 0 if since is None else stop_letters(store, settings, journey.id, since, now)
    if skipped is None and not letters:
        return "nothing of it is under way"
    return f"stopped; {(skipped or 0) + letters} messages were left out"


# How far it has come


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """The newest broadcast of a journey: `share` of all customers it has come to (0 to 1), `begun` how many runs it has
    begun, `messages` how many were decided since by status (and `skipped: REASON`), by channel. `left` is how long
    its pace still takes for the rest, as far as can be told; None of one that is over."""

    fan_out: FanOut
    share: float
    messages: dict[str, dict[str, int]]
    left: timedelta | None

    @property
    def stopped(self) -> bool:
        """Whether a person has ended it: before all were reached, or while messages of it waited."""
        return self.fan_out.stopped is not None or any(_LEFT_OUT in by for by in self.messages.values())

    @property
    def settled(self) -> bool:
        """Whether nothing of it waits any more."""
        return self.fan_out.done and not self.waiting

    @property
    def waiting(self) -> int:
        """How many messages of it are still to be sent, or held."""
        return sum(
            count
            for by in self.messages.values()
            for status, count in by.items()
            if status.partition(":")[0] in _WAITING
        )


def progress_of(store: Store, journey: Journey) -> Progress | None:
    """None where it was never sent. Of several that are under way, the earliest."""
    found = store.courses_of(journey.id)
    if not found:
        return None
    since = store.under_way(journey.id)
    course = next((one for one in reversed(found) if one.fan_out.at == since), found[0])
    newest = course.fan_out
    messages: dict[str, dict[str, int]] = {}
    for (name, status, reason), count in sorted(store.tally(journey.id, newest.at).items(), key=str):
        its = messages.setdefault(name or "none", {})
        key = f"{status}: {reason}" if reason else str(status)
        its[key] = its.get(key, 0) + count
    left = None if newest.done else at_pace(journey, _rest(course))
    return Progress(fan_out=newest, share=course.share, messages=messages, left=left)


def _rest(course: Course) -> float | None:
    """How many runs are still to begin, if it goes on as it did so far."""
    begun = course.fan_out.begun
    return begun / course.share - begun if course.share else None


def at_pace(journey: Journey, runs: float | None) -> timedelta | None:
    """How long so many take; None where that is not known, or the journey has no pace."""
    if runs is None or journey.pace is None:
        return None
    per = timedelta(days=journey.pace.per.days, seconds=journey.pace.per.seconds)
    return per * (runs / journey.pace.messages)


def told(journey: Journey, progress: Progress | None, zone: ZoneInfo) -> dict[str, Any]:
    """As outputs have it, with moments on the policy's clock."""
    if progress is None:
        return {"journey": journey.id, "at": None}
    one = progress.fan_out
    return {
        "journey": journey.id,
        "id": one.id,
        "at": one.at.astimezone(zone).isoformat(),
        "by_hand": one.by_hand,
        "only_to": one.only_to or None,
        "paused": one.paused,
        "done": one.done,
        "stopped": progress.stopped,
        "settled": progress.settled,
        "share": round(progress.share, 4),
        "begun": one.begun,
        "messages": progress.messages,
        "seconds_left": None if progress.left is None else round(progress.left.total_seconds()),
    }


# Test copies


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a copy: `problem` is empty where it was handed over."""

    address: str
    template: str
    channel: str
    brand: str
    locale: str
    problem: str = ""


def send_copies(
    project: Project,
    settings: Settings,
    journey: Journey,
    audience: Audience,
    addresses: Sequence[str],
) -> list[Copy]:
    """Sends each text that the audience would get (all there are, where nobody is of it) to the addresses: made from
    sample data, marked as a test. Nothing of it is in the ledger, and its links open nothing. Raises `UsageError` where
    there is nothing to send by an address's channel; then nothing goes."""
    now = RealClock().now()
    previews = Previews(project.loaded, project.program, project.folder, settings, now)
    texts = audience.texts if audience.members else set(_all_texts(journey))
    done = []
    to_send = [(name, _asked(journey, texts, name), to) for name, to in _by_channel(addresses).items()]
    for name, asked, to in to_send:
        way = channel(name, settings, project.program.policy)
        try:
            for one in asked:
                made = previews.made(one)
                done += [_sent(way, _copy(made, name, address, now)) for address in to]
        finally:
            way.close()
    return done


def _by_channel(addresses: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in addresses:
        found.setdefault("email" if "@" in one else "sms", []).append(one)
    return found


def _asked(journey: Journey, texts: Collection[Text], name: str) -> list[Asked]:
    """The texts on a channel, in the order of the journey's steps."""
    order = [step.template for step in journey.steps if isinstance(step, Send)]
    found = [one for one in texts if one.channel == name]
    if not found:
        there = sorted({one.channel for one in texts})
        raise UsageError(
            f"Nobody of the audience gets anything of {journey.id!r} by {name}.",
            f"Give addresses for {' or '.join(there)}." if there else "--dry-run shows why not.",
        )
    return [
        Asked(
            template=one.template, journey=journey.id, brand=one.brand, channel=one.channel, locale=one.locale
        )
        for one in sorted(found, key=lambda one: (order.index(one.template), one))
    ]


def _all_texts(journey: Journey) -> Iterator[Text]:
    """All that the journey could send."""
    for step in journey.steps:
        if not isinstance(step, Send):
            continue
        for brand, variants in step.variants.items():
            if journey.brands and brand not in journey.brands:
                continue
            for name in step.by:
                for locale in variants.by_channel.get(name, ()):
                    yield Text(step.template, name, brand, locale)


def _copy(made: Made, name: str, address: str, now: datetime) -> Outgoing:
    message = replace(
        made.message,
        id=derive_copy(made.message.id, address, now.isoformat()),
        address={"email": address} if name == "email" else {"mobile": address},
        at=now,
    )
    rendered = made.rendered
    if name == "email":
        rendered = replace(rendered, subject=f"[Test] {rendered.subject}")
    return Outgoing(message=message, rendered=rendered)


def _sent(way: Channel, outgoing: Outgoing) -> Copy:
    message = outgoing.message
    [answer] = way.deliver([outgoing])
    return Copy(
        address=str(message.address.get("email") or message.address.get("mobile")),
        template=message.template,
        channel=message.channel or "",
        brand=message.brand,
        locale=message.locale or "",
        problem="" if isinstance(answer, Receipt) else answer.message,
    )
