"""`repeat`: its steps at every multiple of a distance or duration."""

from datetime import time

from engine.language import words
from engine.language.journeys.drafts import Nest, StepDraft
from engine.language.journeys.scene import Scene
from engine.language.journeys.steps.verb import Verb
from engine.language.journeys.steps.wait import days_of, needs_vehicle
from engine.language.keys import Fields, Key, MappingKind, Placed, Table
from engine.language.source import Node
from engine.language.units import MOST_YEARS
from engine.model.journeys import Repeat
from engine.model.times import Duration

MOST_TIMES = 1_000

EVERY: Key[Duration | float] = Key(
    name="every",
    kind=words.LENGTH,
    about="the duration or distance between two rounds, counted from the step's beginning",
    required=True,
    example="10000 km",
)
TIMES: Key[int] = Key(
    name="times",
    kind=words.whole_number(1, MOST_TIMES, "a number of rounds"),
    about="how many rounds; when left out, until the run is stopped",
    example="3",
)
DO: Key[Node] = Key(
    name="do",
    kind=words.STEPS,
    about="the steps of a round; `loop.index` is its number, from 1",
    required=True,
    example="[…]",
)
AT: Key[time] = Key(
    name="at", kind=words.CLOCK, about="the local time of day of each round", example='"10:00"'
)
DAYS: Key[tuple[Placed[frozenset[int]], ...]] = Key(
    name="days",
    kind=words.DAYS,
    about="each round waits until one of these days of the week",
    example="weekdays",
)
INSIDE = Table(
    title="`repeat`",
    about="The keys inside `repeat`.",
    keys=(EVERY, TIMES, DO, AT, DAYS),
    meant={"wait": "every", "interval": "every", "count": "times", "steps": "do", "then": "do"},
    such_as="{every: 10000 km, times: 3, do: […]}",
    elsewhere={"id": "put it beside `repeat`, not inside", "when": "put it beside `repeat`, not inside"},
)
REPEAT: Key[Fields] = Key(
    name="repeat", kind=MappingKind(INSIDE), about="how often, and the steps", required=True
)


class RepeatVerb(Verb):
    name = "repeat"
    about = "Does steps again and again, at every multiple of a distance or duration."
    keys = (REPEAT,)

    def nests(self, fields: Fields) -> tuple[Nest, ...]:
        inside = fields.get(REPEAT)
        do = None if inside is None else inside.get(DO)
        return () if do is None else (Nest(do, loops=True),)

    def ends(self, step: StepDraft) -> bool:
        inside = step.fields.get(REPEAT)
        return inside is not None and not inside.has(TIMES) and not step.fields.has_named("when")

    def build(self, step: StepDraft, scene: Scene) -> Repeat | None:
        common = self.common(step, scene)
        inside = step.fields.get(REPEAT)
        if inside is None:
            return None
        every = inside.get(EVERY)
        if isinstance(every, float) and not needs_vehicle(inside.span(EVERY), scene):
            return None
        if every is None or not step.starts or not _ends_in_time(every, inside, scene):
            return None
        return Repeat(
            **common,
            body=step.starts[0],
            every=every if isinstance(every, Duration) else None,
            every_km=every if isinstance(every, float) else None,
            times=inside.get(TIMES),
            at=inside.get(AT),
            days=days_of(inside, DAYS),
        )


def _ends_in_time(every: Duration | float, inside: Fields, scene: Scene) -> bool:
    times = inside.get(TIMES) or 1
    if isinstance(every, float):
        return True
    whole = every.times(times)
    years = whole.months / 12 + whole.days / 365 + whole.seconds / (365 * 86_400)
    if years <= MOST_YEARS:
        return True
    message = f"the last round would come after more than {MOST_YEARS} years"
    scene.report.error("bad-number", inside.span(TIMES), message, "take fewer rounds")
    return False
