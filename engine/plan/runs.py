"""Where the runs under way go."""

from collections import Counter
from typing import NamedTuple

from engine.model.customer import Customer, Run
from engine.model.journeys import Status
from engine.model.outlines import Moves
from engine.model.program import Program


class Going(NamedTuple):
    """Runs of a journey that stand at one step go to one step: the same; another, as theirs is gone; none (`to` is
    empty), and `why` (`no step left`, `retired`, `journey removed`)."""

    journey: str
    step: str
    to: str
    why: str = ""


class Runs:
    """Counts them."""

    def __init__(self, program: Program, moves: Moves) -> None:
        self._program = program
        self._moves = moves
        self.counts: Counter[Going] = Counter()

    def add(self, customer: Customer) -> None:
        self.counts.update(self._going(run) for run in customer.runs.values())

    def _going(self, run: Run) -> Going:
        journey = self._program.journeys.get(run.journey)
        if journey is None:
            return Going(run.journey, run.step, "", "journey removed")
        if journey.status is Status.RETIRED:
            return Going(run.journey, run.step, "", "retired")
        if run.step in journey.position:
            return Going(run.journey, run.step, run.step)
        to = self._moves.get(run.journey, {}).get(run.step, "")
        return Going(run.journey, run.step, to, "" if to else "no step left")
