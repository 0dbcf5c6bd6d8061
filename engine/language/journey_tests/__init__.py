"""Journey tests: from the files in `journeys/tests/` to `engine.model.journey_tests`.

Laws
1. They are checked as journeys are: every fault with its place, all in one go, by the same tables of keys.
2. Their events are read as any event that comes in is: what intake would refuse is a fault here, told at the
   member at fault.
3. What is given comes about by no event that a journey could begin with.
"""

from engine.language.journey_tests.files import read_tests
from engine.language.journey_tests.happenings import Parse

__all__ = ["Parse", "read_tests"]
