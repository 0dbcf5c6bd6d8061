"""The demo itself, step by step.

1. The project is loaded and the folder looked at, before anything is touched.
2. The lines are taken in as `ingest` does; at the end of each week the worker does and sends what is due by
   then. That changes nothing of what is sent, but somebody who looks on sees the year pass by.
3. Time goes on a little after the last line, and what falls due then is done.
4. The page is made.
"""

from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from engine.demo import folder
from engine.demo.arrivals import Arrivals
from engine.demo.page import Page, make_page
from engine.demo.scene import Scene
from engine.demo.shipped import shipped_project, shipped_sample
from engine.intake.files import Source, open_source
from engine.intake.parse import Parser
from engine.intake.reader import Reader
from engine.language import Loaded
from engine.model.diagnostics import Rejection
from engine.model.errors import MilepostError
from engine.model.program import Program
from engine.model.times import at_local
from engine.pages.calendar import local_day
from engine.ports import Store
from engine.runtime.worker import Worker
from engine.wiring.assembly import advance_for, file_locked, stored
from engine.wiring.delivery import OneProject, deliverer_for, renderer_for, sample_links
from engine.wiring.deployed import Project
from engine.wiring.feeding import Feed
from engine.wiring.projects import load, runnable
from engine.wiring.settings import ClockKind, Settings, load_settings

AFTER_THE_LAST = timedelta(days=7)


class DemoResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a demo did. `decided` are all rows of the ledger; `sent` and `skipped` those of them."""

    out: Path
    index: Path
    read: int
    accepted: int
    duplicates: int
    rejected: int
    decided: int
    sent: int
    skipped: int


class Watch(Protocol):
    """Who looks on."""

    def week(self, day: date, share: float, read: int, sent: int) -> None:
        """The data's clock has come to `day`, and a `share` of the data is read; so many lines were read and
        messages sent since the beginning."""
        ...

    def page(self, share: float) -> None:
        """So much of the page is made."""
        ...


def make_demo(
    out: Path, watch: Watch, *, project: Path | None = None, sample: Path | None = None
) -> DemoResult:
    """Makes a demo in `out`, of the shipped project and sample unless others are named.

    Raises `MilepostError` where the project has errors, the folder is somebody else's, or nothing in the
    sample can be taken in.
    """
    project, sample = project or shipped_project(), sample or shipped_sample()
    loaded = load(project)  # 1
    program = runnable(loaded, project, drafts=False)
    folder.ROOM.check(out)
    settings = _settings(out)
    with ExitStack() as held:
        source = held.enter_context(open_source(str(sample)))
        folder.ROOM.mark(out)
        held.enter_context(file_locked(settings))
        folder.clear(out)
        with stored(settings) as store:
            year = _Year(loaded, program, project, store, settings, watch)
            now = year.pass_by(source)
            scene = Scene(
                out=out,
                project=project,
                sample=sample,
                loaded=loaded,
                program=program,
                store=store,
                renderer=renderer_for(loaded, program, project, sample_links(settings)),
                now=now,
            )
            page = make_page(scene, year.arrivals.report(program.dealers), watch.page)  # 4
    return _result(page)


def _result(page: Page) -> DemoResult:
    return DemoResult(
        out=page.index.parent,
        index=page.index,
        read=page.came.read,
        accepted=page.came.accepted,
        duplicates=page.came.duplicates,
        rejected=page.came.rejected,
        decided=page.went.decided,
        sent=page.went.sent,
        skipped=page.went.skipped,
    )


def _settings(out: Path) -> Settings:
    """Everything in `out`, whatever the environment says."""
    return load_settings(
        database_url=f"sqlite:///{out / folder.DATABASE}",
        kafka_bootstrap="",
        clock=ClockKind.EVENTS,
        delivery_dir=out,
        email="folder",
        sms="folder",
        letters="folder",
    )


class _Year:
    """The data's time, from its first line to a little after its last."""

    def __init__(
        self, loaded: Loaded, program: Program, project: Path, store: Store, settings: Settings, watch: Watch
    ) -> None:
        self._reader = Reader(Parser(program.event_types, program.policy.country), self._refuse)
        self._zone = program.policy.zone
        self._advance = advance_for(program, store, settings)
        self._feed = Feed(self._advance)
        works = OneProject(Project(loaded=loaded, program=program, folder=project))
        deliverer = deliverer_for(works, store, settings, sample_links(settings))
        self._worker = Worker(self._advance, deliverer, lambda _decided, _sent: self._tell())
        self._watch = watch
        self._share = 0.0
        self._week: date | None = None
        self.arrivals = Arrivals(self._zone)

    def pass_by(self, source: Source) -> datetime:
        """Lets it pass; the moment at which it ends."""
        for event in self._reader.events(source):
            self._share = source.bytes_read / (source.size or source.bytes_read)
            self._come_to(local_day(event.arrived, self._zone))
            self.arrivals.event(event)
            self._feed.event(event)
        self._feed.flush()
        last = self._advance.now()
        if last is None:
            raise MilepostError(f"{source.name} holds no event that can be taken in.")
        end = at_local(local_day(last + AFTER_THE_LAST, self._zone), time.min, self._zone)
        self._week = local_day(end, self._zone)
        self._worker.run_until_idle(end)  # 3
        return end

    def _come_to(self, day: date) -> None:
        """2. In a new week, what there is of those before."""
        week = day - timedelta(days=day.weekday())
        if self._week is not None and week > self._week:
            self._feed.flush()
            self._worker.run_until_idle(at_local(week, time.min, self._zone))
        if self._week is None or week > self._week:
            self._week = week
            self._tell()

    def _refuse(self, one: Rejection) -> None:
        self.arrivals.refused(one)
        self._feed.rejection(one)

    def _tell(self) -> None:
        if self._week is not None:
            self._watch.week(self._week, self._share, self._reader.read, self._worker.counts.sent)
