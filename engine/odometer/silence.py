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
never falls, and has an inverse. (With share = v / (v + s²) it is the z of z + share · h(z) = z(driven), and the
slope of the left side's slope is -share · h · (1 - (z + h)² - h · (z + h)).) A car with well-known habits (small
v) is hardly touched.
"""

from math import erfc, exp, inf, sqrt

from engine.odometer.habits import Habits

_SQRT_HALF = 0.7071067811865476
_TWICE_INV_SQRT_2PI = 0.7978845608028654
_MOST_STEPS = 60
_CLOSE = 1e-3  # of a z


class Silence:
    """The silence after the last reading of a car whose habit has this `variance`. Arguments are natural
    logarithms of km: `expected` without regard to the silence, `driven` with it."""

    __slots__ = ("_away", "_log_visit_km", "_share", "_spread")

    def __init__(self, habits: Habits, variance: float) -> None:
        together = variance + habits.visit_variance
        self._away = 2.0 * habits.stay_away / habits.come_back
        self._log_visit_km = habits.log_visit_km
        self._share = variance / together
        self._spread = sqrt(together)

    def driven(self, expected: float) -> tuple[float, float]:
        """The distance given the silence, and its slope: by how much it grows with `expected`."""
        z = (self._log_visit_km - expected) / self._spread
        h = _TWICE_INV_SQRT_2PI * exp(-0.5 * z * z) / (self._away + erfc(-_SQRT_HALF * z))
        pull = self._share * h
        return expected - self._spread * pull, 1.0 - pull * (z + h)

    def expected(self, driven: float) -> float:
        """The inverse of `driven`: the root of z + share · h(z) - z(driven) by Halley's method (each step cubes
        what z is off by), held within a bracket. `h` is written out, because this is asked after every reading
        for every mark ahead."""
        away, share = self._away, self._share
        aim = z = (self._log_visit_km - driven) / self._spread
        low, high = -inf, aim
        for _ in range(_MOST_STEPS):
            h = _TWICE_INV_SQRT_2PI * exp(-0.5 * z * z) / (away + erfc(-_SQRT_HALF * z))
            pull = share * h
            off = z + pull - aim
            far = z + h
            slope = 1.0 - pull * far
            new = z - off * slope / (slope * slope + 0.5 * off * pull * (1.0 - far * (far + h)))
            if -_CLOSE < off < _CLOSE:
                z = new
                break
            if off > 0.0:
                high = z
            else:
                low = z
            z = new if low < new < high else (high - 1.0 if low == -inf else 0.5 * (low + high))
        return self._log_visit_km - self._spread * z


def silence_probability(habits: Habits, expected: float, variance: float) -> float:
    """How likely a silence is after which a car is expected to have driven exp(`expected`) km."""
    z = (habits.log_visit_km - expected) / sqrt(variance + habits.visit_variance)
    return habits.stay_away + habits.come_back * 0.5 * erfc(-z * _SQRT_HALF)
