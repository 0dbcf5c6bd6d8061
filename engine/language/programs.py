"""Journeys, policy and the rest become the program that runs, with its indexes."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from engine.language.journeys import Context
from engine.model.journeys import DateStart, EventStart, Journey, ScheduleStart, WaitFor
from engine.model.odometer import Odometer
from engine.model.policy import Dealer, Fleet, Policy
from engine.model.program import Program

K = TypeVar("K")


def program_of(
    journeys: list[Journey],
    policy: Policy,
    odometer: Callable[[Fleet], Odometer],
    dealers: Mapping[str, Dealer],
    context: Context,
) -> Program:
    """The program of journeys without errors. `odometer` makes the estimator for the policy's fleet."""
    by_events = [(one, one.start) for one in journeys if isinstance(one.start, EventStart)]
    stopping = _index((stop.on, journey) for journey in journeys for stop in journey.stop)
    awaited = frozenset(
        step.on for journey in journeys for step in journey.steps if isinstance(step, WaitFor)
    )
    asked_of = frozenset(stop.on for journey in journeys for stop in journey.stop if stop.when is not None)
    wanted = frozenset(one.goal.on for one in journeys if one.goal is not None)
    return Program(
        journeys={journey.id: journey for journey in journeys},
        policy=policy,
        odometer=odometer(policy.fleet),
        dealers=dealers,
        brands=frozenset(context.brands),
        event_types=context.lexicon.event_types,
        starting=_index((how.on, one) for one, how in by_events if how.audience is None),
        broadcast=_index((how.on, one) for one, how in by_events if how.audience is not None),
        stopping=stopping,
        scheduled=tuple(one for one in journeys if isinstance(one.start, ScheduleStart)),
        dated=tuple(one for one in journeys if isinstance(one.start, DateStart)),
        asked=frozenset(context.lexicon.asked | stopping.keys()),
        awaited=awaited,
        heard=awaited | asked_of | wanted,
        wanted=wanted,
    )


def _index(pairs: Iterable[tuple[K, Journey]]) -> dict[K, tuple[Journey, ...]]:
    """The journeys by key, in order, each once."""
    index: dict[K, tuple[Journey, ...]] = {}
    for key, journey in pairs:
        found = index.get(key, ())
        if not any(one.id == journey.id for one in found):
            index[key] = (*found, journey)
    return index
