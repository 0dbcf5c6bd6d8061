"""What tests of the demo share: who looks on, and what there is to look at."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from engine.demo import DemoResult
from engine.model.program import Program
from engine.ports import MessageRow


class Looking:
    """Looks on, and remembers."""

    def __init__(self) -> None:
        self.days: list[date] = []
        self.shares: list[float] = []
        self.page_shares: list[float] = []

    def week(self, day: date, share: float, read: int, sent: int) -> None:
        self.days.append(day)
        self.shares.append(share)

    def page(self, share: float) -> None:
        self.page_shares.append(share)


class Demo(NamedTuple):
    out: Path
    sample: Path
    result: DemoResult
    rows: Sequence[MessageRow]
    looking: Looking
    program: Program

    @property
    def index(self) -> str:
        return (self.out / "index.html").read_text("utf-8")
