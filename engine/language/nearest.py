"""'Did you mean': the name that a misspelt one was meant to be."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

_ALIKE = 0.6  # of difflib's ratio, its own default for close matches
_PART_ALIKE = 0.75
_LONGEST = 60


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name most like `word`, None if none is like it. Ties go to the first in the alphabet."""
    if not word or len(word) > _LONGEST:
        return None
    folded = _fold(word)
    best, best_alike = None, 0.0
    for name in sorted(known):
        alike = _alike(folded, _fold(name))
        if alike > best_alike:
            best, best_alike = name, alike
    return best


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint: the nearest name, else `otherwise`, else the names there are (when they are few)."""
    names = list(known)
    name = nearest(word, names)
    if name is not None:
        return f"did you mean '{name}'?"
    if otherwise or not names or len(names) > 12:
        return otherwise
    return f"there is {listed(names)}" if len(names) == 1 else f"there are {listed(names)}"


def an(noun: str) -> str:
    """`noun` with its article: `an odometer.reported event`."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def listed(names: Iterable[str], joiner: str = "and") -> str:
    """`a, b and c`, in the order given."""
    every = list(names)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} {joiner} {every[-1]}" if every else ""


def _fold(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


@lru_cache(maxsize=8192)
def _alike(word: str, name: str) -> float:
    """0 for names that are not alike. A part of a dotted name (`recorded`, for `purchase.recorded`) is."""
    if word == name:
        return 2.0
    matcher = SequenceMatcher(None, word, name)
    ratio = matcher.ratio() if matcher.quick_ratio() >= _ALIKE else 0.0
    if ratio < _ALIKE and "." in name and len(word) >= 4:
        parts = max(SequenceMatcher(None, word, part).ratio() for part in name.split("."))
        return parts * _ALIKE if parts >= _PART_ALIKE else 0.0
    return ratio if ratio >= _ALIKE else 0.0
