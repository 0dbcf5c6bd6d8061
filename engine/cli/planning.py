"""What `plan` and `deploy` share: their options, and the plan with a bar while it is made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from engine.cli.context import progress, spare_collector
from engine.ports import Store
from engine.wiring.deployed import Candidate
from engine.wiring.planning import Planned, planned
from engine.wiring.settings import Settings

DAYS = 30

DaysOption = Annotated[
    int, typer.Option("--days", metavar="N", min=1, max=400, help="how far ahead messages are compared")
]
SampleOption = Annotated[
    int | None,
    typer.Option("--sample", metavar="N", min=1, help="looks at so many customers only, for a quick answer"),
]


def with_bar(store: Store, settings: Settings, one: Candidate, *, days: int, sample: int | None) -> Planned:
    with looking_at_customers("looking at customers", store, sample) as watch:
        return planned(store, settings, one, days=days, sample=sample, watch=watch)


@contextmanager
def looking_at_customers(words: str, store: Store, sample: int | None) -> Iterator[Callable[[int], None]]:
    """A bar while customers are looked at, all or the first `sample`; what it gives is told how many were."""
    spare_collector()
    bar = progress(TextColumn(words), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with bar:
        total = None if bar.disable else min(store.count_customers(), sample or 10**12)
        task = bar.add_task("", total=total)
        yield lambda looked_at: bar.update(task, completed=looked_at)
