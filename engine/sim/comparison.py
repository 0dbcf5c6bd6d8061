"""Two simulations of the same history: who would get what instead.

A message of the one is that of the other where it has the same id, which is made of its run, its step and the rounds
of its repeats. What is left over on both sides is paired once more, by customer, journey, step and vehicle, where less
than `_NEAR` lies between: so a schedule that begins at another hour moves its messages, though all its runs are new.
What is sent on neither side is nobody's news.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from engine.sim.outcomes import Outcome, Outcomes

_NEAR = timedelta(days=31)
_NONE = -1
_SEEN = ("template", "channel", "brand", "locale")


class Change(StrEnum):
    """`moved`: at another moment, and else the same; `changed`: other than it was, and perhaps moved too."""

    ADDED = "added"
    GONE = "gone"
    MOVED = "moved"
    CHANGED = "changed"


class Pair(NamedTuple):
    """A message before and now; None where there is none. `differs` names what is another: `at`, `template`, `channel`,
    `brand`, `locale`. `change` is None where nothing is."""

    change: Change | None
    before: Outcome | None
    now: Outcome | None
    differs: tuple[str, ...] = ()

    @property
    def either(self) -> Outcome:
        """What tells of whom and what it is: the newer."""
        found = self.now or self.before
        assert found is not None
        return found


class Comparison:
    """`before` and `now`, side by side; of `journeys` only, where any are named."""

    def __init__(self, before: Outcomes, now: Outcomes, journeys: frozenset[str]) -> None:
        self._before = before
        self._now = now
        self._lefts, self._rights = array("q"), array("q")
        self._counts: Counter[tuple[str, Change | None]] = Counter()
        alone_before, alone_now = [], []
        for left, right in self._by_id():
            one = self._pair(left, right)
            if one.either.kind.journey not in journeys:
                continue
            if right == _NONE:
                alone_before.append(left)
            elif left == _NONE:
                alone_now.append(right)
            else:
                self._keep(left, right)
        for left, right in self._near(alone_before, alone_now):
            self._keep(left, right)
        self._sort()

    @property
    def counts(self) -> Mapping[tuple[str, Change | None], int]:
        """How many there are, by journey and change; None for those that stay the same."""
        return self._counts

    def count(self, change: Change | None) -> int:
        """How many there are in all."""
        return sum(n for (_, one), n in self._counts.items() if one is change)

    def pairs(self) -> Iterator[Pair]:
        """All that is sent on either side, in order of the earlier moment."""
        return (self._pair(left, right) for left, right in zip(self._lefts, self._rights, strict=True))

    def differences(self) -> Iterator[Pair]:
        return (one for one in self.pairs() if one.change is not None)

    def _keep(self, left: int, right: int) -> None:
        one = self._pair(left, right)
        if not _sends(one):
            return
        self._lefts.append(left)
        self._rights.append(right)
        self._counts[one.either.kind.journey, one.change] += 1

    def _sort(self) -> None:
        order = sorted(range(len(self._lefts)), key=self._place)
        self._lefts = array("q", (self._lefts[one] for one in order))
        self._rights = array("q", (self._rights[one] for one in order))

    def _place(self, at: int) -> tuple[int, bytes]:
        left, right = self._lefts[at], self._rights[at]
        moments = [
            side.microsecond(one) for side, one in ((self._before, left), (self._now, right)) if one != _NONE
        ]
        return min(moments), self._before.key(left) if left != _NONE else self._now.key(right)

    def _pair(self, left: int, right: int) -> Pair:
        before = self._before[left] if left != _NONE else None
        now = self._now[right] if right != _NONE else None
        if before is None or not before.is_sent:
            return Pair(Change.ADDED, before, now)
        if now is None or not now.is_sent:
            return Pair(Change.GONE, before, now)
        differs = [name for name in _SEEN if getattr(before.kind, name) != getattr(now.kind, name)]
        if before.at != now.at:
            return Pair(Change.CHANGED if differs else Change.MOVED, before, now, ("at", *differs))
        return Pair(Change.CHANGED if differs else None, before, now, tuple(differs))

    def _by_id(self) -> Iterator[tuple[int, int]]:
        """The places of the last lines with the same id; both columns are in order of it."""
        lefts, rights = self._before.finals(), self._now.finals()
        i = j = 0
        while i < len(lefts) or j < len(rights):
            left = self._before.key(lefts[i]) if i < len(lefts) else None
            right = self._now.key(rights[j]) if j < len(rights) else None
            takes_left = right is None or (left is not None and left <= right)
            takes_right = left is None or (right is not None and right <= left)
            yield lefts[i] if takes_left else _NONE, rights[j] if takes_right else _NONE
            i, j = i + takes_left, j + takes_right

    def _near(self, lefts: Sequence[int], rights: Sequence[int]) -> Iterator[tuple[int, int]]:
        """What is left over on either side, paired where it is near."""
        groups: dict[tuple[str, ...], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for side, (outcomes, places) in enumerate(((self._before, lefts), (self._now, rights))):
            for place in places:
                one = outcomes[place]
                key = (one.person.id, one.kind.journey, one.kind.step, one.vehicle or "")
                groups[key][side].append(place)
        for left, right in groups.values():
            yield from self._paired(
                sorted(left, key=self._before.microsecond), sorted(right, key=self._now.microsecond)
            )

    def _paired(self, lefts: list[int], rights: list[int]) -> Iterator[tuple[int, int]]:
        """In order of time: one by one where there are as many, else each with the nearest."""

        def apart(left: int, right: int) -> int:
            return abs(self._before.microsecond(left) - self._now.microsecond(right))

        most = _NEAR // timedelta(microseconds=1)
        as_many = len(lefts) == len(rights)
        if as_many and all(apart(*both) <= most for both in zip(lefts, rights, strict=True)):
            yield from zip(lefts, rights, strict=True)
            return
        i = j = 0
        while i < len(lefts) and j < len(rights):
            left, right = lefts[i], rights[j]
            distance = apart(left, right)
            if distance > most:
                goes_left = self._before.microsecond(left) < self._now.microsecond(right)
            elif j + 1 < len(rights) and apart(left, rights[j + 1]) < distance:
                goes_left = False
            elif i + 1 < len(lefts) and apart(lefts[i + 1], right) < distance:
                goes_left = True
            else:
                yield left, right
                i, j = i + 1, j + 1
                continue
            yield (left, _NONE) if goes_left else (_NONE, right)
            i, j = i + goes_left, j + (not goes_left)
        yield from ((left, _NONE) for left in lefts[i:])
        yield from ((_NONE, right) for right in rights[j:])


def _sends(pair: Pair) -> bool:
    return any(one is not None and one.is_sent for one in (pair.before, pair.now))
