"""The moments of all schedules, by the events' clock: there they are done customer by customer, as each one's time
passes them, because events of different customers need not come in one order.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.model.program import Program
from engine.runtime.schedules import Moment, first_after


class Agenda:
    """`begins` has, by journey, the moment after which its schedule begins; journeys that are not in it have
    none."""

    def __init__(self, program: Program, zone: ZoneInfo, begins: Mapping[str, datetime]) -> None:
        self._journeys = [one for one in program.scheduled if one.id in begins]
        self._zone = zone
        self._next = [first_after(one, begins[one.id], zone) for one in self._journeys]
        self._moments: list[Moment] = []
        self._ats: list[datetime] = []
        self._known_until: datetime | None = None

    def between(self, after: datetime | None, until: datetime) -> Sequence[Moment]:
        """The moments after `after` (from the beginning on where it is None) up to `until`, in order of moment,
        then of journey."""
        if self._known_until is None or until > self._known_until:
            self._find(until)
        last = bisect_right(self._ats, until)
        first = 0 if after is None else bisect_right(self._ats, after)
        return self._moments[first:last]

    def last(self, after: datetime, until: datetime) -> Moment | None:
        """The last of the moments after `after` up to `until`."""
        found = self.between(after, until)
        return found[-1] if found else None

    def _find(self, until: datetime) -> None:
        found: list[Moment] = []
        for place, journey in enumerate(self._journeys):
            moment = self._next[place]
            while moment is not None and moment.at <= until:
                found.append(moment)
                moment = first_after(journey, moment.at, self._zone)
            self._next[place] = moment
        self._moments += sorted(found)
        self._ats = [moment.at for moment in self._moments]
        self._known_until = until
