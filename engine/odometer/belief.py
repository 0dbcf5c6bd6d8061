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

from collections.abc import Mapping, Sequence
from math import exp, log
from typing import NamedTuple

import msgspec

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


class Belief(msgspec.Struct, frozen=True):
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


class _Step(msgspec.Struct, frozen=True):
    """One believed reading of a story, linked to the one before. `gap_km`: None where it is on the same
    instrument as the one before, else the distance that is taken to lie between the two."""

    place: int
    km: float
    as_written: bool
    gap_km: float | None
    before: "_Step | None"


class _Story(msgspec.Struct, frozen=True):
    score: float  # the logarithm of its probability
    mean: float
    variance: float
    last: _Step | None


class Plain(msgspec.Struct, frozen=True):
    """The first `told` readings were all believed at once. The habit that they teach, and the one that those but
    the last do: where the next reading is doubtful, the last one is weighed with it."""

    told: int
    mean: float
    variance: float
    earlier_mean: float
    earlier_variance: float


class Weighed(NamedTuple):
    """The stories, likeliest first, about the first `told` readings; those before `first` are beyond doubt.
    `since` is `Belief.since` by place, from `first` on."""

    told: int
    first: int
    stories: Sequence[_Story]
    since: Mapping[int, int]


_Meaning = tuple[float, bool, float]
"""What a reading may stand for: the km, whether that is as written, and by how much likelier or less likely a
written number that means it is than the number it means."""

Progress = Plain | Weighed
"""How far readings have been weighed, from which further ones are."""


def weigh(
    habits: Habits, days: Sequence[float], kms: Sequence[float], progress: Progress | None = None
) -> Progress:
    """Weighs readings of `kms` at `days` (fleet days, in order), those that `progress` does not tell of yet. At
    least one reading."""
    if progress is None:
        progress = Plain(1, habits.log_rate, habits.variance, habits.log_rate, habits.variance)
    if isinstance(progress, Weighed):
        return _weigh(habits, days, kms, progress)
    mean, variance = progress.mean, progress.variance
    earlier_mean, earlier_variance = progress.earlier_mean, progress.earlier_variance
    doubtful = _DOUBT * habits.wrong / ODOMETER_KM
    for i in range(progress.told, len(days)):
        km, passed = kms[i] - kms[i - 1], days[i] - days[i - 1]
        density = 0.0
        before_mean, before_variance = mean, variance
        if _possible(km, passed):
            mean, variance, density = learn(habits, mean, variance, km, passed)
        if density < doubtful:
            start = _until(i - 1, kms, earlier_mean, earlier_variance)
            return _weigh(habits, days, kms, Weighed(i - 1, i - 1, (start,), {}))
        earlier_mean, earlier_variance = before_mean, before_variance
    return Plain(len(days), mean, variance, earlier_mean, earlier_variance)


def believed(progress: Progress, kms: Sequence[float]) -> Belief:
    """The belief about all readings, of `kms`, that `progress` tells of."""
    if isinstance(progress, Plain):
        places = range(progress.told)
        return Belief(places, kms, places, (), progress.mean, progress.variance)
    best = progress.stories[0]
    steps, on_present = _on_one_instrument(best.last)
    as_written = {step.place for step in steps if step.as_written}
    return Belief(
        places=[step.place for step in steps],
        kms=on_present,
        since=[progress.since.get(step.place, step.place) for step in steps],
        doubted=[i for i in range(progress.told) if i not in as_written],
        mean=best.mean,
        variance=best.variance,
    )


def believe(habits: Habits, days: Sequence[float], kms: Sequence[float]) -> Belief:
    """What to believe of readings of `kms` at `days` (fleet days, in order). At least one reading."""
    return believed(weigh(habits, days, kms), kms)


def _possible(km: float, passed: float) -> bool:
    return 0.0 <= km <= MOST_KM_PER_DAY * (passed + SLACK_DAYS)


def _until(place: int, kms: Sequence[float], mean: float, variance: float) -> _Story:
    """The story that believes all readings before `place`."""
    last: _Step | None = None
    for i in range(place):
        last = _Step(i, kms[i], True, None, last)
    return _Story(0.0, mean, variance, last)


def _weigh(habits: Habits, days: Sequence[float], kms: Sequence[float], progress: Weighed) -> Weighed:
    """Grows the stories by the readings that they do not tell of yet."""
    told, first, stories, known_since = progress
    since = dict(known_since)
    for i in range(told, len(days)):
        likeliest: dict[tuple[int, float, float], _Story] = {}
        meanings = _meanings(habits, kms[i])
        for story in stories:
            for new in _grow(habits, story, i, days, meanings):
                key = _outlook(new)
                known = likeliest.get(key)
                if known is None or known.score < new.score:
                    likeliest[key] = new
        stories = sorted(likeliest.values(), key=_score, reverse=True)[:_MOST_STORIES]
        stories = [story for story in stories if story.score > stories[0].score - _TOO_FAR_BEHIND]
        step = stories[0].last
        while step is not None and step.place >= first:
            since.setdefault(step.place, i)
            step = step.before
    return Weighed(len(days), first, stories, since)


def _outlook(story: _Story) -> tuple[int, float, float]:
    """Two stories that have this in common go on alike."""
    if story.last is None:
        return -1, 0.0, 0.0
    return story.last.place, story.last.km, round(story.mean, 1)


def _score(story: _Story) -> float:
    return story.score


def _grow(
    habits: Habits, story: _Story, place: int, days: Sequence[float], meanings: Sequence[_Meaning]
) -> list[_Story]:
    """All that may come of a story with the reading at `days[place]`, which has these `meanings`."""
    wrong = habits.wrong / ODOMETER_KM
    score, mean, variance, last = story.score, story.mean, story.variance, story.last
    grown = [_Story(score + log(_ANYHOW * wrong), mean, variance, last)]
    if last is None:
        for meant, as_written, share in meanings:
            begun = score + log(share / ODOMETER_KM) - (_LATE_START if place else 0.0)
            grown.append(_Story(begun, mean, variance, _Step(place, meant, as_written, None, None)))
        return grown
    passed = days[place] - days[last.place]
    for meant, as_written, share in meanings:
        driven = meant - last.km
        if not _possible(driven, passed):
            continue
        new_mean, new_variance, density = learn(habits, mean, variance, driven, passed)
        if density > 0.0:
            step = _Step(place, meant, as_written, None, last)
            grown.append(_Story(score + log(share * density), new_mean, new_variance, step))
            if as_written and density > _DOUBT * wrong:
                return grown
    km_as_written = meanings[0][0]
    swapped = _Step(place, km_as_written, True, exp(mean) * passed, last)
    grown.append(_Story(score + log(_SWAPS / ODOMETER_KM), mean, variance, swapped))
    return grown


def _meanings(habits: Habits, km: float) -> tuple[_Meaning, ...]:
    """What `km` may stand for; as written comes first."""
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
