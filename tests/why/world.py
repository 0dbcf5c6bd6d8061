"""A customer's history in a store, and what is told of it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from engine.intake.identify import Identification
from engine.model.customer import Customer
from engine.model.events import Event
from engine.model.messages import Status
from engine.model.program import Program
from engine.ports import MessageFilter, Store
from engine.runtime.advance import Advance
from engine.store.memory import MemoryStore
from engine.why import Account, Asked, Recorder, explain
from engine.wiring.projects import load, runnable
from tests.support import POLICY, local, write_project


class World:
    """A project whose expressions are watched, and a store in which events have come to pass."""

    def __init__(
        self,
        folder: Path,
        journeys: Mapping[str, str],
        policy: str = "",
        templates: Sequence[str] = ("hello",),
    ) -> None:
        write_project(folder, journeys, policy=POLICY + policy, templates=templates)
        self.folder = folder
        self.recorder = Recorder()
        self.program = self._read()
        self.store: Store = MemoryStore(keep_log=True)

    def _read(self) -> Program:
        return runnable(load(self.folder, watch=self.recorder.watch), self.folder, drafts=False)

    def rewrite(self, journey: str, text: str) -> None:
        """The journey is another one now."""
        write_project(
            self.folder, {journey: text}, policy=(self.folder / "journeys/policy.yaml").read_text("utf-8")
        )
        self.program = self._read()

    def happen(self, events: Iterable[Event], until: str) -> None:
        """All of it comes in, each at its own moment, and time passes up to `until`."""
        advance = Advance(self.program, self.store, Identification(), None)
        for event in events:
            advance.take([event])
        advance.catch_up(local(until))
        self.until = local(until)

    def hand_over(self) -> None:
        """Everything that is queued is sent, when it was decided."""
        rows = self.store.claim(self.until, 1000)
        self.store.settle(
            replace(row, message=replace(row.message, status=Status.SENT), sent_at=row.message.at)
            for row in rows
        )

    def customer(self, mobile: str = "+8613800000001") -> Customer:
        [found] = self.store.find([("mobile", mobile)])
        return found

    def why(self, journey: str, asked: Asked | None = None, mobile: str = "+8613800000001") -> Account:
        return explain(
            self.program,
            self.store,
            self.customer(mobile),
            self.program.journeys[journey],
            self.until,
            identify=Identification(),
            recorder=self.recorder,
            asked=asked or Asked(),
        )

    def ledger(self) -> dict[str, Status]:
        return {row.message.id: row.message.status for row in self.store.messages(MessageFilter())}
