"""Other journeys on their way into force, as a unit's work sees it."""

from typing import NamedTuple

from engine.model.outlines import Moves


class Adoption(NamedTuple):
    """Customers with an id up to `cursor` are under the journeys already. `moved` tells where runs go on whose steps
    are gone."""

    cursor: str
    moved: Moves
