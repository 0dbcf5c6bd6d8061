"""What the interval between two believed readings teaches of a car's habit.

The habit is the logarithm of the km a (fleet) day, x. Before any interval x ~ N(mean, variance), the fleet's.
An interval of `days` in which `km` were driven says y = ln(km / days). Three things may be so:

  the same    y ~ N(x, r), r = unevenness / days + (clock / days)²: habits are as they were.
  a change    during the interval x became x + J, J ~ N(0, change²), at a moment that is anywhere in it:
              y sees a share of J that is uniform on (0, 1), so var(y) gains change² / 3 and cov(y, x + J)
              gains change² / 2. Its probability is changes per day · days.
  an oddity   y is further off than that: a taxi, which the fleet's Gaussian does not foresee; a holiday trip;
              a reading copied from the last sheet. The longer the interval, the more of it is taken for the
              car's habit, days / (days + 30) of y's distance; a copy, with no km, teaches nothing. What is
              known of x is less certain afterwards, by change². Its probability is small.

The first two have the Kalman update (Kalman 1960). The three are weighed by how likely they made y and merged
into one Gaussian with the mixture's mean and variance: the generalised pseudo-Bayesian filter of order one
(Ackerson and Fu 1970; Bar-Shalom, Li and Kirubarajan 2001, 11.6). Within a steady habit this is the shrunken
average. A change is followed at once and over-shot on purpose, because the mean over the interval
shows only a part of it.
"""

from math import exp, log, sqrt

from engine.odometer.habits import CLOCK_DAYS, Habits

_LEAST_DAYS = 0.02  # half an hour: what is shorter teaches nothing, and must not divide by nothing
_LEAST_KM = 0.5
_ODDITY = 0.01
_ODDITY_VARIANCE = 4.0
_TRIP_DAYS = 30.0
_NEAR = 3.0  # half the square of the standard deviations within which an oddity weighs nothing
_LEAST_VARIANCE = 1e-9
_MOST_CHANGE = 0.5  # however long the interval, habits are as often kept as changed
_CLOCK_SQUARED = CLOCK_DAYS * CLOCK_DAYS
_SQRT_2PI = 2.5066282746310002


def learn(habits: Habits, mean: float, variance: float, km: float, days: float) -> tuple[float, float, float]:
    """The habit's mean and variance after an interval of `days` fleet days and `km` ≥ 0, and how likely it
    was: the density of `km`, per km."""
    days = days if days > _LEAST_DAYS else _LEAST_DAYS
    km = km if km > _LEAST_KM else _LEAST_KM
    off = log(km / days) - mean
    half_square = 0.5 * off * off
    noise = (habits.unevenness_days + _CLOCK_SQUARED / days) / days
    jump = habits.change_variance
    same = variance + noise
    changed = same + jump / 3.0
    change = habits.change_per_day * days
    change = change if change < _MOST_CHANGE else _MOST_CHANGE
    w_same = (1.0 - change) * exp(-half_square / same) / sqrt(same)
    w_changed = change * exp(-half_square / changed) / sqrt(changed)
    w_odd = step_odd = 0.0
    if half_square > _NEAR * same:
        odd = same + _ODDITY_VARIANCE
        w_odd = _ODDITY * exp(-half_square / odd) / sqrt(odd)
        if km > _LEAST_KM:
            step_odd = days / (days + _TRIP_DAYS) * off
    total = w_same + w_changed + w_odd
    if total <= 0.0:  # so far off that even the oddity's tail is nothing
        return mean, variance + jump, 0.0
    w_same /= total
    w_changed /= total
    w_odd /= total
    step_same = variance / same * off
    together = variance + 0.5 * jump
    gain = together / changed
    step_changed = gain * off
    step = w_same * step_same + w_changed * step_changed + w_odd * step_odd
    after = (
        w_same * (variance * noise / same + step_same * step_same)
        + w_changed * (variance + jump - gain * together + step_changed * step_changed)
        + w_odd * (variance + jump + step_odd * step_odd)
        - step * step
    )
    return mean + step, after if after > _LEAST_VARIANCE else _LEAST_VARIANCE, total / (_SQRT_2PI * km)
