"""The account as a whole: what happened, what is to come, and in a few sentences what that amounts to."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from engine.decide.draft import Draft
from engine.model.customer import Customer
from engine.model.journeys import DateStart, EventStart, Journey, ScheduleStart, Send, Status
from engine.model.messages import Status as Stage
from engine.model.program import Program
from engine.ports import MessageRow, Store
from engine.runtime.identifying import Identify
from engine.why import words
from engine.why.book import Book, expected
from engine.why.history import history_of
from engine.why.replay import Recorder, ahead, replay
from engine.why.roles import Roles
from engine.why.scenery import Scenery
from engine.why.told import Account, Chapter, Entry

AHEAD = timedelta(days=1200)
MOST_CHAPTERS = 8
MOST_NEXT = 3
_MOST_MOVED = 2
_OF_A_SCHEDULE = 2


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What of it is wanted: of one `run`, `since` a moment; `everything`, where the list is long."""

    run: str = ""
    since: datetime | None = None
    everything: bool = False


_ALL = Asked()


def explain(
    program: Program,
    store: Store,
    customer: Customer,
    journey: Journey,
    now: datetime,
    *,
    identify: Identify,
    recorder: Recorder,
    asked: Asked = _ALL,
) -> Account:
    """The account of `customer` and `journey` at `now`. `program` was read with the recorder's `watch`, so that its
    expressions tell what they see."""
    history = history_of(store, program, customer, now)
    scenery = Scenery(
        program=program,
        journey=journey,
        history=history,
        roles=Roles(journey),
        ledger={row.message.id: row for row in history.ledger},
        now=now,
    )
    book = Book(scenery)
    book.read(replay(program, history, identify, recorder))
    chapters = book.close()
    coming = []
    if customer.known:
        scenes = ahead(program, history, now, now + AHEAD, recorder, _OF_A_SCHEDULE)
        coming = expected(scenery, scenes)
    wanted = [one for one in chapters if _is_wanted(one, asked)]
    shown = wanted if asked.everything else _shortened(wanted)
    return Account(
        at=scenery.local(now),
        journey=journey.id,
        title=journey.title or journey.id,
        status=str(journey.status),
        customer=customer.contact,
        name=customer.fact("name"),
        summary=_summary(scenery, chapters, coming),
        chapters=shown,
        left_out=0 if asked.everything else len(_merged(wanted)) - len(shown),
        next=coming if asked.everything else coming[:MOST_NEXT],
        notes=_notes(scenery),
    )


# What is shown


def _is_wanted(chapter: Chapter, asked: Asked) -> bool:
    if asked.run and not (chapter.run or "").startswith(asked.run):
        return asked.run in (chapter.key, chapter.vehicle)
    return asked.since is None or any(
        datetime.fromisoformat(one.at) >= asked.since for one in chapter.entries
    )


def _shortened(chapters: Sequence[Chapter]) -> list[Chapter]:
    """The newest, and all of runs under way; in each, only the last reckonings of many."""
    several = _merged(chapters)
    newest = several[-MOST_CHAPTERS:]
    shown = [one for one in several if one in newest or one.state == "under way"]
    return [msgspec.structs.replace(one, entries=_without_reckonings(one.entries)) for one in shown]


def _merged(chapters: Sequence[Chapter]) -> list[Chapter]:
    """Of moments of a schedule that begin nothing for the same reason, one after the other, the last one."""
    merged: list[Chapter] = []
    firsts: list[tuple[str, int]] = []
    for one in chapters:
        if merged and _reason(one) is not None and _reason(one) == _reason(merged[-1]):
            at, count = firsts.pop()
            merged.pop()
            firsts.append((at, count + 1))
        else:
            firsts.append((one.at, 0))
        merged.append(one)
    return [_and_before(one, at, count) for one, (at, count) in zip(merged, firsts, strict=True)]


def _reason(chapter: Chapter) -> str | None:
    """What a moment of a schedule came to, whenever that was; None for anything else."""
    if chapter.kind != "no run" or "schedule's moment" not in chapter.title:
        return None
    return "".join([chapter.title.split(" began ", 1)[-1], *chapter.entries[0].details])


def _and_before(chapter: Chapter, first: str, count: int) -> Chapter:
    if not count:
        return chapter
    moments = f"{count} moments" if count > 1 else "the moment"
    entry = chapter.entries[0]
    details = [*entry.details, f"so it was at {moments} before, from {first[:10]} on"]
    return msgspec.structs.replace(chapter, entries=[msgspec.structs.replace(entry, details=details)])


def _without_reckonings(entries: Sequence[Entry]) -> list[Entry]:
    kept: list[Entry] = []
    for place, one in enumerate(entries):
        following = entries[place + 1 : place + 1 + _MOST_MOVED]
        several = [one, *following]
        if len(several) <= _MOST_MOVED or any(other.kind != "reckoned anew" for other in several):
            kept.append(one)
    return kept


# In a few sentences


def _summary(scenery: Scenery, chapters: Sequence[Chapter], coming: Sequence[Entry]) -> str:
    rows = [row for row in scenery.ledger.values() if row.message.journey == scenery.journey.id]
    told = [*_became(scenery, rows), _under_way(scenery), _coming(coming)]
    if not rows and not chapters:
        told.insert(0, _nothing(scenery))
    elif not rows:
        sends = any(isinstance(step, Send) for step in scenery.journey.steps)
        told.insert(0, _none_yet(chapters, sends=sends))
    return " ".join(one for one in told if one)


def _became(scenery: Scenery, rows: Sequence[MessageRow]) -> list[str]:
    sent = [row for row in rows if row.sent_at is not None or row.message.status is Stage.DELIVERED]
    sentences = []
    if sent:
        last = max(row.sent_at or row.message.at for row in sent)
        count = f"{len(sent)} messages were sent, the last one" if len(sent) > 1 else "One message was sent,"
        sentences.append(f"{count} on {scenery.day(last)}.")
    reasons = Counter(
        str(row.message.reason) for row in rows if row.message.status is Stage.SKIPPED and row not in sent
    )
    for reason, number in reasons.most_common():
        sentences.append(
            f"{number} were not sent: {reason}." if number > 1 else f"One was not sent: {reason}."
        )
    others = Counter(str(row.message.status) for row in rows if row not in sent)
    others.pop(str(Stage.SKIPPED), None)
    stages = {
        "queued": "to be handed over",
        "claimed": "being handed over",
        "held": "held",
        "failed": "failed",
        "unknown": "handed over with an unknown outcome",
        "bounced": "bounced",
    }
    for status, number in others.items():
        are = f"{number} are" if number > 1 else "One is"
        sentences.append(f"{are} {stages.get(status, status)}.")
    return sentences


def _under_way(scenery: Scenery) -> str:
    count = sum(one.journey == scenery.journey.id for one in scenery.history.customer.runs.values())
    if not count:
        return ""
    return f"{count} runs are under way." if count > 1 else "A run is under way."


def _coming(coming: Sequence[Entry]) -> str:
    messages = [one.message for one in coming if one.message is not None]
    sent = [one for one in messages if one.decided == str(Stage.QUEUED)]
    if sent:
        first = sent[0]
        return (
            f"If nothing else happens, the next message is {first.template}, by {first.channel}, on "
            f"{first.decided_at[:10]}."
        )
    if messages:
        first = messages[0]
        return (
            f"The next message, {first.template} on {first.decided_at[:10]}, would not be sent as things stand: "
            f"{first.decided_reason}."
        )
    if coming:
        first_task = coming[0]
        return f"No message is to be expected as things stand, but on {first_task.at[:10]} {first_task.text}."
    return "Nothing is to be expected as things stand."


def _nothing(scenery: Scenery) -> str:
    how = scenery.journey.start
    if isinstance(how, EventStart) and how.audience is not None:
        return f"Nothing has begun a run: no {how.on} has come since the customer is known."
    if isinstance(how, EventStart):
        return f"Nothing has begun a run: no {how.on} of this customer is known."
    if isinstance(how, ScheduleStart) and not how.cron and not how.days:
        return "Nothing has begun a run: it was not sent by hand since the customer is known, nor ever by itself."
    if isinstance(how, ScheduleStart):
        return "Nothing has begun a run: no moment of the schedule has come since the customer is known."
    return f"Nothing has begun a run: {_dates(scenery)}."


def _dates(scenery: Scenery) -> str:
    """What the dates are that a run could begin by, as known today."""
    how, customer = scenery.journey.start, scenery.history.customer
    if not isinstance(how, DateStart):
        return ""
    draft = Draft(scenery.program, customer, scenery.now)
    cars = list(customer.vehicles) if how.per == "vehicle" else [None]
    name = words.named_date(how) or "the date"
    told = []
    for car in cars:
        found = words.plain(how.date(draft.scope(vehicle=car)), scenery.zone)
        day = "not known" if found is None else words.reckoned_date(how, str(found), scenery.zone)
        told.append(f"{name}{f' of {car}' if car else ''} is {day}")
    return words.listed(told) or "no car of this customer is known"


def _none_yet(chapters: Sequence[Chapter], *, sends: bool) -> str:
    if any(one.kind == "run" for one in chapters):
        return "No message has come of it yet." if sends else "This journey sends no messages."
    last = chapters[-1].title
    return f"No run has ever begun. The last thing that could have begun one: {last}."


def _notes(scenery: Scenery) -> list[str]:
    notes = []
    status = scenery.journey.status
    if status is not Status.LIVE:
        notes.append(f"The journey is {status}.")
    journey = scenery.journey.id
    if any(one.by_hand and one.paused and one.journey == journey for one in scenery.history.broadcasts):
        notes.append(f"Its broadcasts are paused: nothing goes before `milepost broadcast {journey} resume`.")
    if not scenery.history.customer.known:
        notes.append(
            "Nobody is known to own this car: it is kept until somebody does, and nothing is decided for it."
        )
    if scenery.history.overdue:
        notes.append("Some of what is due has not been done yet: `milepost run` does it.")
    return notes
