"""What it means that no reading comes.

A car is brought in after some thousand km, not after some months. So the longer nothing is heard, the
likelier it is that the car is driven little — or that it will not be brought again. Let D be the distance
driven since the last reading, ln D ~ N(mu, v) by what is known of the car's habit, and let the distance at
which the next reading comes be lognormal, with a share of cars that stay away. Then

  P(silence | D) = away + (1 - away) · Φ((c - ln D) / s),    c = ln visit_km, s = visit_spread

and, with z = (c - mu) / √(v + s²) and h = (1 - away) φ(z) / (away + (1 - away) Φ(z)),

  E[ln D | silence]   = mu - v / √(v + s²) · h
  var[ln D | silence] = v · dE/dmu = v · (1 - v / (v + s²) · h · (z + h))

(the moments of a Gaussian times a probit, as in Rasmussen and Williams 2006, 3.9, with a floor under it). The
mean of ln D stands for the median of D. It grows with mu, because its slope is a variance: the estimate
never falls, and has an inverse. (The slope's own slope, by which the inverse is found sooner, is
v / (v + s²)^(3/2) · h · (1 - (z + h)² - h · (z + h)).) A car with well-known habits (small v) is hardly touched.
"""

from math import erfc, exp, inf, sqrt

from engine.odometer.habits import Habits

_SQRT_HALF = 0.7071067811865476
_INV_SQRT_2PI = 0.3989422804014327
_MOST_STEPS = 60
_TWICE_INV_SQRT_2PI = 2.0 * _INV_SQRT_2PI
_CLOSE = 1e-4  # of a logarithm of km


class Silence:
    """The silence after the last reading of a car whose habit has this `variance`. Arguments are natural
    logarithms of km: `expected` without regard to the silence, `driven` with it."""

    __slots__ = ("_away", "_away_to_back", "_back", "_gain", "_log_visit_km", "_scale")

    def __init__(self, habits: Habits, variance: float) -> None:
        self._away = habits.stay_away
        self._back = habits.come_back
        self._away_to_back = 2.0 * habits.stay_away / habits.come_back
        self._log_visit_km = habits.log_visit_km
        self._scale = 1.0 / sqrt(variance + habits.visit_variance)
        self._gain = variance * self._scale

    def driven(self, expected: float) -> tuple[float, float]:
        """The distance given the silence, and its slope: by how much it grows with `expected`."""
        z = (self._log_visit_km - expected) * self._scale
        density = self._back * _INV_SQRT_2PI * exp(-0.5 * z * z)
        h = density / (self._away + self._back * 0.5 * erfc(-z * _SQRT_HALF))
        return expected - self._gain * h, 1.0 - self._gain * self._scale * h * (z + h)

    def expected(self, driven: float) -> float:
        """The inverse of `driven`: Halley's method (each step cubes what the guess is off by), held within a
        bracket. `driven` is written out, because this is asked after every reading for every mark ahead."""
        log_visit_km, gain, scale, away = self._log_visit_km, self._gain, self._scale, self._away_to_back
        low, high = driven, inf
        guess = driven
        for _ in range(_MOST_STEPS):
            z = (log_visit_km - guess) * scale
            h = _TWICE_INV_SQRT_2PI * exp(-0.5 * z * z) / (away + erfc(-z * _SQRT_HALF))
            off = guess - gain * h - driven
            if off < 0.0:
                low = guess
            else:
                high = guess
            far, bend = z + h, gain * scale * h
            slope = 1.0 - bend * far
            guess -= off * slope / (slope * slope - 0.5 * off * bend * scale * (1.0 - far * far - h * far))
            if -_CLOSE < off < _CLOSE:  # and one step nearer
                break
            if not low < guess < high:
                guess = low + 1.0 if high == inf else 0.5 * (low + high)
        return guess


def silence_probability(habits: Habits, expected: float, variance: float) -> float:
    """How likely a silence is after which a car is expected to have driven exp(`expected`) km."""
    z = (habits.log_visit_km - expected) / sqrt(variance + habits.visit_variance)
    return habits.stay_away + habits.come_back * 0.5 * erfc(-z * _SQRT_HALF)
