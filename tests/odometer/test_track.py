"""What a track promises: the estimate, the mark, the wrong reading that is not followed."""

from datetime import timedelta

import pytest

from engine.model.customer import Reading
from engine.model.policy import Fleet
from engine.odometer import FleetOdometer

from .cars import EVEN, START, day, readings

odometer = FleetOdometer(EVEN)
of_the_year = FleetOdometer(Fleet())


def km_at(told, days, on=odometer):
    return on.track(readings(*told)).at(day(days)).km


def days_until(told, km, on=odometer):
    crossing = on.track(readings(*told)).crossing(km)
    return None if crossing is None else (crossing - START) / timedelta(days=1)


class TestFewReadings:
    def test_one_reading_is_followed_at_the_fleets_pace(self):
        assert km_at([(0, 20_000)], 0) == pytest.approx(20_000, abs=1)
        assert km_at([(0, 20_000)], 30) == pytest.approx(20_000 + 30 * 38, rel=0.01)
        assert odometer.track(readings((0, 20_000))).at(day(30)).km_per_day == pytest.approx(38, rel=0.05)

    def test_the_habit_lies_between_the_fleets_and_what_the_readings_say(self):
        after_a_week = odometer.track(readings((0, 20_000), (7, 20_700))).at(day(8)).km_per_day
        after_a_year = odometer.track(readings((0, 20_000), (365, 56_500))).at(day(366)).km_per_day
        assert 38 < after_a_week < after_a_year < 100.5
        assert after_a_year == pytest.approx(100, rel=0.03)

    def test_between_readings_it_is_a_straight_line(self):
        assert km_at([(0, 20_000), (100, 24_000)], 25) == pytest.approx(21_000)
        assert days_until([(0, 20_000), (100, 24_000)], 23_000) == pytest.approx(75)

    def test_before_the_first_reading_it_goes_backwards(self):
        told = [(0, 20_000), (200, 30_000)]
        assert km_at(told, -20) == pytest.approx(20_000 - 20 * 50, rel=0.01)
        assert days_until(told, 19_000) == pytest.approx(-20, rel=0.1)

    def test_more_is_driven_in_summer_than_in_winter(self):
        told = [(0, 20_000), (365, 20_000 + 365 * 40)]
        track = of_the_year.track(readings(*told))
        june, december = day(100), day(290)
        assert track.at(june).km_per_day == pytest.approx(40 * 1.15, rel=0.02)
        assert track.at(december).km_per_day == pytest.approx(40 * 0.85, rel=0.02)


class TestSilence:
    """Cars are brought in after some thousand km; one that is not is driven less, or stays away."""

    def test_the_longer_nothing_is_heard_the_less_the_car_is_taken_to_be_driven(self):
        track = odometer.track(readings((0, 20_000)))
        rates = [track.at(day(d)).km_per_day for d in (10, 100, 200, 300)]
        assert rates == sorted(rates, reverse=True)
        assert rates[-1] < 0.8 * rates[0]

    def test_the_mark_is_still_reached(self):
        crossing = days_until([(0, 20_000)], 30_000)
        assert 10_000 / 38 < crossing < 450

    def test_a_well_known_car_is_hardly_touched(self):
        told = [(d, 20_000 + 60 * d) for d in range(0, 700, 100)]
        assert days_until(told, 20_000 + 60 * 800) == pytest.approx(800, abs=3)

    def test_a_doubted_reading_breaks_the_silence_too(self):
        silent = odometer.track(readings((0, 20_000), (300, 21_000.0 * 50)))
        assert silent.doubted()
        assert silent.at(day(300)).km == pytest.approx(20_000 + 300 * 38, rel=0.01)


class TestMarks:
    def test_a_reading_shows_that_a_mark_is_passed(self):
        track = odometer.track(readings((0, 20_000), (200, 29_000), (260, 32_000)))
        assert track.shown(30_000) == day(260)
        assert track.shown(32_000) == day(260)
        assert track.shown(32_001) is None
        assert track.crossing(30_000) == day(220)

    def test_at_the_crossing_the_estimate_is_the_mark(self):
        for on in (odometer, of_the_year):
            for told in (
                [(0, 20_000)],
                [(0, 20_000), (90, 25_000)],
                [(0, 20_000), (90, 25_000), (200, 26_000)],
            ):
                track = on.track(readings(*told))
                for mark_km in (19_000, 20_000, 24_000, 25_000, 30_000, 60_000):
                    assert track.at(track.crossing(mark_km)).km == pytest.approx(mark_km, abs=0.1)

    def test_a_mark_beyond_fifty_years_is_out_of_sight(self):
        assert days_until([(0, 20_000)], 20_000 + 38 * 365 * 60) is None
        assert days_until([(0, 20_000)], 20_000 + 38 * 365 * 40) is not None

    def test_a_habit_that_changed_is_followed(self):
        steady = [(d, 20_000 + 30 * d) for d in (0, 100, 200, 300)]
        changed = [*steady, (400, 35_000)]  # 60 km a day in the last hundred days
        before = odometer.track(readings(*steady)).at(day(301)).km_per_day
        after = odometer.track(readings(*changed)).at(day(401)).km_per_day
        assert before == pytest.approx(30, rel=0.02)
        assert 50 < after < 100

    def test_a_car_driven_for_a_living_is_followed(self):
        taxi = odometer.track(readings((0, 20_000), (60, 38_000), (120, 56_000)))
        assert not taxi.doubted()
        assert taxi.at(day(121)).km_per_day == pytest.approx(300, rel=0.1)


STEADY = [(0, 50_000), (100, 53_600), (200, 57_200), (300, 60_800), (400, 64_400)]  # 36 km a day


class TestWrongReadings:
    @pytest.mark.parametrize("place", range(5))
    @pytest.mark.parametrize(
        "wrong",
        [
            lambda km: km // 10,  # its last digit lost
            lambda km: km % 10_000,  # its first
            lambda km: km / 1.609344,  # in miles
            lambda km: km * 10,  # a digit too many
            lambda km: km + 90_000,
            lambda km: 0.0,
        ],
    )
    def test_one_wrong_reading_anywhere_is_doubted_and_not_followed(self, place, wrong):
        told = [(d, wrong(km) if i == place else km) for i, (d, km) in enumerate(STEADY)]
        track = odometer.track(readings(*told))
        assert track.doubted() == readings(told[place])
        assert track.at(day(450)).km == pytest.approx(66_200, abs=250)
        assert track.at(day(0)).km == pytest.approx(50_000, abs=250)

    def test_with_two_readings_that_contradict_each_other_the_earlier_one_counts(self):
        track = odometer.track(readings((0, 50_000), (60, 45_000)))
        assert track.doubted() == readings((60, 45_000))
        assert track.shown(50_000) == day(0)

    def test_until_a_later_one_bears_out_the_other(self):
        track = odometer.track(readings((0, 50_000), (60, 45_000), (120, 47_200)))
        assert track.doubted() == readings((0, 50_000))
        assert track.at(day(120)).km == pytest.approx(47_200, abs=1)

    def test_a_digit_lost_from_the_first_reading_is_seen_by_the_second(self):
        track = odometer.track(readings((0, 5_432), (100, 58_000)))
        assert track.doubted() == readings((0, 5_432))
        assert track.at(day(0)).km == pytest.approx(54_324.5, abs=1)

    def test_a_mark_shown_by_a_reading_that_was_doubted_is_shown_by_the_one_that_bore_it_out(self):
        told = [(0, 50_000), (60, 45_000)]
        assert odometer.track(readings(*told)).shown(51_000) is None
        track = odometer.track(readings(*told, (120, 47_200)))
        assert track.shown(45_000) == day(120)

    def test_an_impossible_distance_within_hours_is_doubted(self):
        assert odometer.track(readings((0, 50_000), (0.2, 52_000))).doubted() == readings((0.2, 52_000))
        assert not odometer.track(readings((0, 50_000), (0.2, 50_080))).doubted()

    def test_a_reading_copied_from_the_last_one_does_not_stop_the_car(self):
        track = odometer.track(readings((0, 50_000), (100, 53_600), (200, 53_600)))
        assert track.at(day(201)).km_per_day == pytest.approx(36, rel=0.1)


SWAPPED = [*STEADY, (500, 120), (600, 3_720)]


class TestAnotherInstrument:
    def test_a_single_reading_of_it_is_doubted(self):
        track = odometer.track(readings(*SWAPPED[:-1]))
        assert track.doubted() == readings((500, 120))
        assert track.at(day(500)).km == pytest.approx(68_000, rel=0.01)

    def test_two_are_followed_and_the_distance_goes_on(self):
        track = odometer.track(readings(*SWAPPED))
        assert not track.doubted()
        assert track.at(day(600)).km == pytest.approx(3_720, abs=1)
        assert track.at(day(600)).km - track.at(day(0)).km == pytest.approx(36 * 600, rel=0.02)
        base_km = track.at(day(400)).km
        assert track.shown(base_km + 7_000) == day(600)
        assert (track.crossing(base_km + 10_000) - START) / timedelta(days=1) == pytest.approx(678, abs=6)


class TestTheSameReadings:
    def test_in_any_order_and_told_twice_give_the_same_track(self):
        track = odometer.track(readings(*STEADY))
        other = odometer.track(readings(*reversed(STEADY), STEADY[2]))
        for days in (-50, 0, 150, 400, 500):
            assert track.at(day(days)) == other.at(day(days))
        assert other.doubted() == ()

    def test_two_at_one_moment_do_no_harm(self):
        track = odometer.track(readings((0, 50_000), (0, 50_010), (100, 53_600)))
        assert not track.doubted()
        assert track.crossing(50_005) == day(0)
        assert track.at(day(0)).km == 50_010

    def test_a_track_does_not_change_by_being_asked(self):
        track = odometer.track((Reading(START, 20_000.0),))
        first = [track.at(day(d)) for d in range(100)]
        assert [track.at(day(d)) for d in range(100)] == first


def test_settings_that_make_no_sense_do_no_harm():
    fleet = Fleet(km_per_day=0.0, spread=-1.0, season=7.0, visit_spread=0.0, stay_away=2.0, wrong=0.0)
    track = FleetOdometer(fleet).track(readings((0, 20_000), (50, 3_000), (100, 23_000)))
    assert track.at(day(200)).km >= 23_000
