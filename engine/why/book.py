"""What was seen, put into chapters: one for each run, one for each thing that began none."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from engine.decide.draft import Draft
from engine.decide.watched import Began, Came, Decided, Driven, Ended, Moved, Sight, Trying, driven
from engine.model.customer import Run
from engine.model.journeys import Step
from engine.model.stimuli import EventArrived
from engine.ports import MessageRow
from engine.why import runs, sends
from engine.why.by_hand import starts_by_hand
from engine.why.replay import Scene, Seen
from engine.why.scenery import Scenery
from engine.why.starts import Start, starts_in
from engine.why.told import Chapter, Entry


class _Open(msgspec.Struct):
    """The chapter of a run, as it is written. `at` is the journey's own time by which the run began."""

    run: Run
    entries: list[Entry]
    driven: Driven | None = None
    over: bool = False
    waits: bool = False


class Book:
    """Is given the scenes in order, then `close`d."""

    def __init__(self, scenery: Scenery) -> None:
        self._scenery = scenery
        self._journey = scenery.journey
        self._runs: dict[str, _Open] = {}
        self._none: list[Chapter] = []
        self._trying: dict[str, Trying] = {}
        self._asked: dict[str, list[Seen]] = {}
        self._told: set[str] = set()

    def read(self, scenes: Iterable[Scene]) -> None:
        for scene in scenes:
            starts = {}
            for one in (*starts_in(self._scenery, scene), *starts_by_hand(self._scenery, scene)):
                if one.began is not None:
                    starts[one.began.id] = one
                elif not one.began_once:
                    self._none.append(one.chapter())
            for sight in scene.sights:
                self._take(scene, sight, starts)

    def _take(self, scene: Scene, sight: Sight | Seen, starts: dict[str, Start]) -> None:
        match sight:
            case Seen():
                self._seen(sight)
            case Began() if sight.run.journey == self._journey.id:
                start = starts.get(sight.run.id)
                entries = [start.entry()] if start is not None else []
                self._runs[sight.run.id] = _Open(run=sight.run, entries=entries)
            case Came() if sight.run.journey == self._journey.id:
                self._came(sight)
            case Moved() if sight.run.journey == self._journey.id:
                self._moved(scene, sight)
            case Ended() if sight.run.journey == self._journey.id:
                self._ended(scene, sight)
            case Trying():
                self._trying[sight.message_id] = sight
                if (chapter := self._runs.get(sight.run.id)) is not None:
                    self._wait_is_over(chapter, sight.run)
            case Decided():
                self._decided(sight)

    def _seen(self, seen: Seen) -> None:
        role = self._scenery.role(seen.expression)
        if role is None or seen.run is None:
            return
        self._asked.setdefault(seen.run.id, []).append(seen)
        chapter = self._runs.get(seen.run.id)
        if chapter is None:
            return
        if role.kind == "only" and not seen.value:
            step = self._journey.steps[self._journey.position[role.step]]
            self._wait_is_over(chapter, seen.run)
            chapter.entries.append(runs.left_out(self._scenery, step, seen))
            self._asked.pop(seen.run.id, None)
        elif role.kind in ("stop", "awaits") and not seen.value and seen.event is not None:
            chapter.entries.append(runs.looked_at(self._scenery, role.kind, seen))
            self._asked.pop(seen.run.id, None)

    def _came(self, came: Came) -> None:
        chapter = self._runs.get(came.run.id)
        if chapter is None:
            return
        self._wait_is_over(chapter, came.run)
        seen = [one for one in self._asked.pop(came.run.id, []) if self._is_of(one, came.step)]
        chapter.entries += runs.came_to(self._scenery, came, seen)
        chapter.run = came.after
        chapter.driven = came.driven
        chapter.waits = came.goes_on is None

    def _is_of(self, seen: Seen, step: Step) -> bool:
        role = self._scenery.role(seen.expression)
        return role is not None and role.step == step.id

    def _wait_is_over(self, chapter: _Open, run: Run) -> None:
        """The run has left the step at which it waited."""
        if not chapter.waits:
            return
        chapter.waits = False
        index = self._journey.position.get(chapter.run.step)
        if index is not None:
            step = self._journey.steps[index]
            entry = runs.over(self._scenery, chapter.run, step, chapter.driven, run.at)
            chapter.entries += [entry] if entry is not None else []

    def _moved(self, scene: Scene, one: Moved) -> None:
        chapter = self._runs.get(one.run.id)
        if chapter is None:
            return
        last = chapter.entries[-1] if chapter.entries else None
        shown = one.driven is not None and one.driven.shown_at is not None
        if shown or one.run.awaited is not None:
            chapter.run, chapter.driven = one.run, one.driven
            return  # which is told where the run goes on
        at = scene.stimulus.event.time if isinstance(scene.stimulus, EventArrived) else scene.at
        entry = runs.moved(self._scenery, one, at)
        if last is not None and (last.kind, last.text) == (entry.kind, entry.text):
            chapter.entries.pop()
        chapter.entries.append(entry)
        chapter.run, chapter.driven = one.run, one.driven

    def _ended(self, scene: Scene, one: Ended) -> None:
        chapter = self._runs.get(one.run.id)
        if chapter is None:
            return
        chapter.over = True
        seen = self._asked.pop(one.run.id, []) if one.why == "stopped" else []
        at, by = one.run.at, ""
        if one.why != "done":
            at = scene.at
            if isinstance(scene.stimulus, EventArrived):
                at, by = scene.stimulus.event.time, self._scenery.event(scene.stimulus.event)
        elif chapter.waits:
            self._wait_is_over(chapter, one.run)
        chapter.entries.append(
            runs.ended(self._scenery, one.why, at, by, [seen_one for seen_one in seen if seen_one.value])
        )

    def _decided(self, decided: Decided) -> None:
        self._scenery.decided.append(decided)
        message = decided.message
        chapter = self._runs.get(message.run)
        if message.journey != self._journey.id or chapter is None:
            return
        row = self._scenery.ledger.get(message.id)
        if message.id in self._told:
            chapter.entries.append(sends.asked_again(self._scenery, decided, self._trying.get(message.id)))
            return
        self._told.add(message.id)
        step = self._journey.steps[self._journey.position[message.step]]
        seen = [one for one in self._asked.get(message.run, []) if self._is_of(one, step)]
        entry = sends.told_message(self._scenery, decided, self._trying.get(message.id), row)
        chapter.entries.append(runs.with_conditions(self._scenery, entry, seen))

    # The end

    def close(self) -> list[Chapter]:
        """All chapters, in order of time; with where the runs stand today, and what only the ledger knows."""
        scenery = self._scenery
        document = scenery.history.customer
        draft = Draft(scenery.program, document, scenery.now)
        chapters = list(self._none)
        for run_id, one in self._runs.items():
            present = document.runs.get(run_id)
            if present is not None:
                one.entries.append(runs.standing(scenery, present, driven(draft, present)))
            elif not one.over:
                one.entries.append(runs.gone(scenery))
            chapters.append(self._chapter(one.run, one.entries, under_way=present is not None))
        for run in document.runs.values():
            if run.journey == self._journey.id and run.id not in self._runs:
                entry = runs.standing(scenery, run, driven(draft, run))
                rows = [row for row in self._left() if row.message.run == run.id]
                told = [*runs.began_by(scenery, run), *sends.only_in_ledger(scenery, rows), entry]
                chapters.append(self._chapter(run, told, under_way=True))
                self._told.update(row.message.id for row in rows)
        left: dict[str, list[MessageRow]] = {}
        for row in self._left():
            left.setdefault(row.message.run, []).append(row)
        chapters += [self._from_ledger(rows) for rows in left.values()]
        return sorted(chapters, key=lambda one: datetime.fromisoformat(one.at))

    def _left(self) -> list[MessageRow]:
        """The ledger's messages of the journey to which the replay has not come."""
        return [
            row
            for row in self._scenery.ledger.values()
            if row.message.journey == self._journey.id and row.message.id not in self._told
        ]

    def _chapter(self, run: Run, entries: Sequence[Entry], *, under_way: bool) -> Chapter:
        scenery = self._scenery
        vehicle = scenery.vehicle(run) if run.vehicle else None
        key = None if run.key in ("customer", run.vehicle) else run.key
        named = " for " + (vehicle or key or "") if vehicle or key else ""
        return Chapter(
            at=scenery.local(run.started_at),
            kind="run",
            title=f"Run{named} since {scenery.minute(run.started_at)}",
            run=run.id,
            key=run.key,
            vehicle=vehicle,
            state="under way" if under_way else "over",
            entries=list(entries),
        )

    def _from_ledger(self, rows: Sequence[MessageRow]) -> Chapter:
        first = rows[0].message
        vehicle = f" for {first.vehicle}" if first.vehicle else ""
        return Chapter(
            at=self._scenery.local(first.due_at),
            kind="ledger",
            title=f"By the ledger alone{vehicle}: with the journeys as they are now it would not have come about",
            run=first.run,
            vehicle=first.vehicle,
            entries=sends.only_in_ledger(self._scenery, rows),
        )


def expected(scenery: Scenery, scenes: Iterable[Scene]) -> list[Entry]:
    """What is decided in scenes that have yet to come: of each message what becomes of it in the end, and tasks."""
    tasks: list[Entry] = []
    trying: dict[str, Trying] = {}
    found: dict[str, Decided] = {}
    for scene in scenes:
        for sight in scene.sights:
            if isinstance(sight, Trying):
                trying[sight.message_id] = sight
            elif isinstance(sight, Decided):
                scenery.decided.append(sight)
                if sight.message.journey == scenery.journey.id:
                    found[sight.message.id] = sight
            elif isinstance(sight, Came) and sight.run.journey == scenery.journey.id:
                task = runs.coming_task(scenery, sight)
                tasks += [task] if task is not None else []
    ordered = sorted(found.values(), key=lambda one: (one.message.at, one.message.id))
    messages = [sends.coming(scenery, one, trying.get(one.message.id)) for one in ordered]
    return sorted([*messages, *tasks], key=lambda one: datetime.fromisoformat(one.at))
