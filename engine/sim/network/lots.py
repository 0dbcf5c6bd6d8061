"""Drawing lots, the same for ever: everything is made from `random.Random.random`."""

import math
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Lots:
    """The lots of one customer. `name` says whose they are."""

    def __init__(self, name: str) -> None:
        self._draw = Random(name).random  # noqa: S311 - nothing here is a secret

    def chance(self, share: float) -> bool:
        return self._draw() < share

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self._draw()

    def whole(self, low: int, high: int) -> int:
        """One of `low` … `high`."""
        return low + int((high - low + 1) * self._draw())

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[int(len(choices) * self._draw())]

    def weighted(self, choices: Sequence[tuple[T, float]]) -> T:
        """One of the first members, as often as the second ones say; these add up to 1."""
        left = self._draw()
        for choice, share in choices:
            left -= share
            if left < 0:
                return choice
        return choices[-1][0]

    def normal(self) -> float:
        """Box and Muller (1958): mean 0, standard deviation 1."""
        return math.sqrt(-2.0 * math.log(1.0 - self._draw())) * math.cos(2.0 * math.pi * self._draw())

    def lognormal(self, median: float, spread: float) -> float:
        """`spread` is the standard deviation of the natural logarithm."""
        return median * math.exp(spread * self.normal())

    def digits(self, count: int) -> str:
        """So many hexadecimal digits."""
        return "".join(["0123456789abcdef"[int(16 * self._draw())] for _ in range(count)])
