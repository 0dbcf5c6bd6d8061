"""What could have begun a run: for each, whether it did, and what decided it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from engine.decide.watched import Began, Made, Refused, Sight
from engine.model.events import Event
from engine.model.journeys import DateStart, EventStart, Status
from engine.model.stimuli import BroadcastReached, EventArrived, ScheduleReached
from engine.why import words
from engine.why.replay import Scene, Seen
from engine.why.scenery import Scenery
from engine.why.told import Chapter, Condition, Entry

_AT_STEPS = frozenset({"other brand"})


class Start:
    """One thing that could have begun a run, with what was seen of it. `at` is its moment."""

    def __init__(self, scenery: Scenery, scene: Scene, event: Event | None, sights: Sequence[Sight | Seen]):
        self._scenery = scenery
        self._scene = scene
        self.event = event
        self.sights = sights
        journey = scenery.journey.id
        self.began = next((one.run for one in sights if isinstance(one, Began) and self._is_ours(one)), None)
        self._refused = next(
            (
                one.why
                for one in sights
                if isinstance(one, Refused) and one.journey == journey and one.why not in _AT_STEPS
            ),
            None,
        )
        self._seen = [
            one for one in sights if isinstance(one, Seen) and self._kind(one) in ("when", "audience", "per")
        ]

    def _kind(self, one: Seen) -> str:
        role = self._scenery.role(one.expression)
        return role.kind if role is not None else ""

    def _is_ours(self, began: Began) -> bool:
        key = self.event.key.hex() if self.event is not None else None
        return began.run.journey == self._scenery.journey.id and (key is None or began.run.event == key)

    @property
    def began_once(self) -> bool:
        """Whether by the customer's document it did begin a run, which is under way: the journey has changed since."""
        runs = self._scenery.history.customer.runs.values()
        key = self.event.key.hex() if self.event is not None else None
        return key is not None and any(
            one.event == key and one.journey == self._scenery.journey.id for one in runs
        )

    # As told

    @property
    def at(self) -> datetime:
        return self.event.time if self.event is not None else self._scene.at

    @property
    def conditions(self) -> list[Condition]:
        return [words.condition(part, self._scenery.zone) for one in self._seen for part in one.parts]

    def entry(self) -> Entry:
        """What it was, and what came of it."""
        scenery = self._scenery
        what = self._what()
        came = "began this run" if self.began is not None else "began no run"
        why = "" if self.began is not None else f": {self._why()}"
        details = [
            words.sentence(part, scenery.zone)
            for one in self._seen
            if self._kind(one) != "per"
            for part in one.parts
        ]
        return Entry(
            at=scenery.local(self.at),
            kind="began" if self.began is not None else "began none",
            text=f"{what} {came}{why}",
            details=[*details, *self._circumstances()],
            conditions=self.conditions,
        )

    def _circumstances(self) -> Iterator[str]:
        if self.event is not None and self._scene.at.date() != self.event.time.date():
            yield f"it arrived {self._scenery.minute(self._scene.at)}"

    def chapter(self) -> Chapter:
        """That it began nothing."""
        entry = self.entry()
        return Chapter(at=entry.at, kind="no run", title=entry.text, entries=[entry])

    def _what(self) -> str:
        if self.event is not None:
            return self._scenery.event(self.event)
        how = self._scenery.journey.start
        if isinstance(how, DateStart) and self.began is not None and self.began.date is not None:
            named = words.named_date(how)
            told = words.reckoned_date(how, self.began.date, self._scenery.zone)
            return f"{named}, {told}," if named else f"the date {told}"
        return f"the schedule's moment {self._scenery.minute(self._scene.at)}"

    def _why(self) -> str:
        """Why nothing began."""
        scenery = self._scenery
        false = next((one for one in self._seen if not one.value and self._kind(one) != "per"), None)
        if self._refused is not None:
            return self._refusal(self._refused)
        if false is not None:
            name = "the audience" if self._kind(false) == "audience" else "the condition"
            return f"{name} does not hold"
        if scenery.journey.status is not Status.LIVE:
            return f"the journey is {scenery.journey.status} now, and begins nothing"
        if not scenery.history.customer.known:
            return "nobody is known to own this car, so there is nobody to write to"
        return "nobody is to be written to"

    def _refusal(self, why: str) -> str:
        how = self._scenery.journey.start
        again = words.again(how) if isinstance(how, EventStart) else "ignore"
        brands = words.listed(sorted(self._scenery.journey.brands), "or")
        return {
            "no vehicle": "it names no car, and there is a run for each car (per: vehicle)",
            "another's car": "the car that it names is somebody else's",
            "no key": "it carries nothing of what a run is for (per)",
            "older start": "it is older than what began the run under way",
            "not again": f"there was a run before, and a further one is not allowed (again: {again})",
            "under way": f"a run was under way already (again: {again})",
            "stopped before": "what stops the run had happened already",
            "brand": f"the journey is meant for {brands}",
        }[why]


def starts_in(scenery: Scenery, scene: Scene) -> Iterator[Start]:
    """All of a scene that could have begun a run of the journey, but for broadcasts by hand."""
    stimulus, how = scene.stimulus, scenery.journey.start
    if scene.by_hand is not None:
        return
    if stimulus is None:
        yield from _only_asked(scenery, scene)
    elif isinstance(how, EventStart) and how.audience is None:
        event = stimulus.event if isinstance(stimulus, EventArrived) else None
        for one, sights in _by_event(event, scene.sights):
            if one.type == how.on:
                mine = [
                    sight for sight in sights if not isinstance(sight, Seen) or sight.event in (None, one)
                ]
                yield Start(scenery, scene, one, mine)
    elif isinstance(stimulus, BroadcastReached) and stimulus.journey == scenery.journey.id:
        yield Start(scenery, scene, stimulus.event, once(scene.sights))
    elif isinstance(stimulus, ScheduleReached) and stimulus.journey == scenery.journey.id:
        yield Start(scenery, scene, None, once(scene.sights))
    elif isinstance(how, DateStart):
        for sight in scene.sights:
            if isinstance(sight, Began) and sight.run.journey == scenery.journey.id:
                yield Start(scenery, scene, None, [sight])


def _only_asked(scenery: Scenery, scene: Scene) -> Iterator[Start]:
    """An audience that a customer is not of: nothing is decided then."""
    for one in scene.sights:
        if not isinstance(one, Seen) or one.value:
            continue
        role = scenery.role(one.expression)
        if role is not None and role.kind in ("audience", "when"):
            yield Start(scenery, scene, one.event, [one])


def once(sights: Sequence[Sight | Seen]) -> list[Sight | Seen]:
    """What was asked, each once: whether somebody is of an audience is asked before the decision, and in it."""
    asked: set[int] = set()
    left: list[Sight | Seen] = []
    for one in sights:
        if isinstance(one, Seen):
            if id(one.expression) in asked:
                continue
            asked.add(id(one.expression))
        left.append(one)
    return left


def _by_event(
    event: Event | None, sights: Sequence[Sight | Seen]
) -> Iterator[tuple[Event, list[Sight | Seen]]]:
    """The sights by the event that was looked at: the one that came, then those that journeys made of it."""
    present: list[Sight | Seen] = []
    for one in sights:
        if isinstance(one, Made):
            if event is not None:
                yield event, present
            event, present = one.event, []
        else:
            present.append(one)
    if event is not None:
        yield event, present
