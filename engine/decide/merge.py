"""Two customers who have turned out to be one: what is known of the one goes into the other's document.

Which statement counts is decided as ever by `time`; where two are of the same moment, nobody can tell any more which
came later, and the choice is made by what they say, so that it does not matter which of the two goes into the other. Of
two statements of consent of the same moment the 'no' counts.

Of two runs of a journey for the same value one goes on: the one that began earlier, or, where a further start takes the
place of the run under way (`again: restart`), the later one. The other ends. So do runs that would not have begun, or
would have been stopped, had the two been known to be one. Of two held messages that say the same the one that was due
earlier goes on waiting; the other is skipped.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from engine.decide import dates, walk
from engine.decide.draft import Draft
from engine.decide.facts import with_reading
from engine.decide.goals import see_all
from engine.decide.starts import allowed_later, stopped_already
from engine.model.customer import MOST_HEARD, ConsentStatement, Customer, Purchase, Run, Stated, Vehicle
from engine.model.journeys import Again, EventStart
from engine.model.messages import Message, Reason, Status
from engine.model.standing import Complaint, Standing

Value = TypeVar("Value")

_SLOT = "\x1f"


def merge(draft: Draft, other: Customer) -> None:
    """Takes `other` into the draft."""
    draft.learn()
    draft.profile = facts(draft.profile, other.profile)
    draft.consents = consents(draft.consents, other.consents)
    draft.arrivals = max(draft.arrivals + other.arrivals, len(draft.consents))
    _tags(draft, other)
    other = _same_names(draft, other)
    before = dict(draft.starts)
    _cars(draft, other)
    draft.counts = {
        kind: draft.counts.get(kind, 0) + other.counts.get(kind, 0)
        for kind in {**draft.counts, **other.counts}
    }
    draft.kept |= other.kept
    draft.last = _newest(draft, other)
    draft.heard = _heard(draft, other)
    draft.purchase = _purchase(draft.purchase, other.purchase)
    draft.starts = latest(draft.starts, other.starts)
    draft.plans = {**other.plans, **draft.plans}
    draft.watches = {**other.watches, **draft.watches}
    draft.standing, twice = standing(draft.standing, other.standing)
    draft.messages += twice
    draft.aliases = tuple(sorted({*draft.aliases, other.id, *other.aliases} - {draft.base.id}))
    draft.apart = tuple(sorted({*draft.apart, *other.apart}))
    draft.links = {**other.links, **draft.links}
    draft.forgets = True
    draft.settle()
    _runs(draft, other, before)
    see_all(draft)
    for run in list(draft.runs.values()):
        walk.refresh(draft, run)
    if draft.program.dated:
        dates.reckon(draft)


# What was stated


def facts(one: Mapping[str, Stated], other: Mapping[str, Stated]) -> dict[str, Stated]:
    """Of each the latest; of the same moment the one that comes later by its text."""
    united = dict(one)
    for path, stated in other.items():
        known = united.get(path)
        if known is None or (stated.at, _text(stated.value)) > (known.at, _text(known.value)):
            united[path] = stated
    return united


def consents(
    one: Mapping[str, ConsentStatement], other: Mapping[str, ConsentStatement]
) -> dict[str, ConsentStatement]:
    """Of each the latest, numbered anew in their order; of the same moment a 'no' comes last."""
    every = [(said.at, said.order, not said.granted, key) for key, said in (*one.items(), *other.items())]
    ranks = {order: rank for rank, order in enumerate(sorted({(at, order) for at, order, _, _ in every}), 1)}
    united: dict[str, ConsentStatement] = {}
    for at, order, refused, key in sorted(every):
        known = united.get(key)
        if known is None or at > known.at or refused or known.granted:
            united[key] = ConsentStatement(not refused, at, ranks[at, order])
    return united


def latest(one: Mapping[str, datetime], other: Mapping[str, datetime]) -> dict[str, datetime]:
    return {key: max(at for at in (one.get(key), other.get(key)) if at) for key in {**one, **other}}


def _tags(draft: Draft, other: Customer) -> None:
    """Each is on or off, as was said last; on, where both were said of the same moment."""
    on, off = latest(draft.tags, other.tags), latest(draft.untagged, other.untagged)
    draft.tags = {word: at for word, at in on.items() if word not in off or at >= off[word]}
    draft.untagged = {word: at for word, at in off.items() if word not in draft.tags}


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _purchase(one: Purchase | None, other: Purchase | None) -> Purchase | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda it: (it.at, it.brand or "", it.dealer or ""))


# What happened


def _newest(draft: Draft, other: Customer) -> dict[str, str]:
    """By type, the key of the newest event."""
    united = dict(draft.last)
    for kind, key in other.last.items():
        if kind not in united or _when(draft, key) > _when(draft, united[kind]):
            united[kind] = key
    return united


def _heard(draft: Draft, other: Customer) -> dict[str, tuple[str, ...]]:
    united = dict(draft.heard)
    for kind, keys in other.heard.items():
        every = sorted({*united.get(kind, ()), *keys}, key=lambda key: _when(draft, key))
        united[kind] = tuple(every[-MOST_HEARD:])
    return united


def _when(draft: Draft, key: str) -> tuple[datetime, str]:
    return draft.event(key).time, key


# Cars


def _same_names(draft: Draft, other: Customer) -> Customer:
    """`other`, with the cars that both have under the same ids in both: a plate rather than a VIN."""
    for car in list(other.vehicles.values()):
        mine = _same_car(draft.vehicles, car)
        if mine is None or mine.id == car.id:
            continue
        wanted = min((mine, car), key=lambda it: (it.id != it.plate, it.id)).id
        if wanted == mine.id:
            other = _renamed(other, car.id, wanted)
        else:
            here = _renamed(draft.view, mine.id, wanted)
            draft.vehicles, draft.runs = dict(here.vehicles), dict(here.runs)
            draft.starts, draft.plans = dict(here.starts), here.plans
            draft.settle()
    return other


def _same_car(cars: Mapping[str, Vehicle], car: Vehicle) -> Vehicle | None:
    for one in cars.values():
        if one.id == car.id or (one.plate or "") == car.plate or (one.vin or "") == car.vin:
            return one
    return None


def _renamed(customer: Customer, old: str, new: str) -> Customer:
    """The customer's document with another id for a car, and for what is kept by it."""

    def slot(name: str) -> str:
        journey, _, key = name.partition(_SLOT)
        return f"{journey}{_SLOT}{new}" if key == old else name

    def run(one: Run) -> Run:
        of_it = one.vehicle == old
        return replace(one, vehicle=new, key=new if one.key == old else one.key) if of_it else one

    cars = {name: car for name, car in customer.vehicles.items() if name != old}
    return replace(
        customer,
        vehicles={**cars, new: replace(customer.vehicles[old], id=new)},
        runs={name: run(one) for name, one in customer.runs.items()},
        starts={slot(name): at for name, at in customer.starts.items()},
        plans={
            slot(name): replace(one, key=new, vehicle=new) if one.vehicle == old else one
            for name, one in customer.plans.items()
        },
    )


def _cars(draft: Draft, other: Customer) -> None:
    for name, car in other.vehicles.items():
        mine = draft.vehicles.get(name)
        draft.vehicles[name] = car if mine is None else _one_car(mine, car)
        draft.read_anew.add(name)


def _one_car(one: Vehicle, other: Vehicle) -> Vehicle:
    readings = one.readings
    for reading in other.readings:
        readings = with_reading(readings, reading)
    since = [at for at in (one.owner_since, other.owner_since) if at is not None]
    return replace(
        one,
        plate=max(one.plate or "", other.plate or "") or None,
        vin=max(one.vin or "", other.vin or "") or None,
        facts=facts(one.facts, other.facts),
        readings=readings,
        owner_since=max(since, default=None),
        former=tuple(dict.fromkeys((*one.former, *other.former))),
    )


# What holds messages back


def standing(one: Standing, other: Standing) -> tuple[Standing, list[Message]]:
    """Both; and, skipped, those of the held messages that say what another one says."""
    complaints = dict(one.complaints)
    for name, case in other.complaints.items():
        known = complaints.get(name, Complaint())
        complaints[name] = Complaint(
            max((at for at in (known.opened_at, case.opened_at) if at), default=None),
            max((at for at in (known.resolved_at, case.resolved_at) if at), default=None),
        )
    counted = sorted((*one.counted, *other.counted), key=lambda it: (it.at, it.channel, it.purpose))
    first: dict[tuple[str, ...], Message] = {}
    kept: dict[str, Message] = {}
    twice: list[Message] = []
    for message in sorted((*one.held.values(), *other.held.values()), key=lambda it: (it.due_at, it.id)):
        earlier = first.setdefault(what_it_says(message), message)
        if (earlier.id in one.held) is (message.id in one.held):
            kept[message.id] = message
        else:
            twice.append(replace(message, status=Status.SKIPPED, reason=Reason.MERGED, held_until=None))
    return Standing(complaints=complaints, counted=tuple(counted), held=kept), twice


def what_it_says(message: Message) -> tuple[str, str, str, str]:
    """Two messages to one person of which this is the same are one too many."""
    return message.journey, message.step, message.template, message.vehicle or ""


# Runs


def _runs(draft: Draft, other: Customer, before: Mapping[str, datetime]) -> None:
    mine = dict(draft.runs)
    draft.runs.update(other.runs)
    draft.settle()
    for one in mine.values():
        for theirs in other.runs.values():
            if (one.journey, one.key) == (theirs.journey, theirs.key) and one.id != theirs.id:
                draft.end(_which_ends(draft, one, theirs), "merged")
    for runs, starts in ((mine, other.starts), (other.runs, before)):
        for run in runs.values():
            if run.id in draft.runs and (_came_too_late(draft, run, starts) or _is_stopped(draft, run)):
                draft.end(run, "merged")


def _which_ends(draft: Draft, one: Run, other: Run) -> Run:
    earlier, later = sorted((one, other), key=lambda run: (run.started_at, run.event or "", run.id))
    how = _how(draft, one)
    return earlier if how is not None and how.again is Again.RESTART else later


def _came_too_late(draft: Draft, run: Run, starts: Mapping[str, datetime]) -> bool:
    """Whether the other's start, which came before, allows no further one."""
    how, begun = _how(draft, run), starts.get(f"{run.journey}{_SLOT}{run.key}")
    if how is None or begun is None or begun >= run.started_at or how.again is Again.RESTART:
        return False
    return not allowed_later(draft, how, begun, run.started_at)


def _is_stopped(draft: Draft, run: Run) -> bool:
    journey = draft.program.journeys.get(run.journey)
    return journey is not None and bool(journey.stop) and stopped_already(draft, journey, run)


def _how(draft: Draft, run: Run) -> EventStart | None:
    journey = draft.program.journeys.get(run.journey)
    return journey.start if journey is not None and isinstance(journey.start, EventStart) else None
