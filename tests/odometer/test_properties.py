"""What holds for every track, whatever was told."""

from datetime import timedelta
from itertools import pairwise
from math import isfinite

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.policy import Fleet
from engine.odometer import FleetOdometer, estimator

from .cars import START, day, readings

odometer = FleetOdometer(Fleet())

ANY_KM = st.one_of(
    st.floats(0, 400_000),
    st.sampled_from([0.0, 1.0, 1e9, 1e300]),
)
ANY_DAY = st.one_of(st.floats(-2_000, 2_000), st.integers(-5, 5).map(float))
ANYTHING = st.lists(st.tuples(ANY_DAY, ANY_KM), min_size=1, max_size=12)


@st.composite
def plain_histories(draw, fewest=2, least_km=1_000):
    """Up to eight readings of a car that is driven more or less steadily."""
    rate = draw(st.floats(10, 150))
    km, at = draw(st.floats(least_km, 200_000)), 0.0
    told = [(at, km)]
    for _ in range(draw(st.integers(fewest - 1, 7))):
        gap = draw(st.floats(20, 300))
        at, km = at + gap, km + gap * rate * draw(st.floats(0.9, 1.1))
        told.append((at, km))
    return told


@given(ANYTHING)
@settings(max_examples=200, deadline=None)
def test_the_estimate_is_finite_within_its_interval_and_never_falls(told):
    track = odometer.track(readings(*told))
    last = max(days for days, _ in told)
    moments = sorted({-4_000.0, *(days for days, _ in told), *(last + d for d in (0.01, 1, 30, 300, 5_000))})
    estimates = [track.at(day(days)) for days in moments]
    for estimate in estimates:
        assert all(map(isfinite, (estimate.km, estimate.low_km, estimate.high_km, estimate.km_per_day)))
        assert estimate.low_km <= estimate.km <= estimate.high_km
        assert estimate.km_per_day >= 0.0
    assert [track.km_at(day(days)) for days in moments] == [estimate.km for estimate in estimates]
    for before, after in pairwise(estimates):
        assert after.km >= before.km - 1e-6 * max(1.0, abs(before.km))


@given(ANYTHING, st.lists(st.floats(0, 500_000), min_size=2, max_size=5))
@settings(max_examples=200, deadline=None)
def test_marks_are_crossed_in_their_order(told, marks):
    track = odometer.track(readings(*told))
    crossings = [track.crossing(mark) for mark in sorted(marks)]
    met = [crossing for crossing in crossings if crossing is not None]
    assert crossings[: len(met)] == met
    assert all(later - earlier >= -timedelta(seconds=1) for earlier, later in pairwise(met))


@given(ANYTHING, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_neither_order_nor_repetition_matters(told, lots):
    track = odometer.track(readings(*told))
    shuffled = [*told, lots.choice(told)]
    lots.shuffle(shuffled)
    other = odometer.track(readings(*shuffled))
    for days in (-3_000, *(days for days, _ in told), 3_000):
        assert track.at(day(days)) == other.at(day(days))
    assert track.doubted() == other.doubted()


@given(ANYTHING)
@settings(max_examples=100, deadline=None)
def test_what_is_shown_was_told_and_believed(told):
    given_readings = readings(*told)
    track = odometer.track(given_readings)
    for _, km in told:
        shown = track.shown(km)
        assert shown is None or shown in {reading.at for reading in given_readings}
    assert set(track.doubted()) <= set(given_readings)


@given(plain_histories(), st.floats(5, 90))
@settings(max_examples=100, deadline=None)
def test_a_reading_as_expected_hardly_moves_a_crossing(told, later):
    track = odometer.track(readings(*told))
    last_day = told[-1][0]
    foretold = track.at(day(last_day + later)).km
    mark_km = foretold + 3_000
    before = track.crossing(mark_km)
    after = odometer.track(readings(*told, (last_day + later, foretold))).crossing(mark_km)
    ahead = (before - START) / timedelta(days=1) - last_day
    assert abs(after - before) <= timedelta(days=max(2.0, 0.2 * ahead))


@given(plain_histories(fewest=4, least_km=30_000), st.integers(0, 6), st.sampled_from([0.1, 10.0, 0.01]))
@settings(max_examples=100, deadline=None)
def test_a_reading_far_off_is_doubted_wherever_it_stands_after_the_first(told, place, factor):
    place = 1 + place % (len(told) - 1)
    days, km = told[place]
    wrong = [*told[:place], (days, km * factor), *told[place + 1 :]]
    track = odometer.track(readings(*wrong))
    assert readings((days, km * factor))[0] in track.doubted()


@given(ANYTHING)
@settings(max_examples=200, deadline=None)
def test_readings_that_come_one_by_one_give_what_they_give_at_once(told):
    """An odometer remembers how far it has weighed a car's readings; that changes no digit."""
    in_order = readings(*sorted(told))
    patient = FleetOdometer(Fleet())
    for count in range(1, len(in_order) + 1):
        grown, fresh = patient.track(in_order[:count]), FleetOdometer(Fleet()).track(in_order[:count])
        last_km = in_order[count - 1].km
        assert grown.at(day(3_000)) == fresh.at(day(3_000))
        assert grown.crossing(last_km + 9_000) == fresh.crossing(last_km + 9_000)
        assert grown.shown(last_km) == fresh.shown(last_km)
        assert grown.doubted() == fresh.doubted()


def test_what_is_remembered_may_be_forgotten_by_another_thread_at_any_moment():
    """Partitions are decided on in threads, by one odometer; a car more, and it begins to remember anew."""
    first, second = readings((0, 20_000), (100, 24_000))

    class Crowded(FleetOdometer):
        def _fleet_day(self, reading):
            self._known.clear()
            return super()._fleet_day(reading)

    shared = Crowded(Fleet())
    shared.track((first,))
    alone = FleetOdometer(Fleet()).track((first, second))
    assert shared.track((first, second)).at(day(200)) == alone.at(day(200))


def test_what_is_remembered_is_bounded_by_readings_not_by_cars(monkeypatch):
    """A fleet's cars are many, and each has more readings every year."""
    monkeypatch.setattr(estimator, "_READINGS_KEPT", 20)
    odometer, alone = FleetOdometer(Fleet()), FleetOdometer(Fleet())
    for car in range(10):
        told = readings(*((100 * turn, 20_000 + car + 4_000 * turn) for turn in range(1, 8)))
        for count in range(1, len(told) + 1):
            shown = odometer.track(told[:count]).at(day(900))
            assert shown == alone.make_track(told[:count]).at(day(900))
            assert sum(len(one.readings) for one in odometer._known.values()) <= 20
