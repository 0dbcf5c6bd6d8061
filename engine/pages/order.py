"""In which order a page tells of journeys."""

from engine.model.journeys import Journey, Repeat, ScheduleStart, Wait
from engine.model.program import Program
from engine.model.times import Duration


def in_order(program: Program) -> list[Journey]:
    """The journeys as a customer meets them: by time, by distance, by schedule."""

    def place(journey: Journey) -> tuple[bool, float, tuple[int, int, int], str]:
        first = next((one for one in journey.steps if isinstance(one, Wait | Repeat)), None)
        km = (first.distance_km if isinstance(first, Wait) else first.every_km if first else None) or 0.0
        length = (first.duration if isinstance(first, Wait) else first.every if first else None) or Duration()
        scheduled = isinstance(journey.start, ScheduleStart)
        return scheduled, km, (length.months, length.days, length.seconds), journey.id

    return sorted(program.journeys.values(), key=place)
