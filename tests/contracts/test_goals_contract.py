"""What every store promises of goals (`engine/ports/store.py`)."""

import pytest

from engine.model.goals import GoalCount, Measured, Reached
from engine.ports import Store
from tests.contracts.samples import customer_id, day


def run(n: int, *, held_out: bool = False, journey: str = "care") -> Measured:
    return Measured(
        run=f"r{n}",
        journey=journey,
        customer_id=customer_id(n),
        held_out=held_out,
        started_at=day(n),
        until=day(n + 10),
    )


def count(
    runs: int, reached: int, still_open: int, *, held_out: bool = False, journey: str = "care"
) -> GoalCount:
    return GoalCount(journey=journey, held_out=held_out, runs=runs, reached=reached, open=still_open)


def test_runs_are_counted_by_journey_and_side(store: Store) -> None:
    with store.unit() as unit:
        unit.measure([run(1), run(2), run(3, held_out=True), run(4, journey="birthday")], [])
        unit.measure([], [Reached("r2", day(5)), Reached("r9", day(5))])
    assert store.count_goals(day(12)) == [
        count(1, 0, 1, journey="birthday"),
        count(2, 1, 0),
        count(1, 0, 1, held_out=True),
    ]


def test_a_run_counts_once_and_reaches_its_goal_once(store: Store) -> None:
    for moment in (day(5), day(3), day(7)):
        with store.unit() as unit:
            unit.measure([run(1)], [Reached("r1", moment), Reached("r1", day(6))])
    assert store.count_goals(day(1)) == [count(1, 1, 0)]


def test_a_unit_that_ends_by_an_exception_measures_nothing(store: Store) -> None:
    with store.unit() as unit:
        unit.measure([run(1)], [])
    with pytest.raises(KeyError), store.unit() as unit:
        unit.measure([run(2)], [Reached("r1", day(3))])
        raise KeyError
    assert store.count_goals(day(1)) == [count(1, 0, 1)]
