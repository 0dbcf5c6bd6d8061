"""Layer 2: the odometer. What it shows on any day, from few, irregular, sometimes wrong readings.

    FleetOdometer(fleet).track(readings) → Track: at(moment), crossing(mark), shown(mark), doubted()
    fit_fleet(histories) → Fleet: how a fleet is driven, from its own readings

Laws
1. Pure: a track depends on the fleet and the readings alone, not on their order, nor on a clock.
2. The estimate never falls as time goes on, so that a mark is crossed once.
3. One wrong reading, be it the first or the last, is not followed; what later readings bear out is.
4. Beyond the last reading an estimate means: if nothing more is heard until then. That is so at every moment
   at which it can count, because a further reading makes a new track.

Modules, from the ground up: `habits` (the fleet, made ready for arithmetic; its year) → `learning` (what one
interval between two readings teaches of a car) → `silence` (what it means that no reading comes) → `belief`
(which readings are believed) → `track` (the estimate) → `estimator` · `fit`.
"""

from engine.odometer.estimator import FleetOdometer
from engine.odometer.fit import fit_fleet

__all__ = ["FleetOdometer", "fit_fleet"]
