"""The stated 80 % interval holds the truth of simulated cars about as often as it says."""

import pytest

from engine.model.policy import Fleet
from engine.odometer import FleetOdometer

from .cars import SimulatedCar, day

FLEETS = {
    "as supposed": Fleet(),
    "without a season": Fleet(season=0.0),
    "busier, and less alike": Fleet(km_per_day=60.0, spread=0.6, unevenness_days=0.6),
    "often told": Fleet(visit_km=2_000.0, visit_spread=0.5),
}


@pytest.mark.parametrize("fleet", FLEETS.values(), ids=FLEETS.keys())
def test_the_interval_holds_the_truth_in_75_to_85_percent(fleet):
    odometer = FleetOdometer(fleet)
    inside = asked = 0
    for seed in range(150):
        car = SimulatedCar(seed, fleet)
        for d in range(7, 700, 21):
            known = car.known(d)
            if known and known[-1].at < day(d):
                estimate = odometer.track(known).at(day(d))
                inside += estimate.low_km <= car.truth[d] <= estimate.high_km
                asked += 1
    assert 0.75 <= inside / asked <= 0.85


def test_the_interval_grows_with_the_distance_from_the_last_reading():
    car = SimulatedCar(3, Fleet())
    track = FleetOdometer(Fleet()).track(car.known(699))
    widths = [
        (estimate := track.at(day(700 + later))).high_km - estimate.low_km for later in (1, 10, 50, 200)
    ]
    assert widths == sorted(widths)
