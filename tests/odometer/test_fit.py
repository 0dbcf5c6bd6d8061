"""A fleet is found again from its cars' readings."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from engine.model.policy import Fleet
from engine.odometer import fit_fleet

from .cars import SimulatedCar, day, readings

TRUE = Fleet(
    km_per_day=55.0,
    spread=0.35,
    season=0.25,
    season_peak=30.0,  # the southern half of the world
    unevenness_days=0.5,
    visit_km=4_000.0,
    visit_spread=0.4,
    stay_away=0.2,
    wrong=0.03,
)


@pytest.fixture(scope="module")
def fitted() -> Fleet:
    return fit_fleet((SimulatedCar(seed, TRUE).told for seed in range(250)), until=day(700))


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("km_per_day", 4.0),
        ("spread", 0.06),
        ("season", 0.05),
        ("season_peak", 15.0),
        ("unevenness_days", 0.15),
        ("visit_km", 300.0),
        ("visit_spread", 0.06),
        ("stay_away", 0.06),
        ("wrong", 0.015),
    ],
)
def test_members_are_found(fitted, name, tolerance):
    assert getattr(fitted, name) == pytest.approx(getattr(TRUE, name), abs=tolerance)


def test_without_histories_the_fleet_stays_as_it_is():
    around = replace(TRUE, km_per_day=12.0)
    assert fit_fleet([], around=around) == around
    assert fit_fleet([(), ()], around=around) == around


def test_a_few_histories_move_it_a_little():
    fitted = fit_fleet([readings((0, 20_000), (100, 26_000))])
    assert 38.0 < fitted.km_per_day < 60.0
    assert fitted.wrong == pytest.approx(Fleet().wrong, abs=0.001)


def test_the_order_of_readings_does_not_matter():
    histories = [SimulatedCar(seed, TRUE).told for seed in range(12)]
    until = day(700) + timedelta(days=1)
    assert fit_fleet(histories, until) == fit_fleet([list(reversed(told)) for told in histories], until)


def test_a_fleet_with_members_at_their_borders_can_be_fitted_around():
    around = Fleet(season=0.0, stay_away=0.0, changes_per_year=0.0)
    fitted = fit_fleet([readings((0, 20_000), (100, 26_000))], around=around)
    assert fitted.km_per_day > 38.0
