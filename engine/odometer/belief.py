"""Which readings are believed.

Most tracks are plain: every reading is likely after the one before, and all are believed. Where one is not,
the readings around it and after it are weighed against each other. A *story* says of each of them that it
is

  right           as likely as `learning` finds it after the last believed one;
  a digit short   54 321 written as 5 432: read as 54 324.5, the middle of what it can mean;
  a digit long    54 321 written as 543 217: read as a tenth of it;
  in miles        read as 1.609 344 times as many km;
  wrong           of any size, and nothing is learned from it;
  after a swap    right, but on another instrument than the last one: what was driven in between is what the
                  habit expects, and all earlier readings are moved to the new instrument's scale.

A story's probability is the product over its readings. The most probable one is believed; on a tie that which
believes the earlier reading, so that a doubtful last reading is judged by those before it, and is followed
once later ones bear it out. Stories are grown reading by reading. Of two with the same last believed reading
and nearly the same habit only the likelier is kept, as they go on alike (Viterbi 1967); those too far behind
are given up.
"""

from collections.abc import Sequence
from math import exp, log
from typing import NamedTuple

from engine.odometer.habits import Habits
from engine.odometer.learning import learn

MOST_KM_PER_DAY = 1200.0  # two drivers on a motorway, day and night
SLACK_DAYS = 0.5  # the hour of a reading may be wrong
ODOMETER_KM = 300_000.0  # a reading of which nothing is known is as likely anywhere below
_SHORT, _LONG, _MILES, _ANYHOW = 0.4, 0.1, 0.1, 0.4  # what wrong readings are: shares
_SWAPS = 0.001  # the share of readings before which the instrument was changed
_KM_PER_MILE = 1.609344
_MOST_STORIES = 8
_TOO_FAR_BEHIND = 25.0  # as a logarithm: a wrong reading, and one more doubt, can still be made good
_DOUBT = 4.0  # how many times likelier than wrong a reading must be to need no weighing
_LATE_START = 0.1  # what it costs a story not to believe the first reading: settles ties


class Belief(NamedTuple):
    """What is believed, in order of time, and what it teaches.

    `places` are those of the believed readings among all; `kms` what each stands for on the present
    instrument; `since` the place of the reading by which it came to be believed: its own, unless it was
    doubted at first. `doubted` are the places of the readings that are not taken as written. `mean` and
    `variance` are those of the habit, ln(km a fleet day)."""

    places: Sequence[int]
    kms: Sequence[float]
    since: Sequence[int]
    doubted: Sequence[int]
    mean: float
    variance: float


class _Step(NamedTuple):
    """One believed reading of a story, linked to the one before. `gap_km`: None where it is on the same
    instrument as the one before, else the distance that is taken to lie between the two."""

    place: int
    km: float
    as_written: bool
    gap_km: float | None
    before: "_Step | None"


class _Story(NamedTuple):
    score: float  # the logarithm of its probability
    mean: float
    variance: float
    last: _Step | None


def believe(habits: Habits, days: Sequence[float], kms: Sequence[float]) -> Belief:
    """Weighs readings of `kms` at `days` (fleet days, in order). At least one reading."""
    mean, variance = earlier_mean, earlier_variance = habits.log_rate, habits.variance
    doubtful = _DOUBT * habits.wrong / ODOMETER_KM
    for i in range(1, len(days)):
        km, passed = kms[i] - kms[i - 1], days[i] - days[i - 1]
        if not _possible(km, passed):
            return _weigh(habits, days, kms, _until(i - 1, kms, earlier_mean, earlier_variance))
        before_mean, before_variance = mean, variance
        mean, variance, density = learn(habits, mean, variance, km, passed)
        if density < doubtful:
            return _weigh(habits, days, kms, _until(i - 1, kms, earlier_mean, earlier_variance))
        earlier_mean, earlier_variance = before_mean, before_variance
    places = range(len(days))
    return Belief(places, kms, places, (), mean, variance)


def _possible(km: float, passed: float) -> bool:
    return 0.0 <= km <= MOST_KM_PER_DAY * (passed + SLACK_DAYS)


def _until(place: int, kms: Sequence[float], mean: float, variance: float) -> _Story:
    """The story that believes all readings before `place`."""
    last: _Step | None = None
    for i in range(place):
        last = _Step(i, kms[i], True, None, last)
    return _Story(0.0, mean, variance, last)


def _weigh(habits: Habits, days: Sequence[float], kms: Sequence[float], start: _Story) -> Belief:
    """The belief about all readings, where those of `start` are believed."""
    stories = [start]
    first = 0 if start.last is None else start.last.place + 1
    since: dict[int, int] = {}
    for i in range(first, len(days)):
        likeliest: dict[tuple[int, float, float], _Story] = {}
        for story in stories:
            for new in _grow(habits, story, i, days, kms[i]):
                key = _outlook(new)
                if key not in likeliest or likeliest[key].score < new.score:
                    likeliest[key] = new
        stories = sorted(likeliest.values(), key=_score, reverse=True)[:_MOST_STORIES]
        stories = [story for story in stories if story.score > stories[0].score - _TOO_FAR_BEHIND]
        step = stories[0].last
        while step is not None and step.place >= first:
            since.setdefault(step.place, i)
            step = step.before
    best = stories[0]
    steps, on_present = _on_one_instrument(best.last)
    as_written = {step.place for step in steps if step.as_written}
    return Belief(
        places=[step.place for step in steps],
        kms=on_present,
        since=[since.get(step.place, step.place) for step in steps],
        doubted=[i for i in range(len(days)) if i not in as_written],
        mean=best.mean,
        variance=best.variance,
    )


def _outlook(story: _Story) -> tuple[int, float, float]:
    """Two stories that have this in common go on alike."""
    if story.last is None:
        return -1, 0.0, 0.0
    return story.last.place, story.last.km, round(story.mean, 1)


def _score(story: _Story) -> float:
    return story.score


def _grow(habits: Habits, story: _Story, place: int, days: Sequence[float], km: float) -> list[_Story]:
    """All that may come of a story with the reading `km` at `days[place]`."""
    wrong = habits.wrong / ODOMETER_KM
    score, mean, variance, last = story
    grown = [_Story(score + log(_ANYHOW * wrong), mean, variance, last)]
    if last is None:
        for meant, as_written, share in _meanings(habits, km):
            begun = score + log(share / ODOMETER_KM) - (_LATE_START if place else 0.0)
            grown.append(_Story(begun, mean, variance, _Step(place, meant, as_written, None, None)))
        return grown
    passed = days[place] - days[last.place]
    for meant, as_written, share in _meanings(habits, km):
        driven = meant - last.km
        if not _possible(driven, passed):
            continue
        new_mean, new_variance, density = learn(habits, mean, variance, driven, passed)
        if density > 0.0:
            step = _Step(place, meant, as_written, None, last)
            grown.append(_Story(score + log(share * density), new_mean, new_variance, step))
            if as_written and density > _DOUBT * wrong:
                return grown
    swapped = _Step(place, km, True, exp(mean) * passed, last)
    grown.append(_Story(score + log(_SWAPS / ODOMETER_KM), mean, variance, swapped))
    return grown


def _meanings(habits: Habits, km: float) -> tuple[tuple[float, bool, float], ...]:
    """What `km` may stand for: the km, whether that is as written, and by how much likelier or less likely a
    written number that means it is than the number it means."""
    return (
        (km, True, 1.0),
        (10.0 * km + 4.5, False, 10.0 * habits.wrong * _SHORT),
        (0.1 * km, False, 0.1 * habits.wrong * _LONG),
        (_KM_PER_MILE * km, False, _KM_PER_MILE * habits.wrong * _MILES),
    )


def _on_one_instrument(last: _Step | None) -> tuple[list[_Step], list[float]]:
    """The steps that lead to `last`, in order, and their km on the instrument that the last of them is on."""
    steps: list[_Step] = []
    kms: list[float] = []
    moved = 0.0
    step = last
    while step is not None:
        steps.append(step)
        kms.append(step.km + moved)
        if step.gap_km is not None and step.before is not None:
            moved += step.km - step.gap_km - step.before.km
        step = step.before
    steps.reverse()
    kms.reverse()
    return steps, kms
