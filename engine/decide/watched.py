"""A decision that is watched: it decides the same, and tells what it comes by, step by step.

    decide(program, customer, stimulus, now, watching(tell))

What there is to tell is a `Sight`. Those of expressions come from the program itself, where it was read for being
watched (`engine.model.watching`). The plain draft has none of this; it does not even ask whether somebody watches.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec

from engine.decide.consent import address, agreed, statement_on
from engine.decide.draft import Draft, Verb
from engine.decide.sends import message_id
from engine.decide.walk import VERBS
from engine.model.customer import ConsentStatement, Customer, Run
from engine.model.events import Event
from engine.model.ids import lot
from engine.model.journeys import Journey, Repeat, Send, Split, Step, Wait
from engine.model.messages import Message
from engine.model.program import Program
from engine.model.standing import Counted


class Began(msgspec.Struct, frozen=True):
    """A run."""

    run: Run


class Ended(msgspec.Struct, frozen=True):
    """`why` as `Draft.end` has it; `run` as it stood."""

    run: Run
    why: str


class Refused(msgspec.Struct, frozen=True):
    """Nothing began: why not, as `Note.kind` or `Draft.begins_none` have it."""

    journey: str
    why: str


class Made(msgspec.Struct, frozen=True):
    """An event that a journey has made, which the decision goes on with."""

    event: Event


class Driven(msgspec.Struct, frozen=True, kw_only=True):
    """The reckoning of a distance: where the odometer stood when the wait began, and where it is over; whether a
    reading showed that, and when. `read` is whether there was any reading to reckon from."""

    since: datetime
    begin_km: float
    mark_km: float
    shown_at: datetime | None
    read: bool


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """A run came to a step. `after` is the run as the step left it; `goes_on` the index of the next step, None where it
    waits. `drawn` is the lot of a split."""

    run: Run
    step: Step
    after: Run
    goes_on: int | None
    driven: Driven | None = None
    drawn: float | None = None


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A run's wait ends at another moment now, or by an event."""

    before: Run
    run: Run
    driven: Driven | None = None


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that a message could have gone by: what the customer said last of it, whether that is a yes, whether
    there is an address, and whether the template has a text for it."""

    channel: str
    statement: ConsentStatement | None
    agreed: bool
    address: bool
    text: bool

    @property
    def works(self) -> bool:
        return self.agreed and self.address and self.text


class Trying(msgspec.Struct, frozen=True, kw_only=True):
    """The channels of the message to which `run` has come, up to the first one that works."""

    message_id: str
    run: Run
    tried: tuple[Tried, ...]


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """A message, now or once more. `counted` is what counted for the caps by then."""

    message: Message
    counted: tuple[Counted, ...]


Sight = Began | Ended | Refused | Made | Came | Moved | Trying | Decided
Tell = Callable[[Sight], None]


def watching(tell: Tell) -> Callable[[Program, Customer, datetime], Draft]:
    """Makes drafts that tell."""

    def watched(program: Program, customer: Customer, now: datetime) -> Draft:
        return _WatchedDraft(program, customer, now, tell)

    return watched


class _WatchedDraft(Draft):
    __slots__ = ("tell",)

    def __init__(self, program: Program, customer: Customer, now: datetime, tell: Tell) -> None:
        super().__init__(program, customer, now)
        self.tell = tell
        self.runs = _Runs(self, self.runs)
        self.messages = _Messages(self)
        self.logged = _Made(self)

    def note(self, kind: str, journey: str = "", detail: str = "") -> None:
        super().note(kind, journey, detail)
        if kind in _REFUSALS:
            self.tell(Refused(journey, kind))

    def end(self, run: Run, why: str) -> None:
        super().end(run, why)
        self.tell(Ended(run, why))

    def begins_none(self, journey: Journey, why: str) -> None:
        self.tell(Refused(journey.id, why))


_REFUSALS = frozenset({"no vehicle", "another's car", "no key", "older start", "not again"})


class _Runs(dict[str, Run]):
    """The runs under way: tells of each that begins, and of each whose wait was reckoned anew."""

    def __init__(self, draft: _WatchedDraft, runs: dict[str, Run]) -> None:
        super().__init__(runs)
        self._draft = draft

    def __setitem__(self, run_id: str, run: Run) -> None:
        before = self.get(run_id)
        super().__setitem__(run_id, run)
        if before is None:
            self._draft.tell(Began(run))
        elif self._is_moved(before, run):
            self._draft.tell(Moved(before=before, run=run, driven=driven(self._draft, run)))

    def _is_moved(self, before: Run, run: Run) -> bool:
        """Whether it stands where it stood, until another moment; not where its wait is over."""
        stands = (run.step, run.at, run.loops) == (before.step, before.at, before.loops)
        over = run.due_at is None and before.due_at is not None and before.due_at <= self._draft.now
        return stands and run.due_at != before.due_at and not over


class _Messages(list[Message]):
    """The messages decided: tells of each, with what counted for the caps."""

    def __init__(self, draft: _WatchedDraft) -> None:
        super().__init__()
        self._draft = draft

    def append(self, message: Message) -> None:
        super().append(message)
        self._draft.tell(Decided(message=message, counted=self._draft.standing.counted))


class _Made(list[Event]):
    """The events that journeys have made: tells of each when the decision goes on with it."""

    def __init__(self, draft: _WatchedDraft) -> None:
        super().__init__()
        self._draft = draft

    def append(self, event: Event) -> None:
        super().append(event)
        self._draft.tell(Made(event))


def driven(draft: Draft, run: Run) -> Driven | None:
    """How the distance is reckoned that `run` waits for; None where it waits for none."""
    journey = draft.program.journeys.get(run.journey)
    index = None if journey is None else journey.position.get(run.step)
    if journey is None or index is None:
        return None
    step, since, km = journey.steps[index], run.at, None
    if isinstance(step, Wait):
        since, km = (run.started_at if step.since_start else run.at), step.distance_km
    elif isinstance(step, Repeat) and run.loops and step.every_km is not None:
        since, km = run.loops[-1].began_at, step.every_km * run.loops[-1].index
    vehicle = draft.vehicles.get(run.vehicle) if run.vehicle else None
    if km is None or vehicle is None:
        return None
    track, begin_km = draft.track(vehicle, since)
    mark_km = begin_km + km
    shown = track.shown(mark_km)
    return Driven(
        since=since,
        begin_km=begin_km,
        mark_km=mark_km,
        shown_at=shown if shown is not None and shown >= since else None,
        read=bool(vehicle.readings),
    )


def _watched(verb: Verb) -> Verb:
    def performed(draft: _WatchedDraft, journey: Journey, run: Run, step: Step) -> tuple[Run, int | None]:
        if isinstance(step, Send):
            draft.tell(_trying(draft, journey, run, step))
        after, goes_on = verb(draft, journey, run, step)
        waits = goes_on is None
        draft.tell(
            Came(
                run=run,
                step=step,
                after=after,
                goes_on=goes_on,
                driven=driven(draft, after) if waits else None,
                drawn=lot("split", journey.id, run.id, step.id) if isinstance(step, Split) else None,
            )
        )
        return after, goes_on

    return performed


def _trying(draft: Draft, journey: Journey, run: Run, step: Send) -> Trying:
    customer, scope = draft.view, draft.scope(run)
    asked = step.brand(scope) if step.brand else None
    brand = draft.program.known_brand(str(asked) if asked else draft.program.brand(run, customer))
    variants = step.variants.get(brand)
    tried: list[Tried] = []
    for channel in step.by:
        one = Tried(
            channel=channel,
            statement=statement_on(customer, channel, journey.purpose),
            agreed=agreed(customer, draft.policy, channel, journey.purpose),
            address=address(customer, channel) is not None,
            text=bool(variants and variants.by_channel.get(channel)),
        )
        tried.append(one)
        if one.works:
            break
    return Trying(message_id=message_id(run, step), run=run, tried=tuple(tried))


_WatchedDraft.verbs = {step: _watched(verb) for step, verb in VERBS.items()}
