"""Where nothing is sent any more, as stores keep it: part of `Unit` and of `Store`. Addresses are handed in as they are
written, and kept as hashes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from engine.model.suppression import Address, Cause, Lifting, Suppression, SuppressionRow


class SuppressingUnit(Protocol):
    def suppress(self, those: Iterable[Suppression]) -> None:
        """Puts addresses on the list. One that is there for the same cause stays; the latest word counts."""
        ...

    def unsuppress(self, those: Iterable[Lifting]) -> None:
        """Takes addresses off the list, as far as each `Lifting` says."""
        ...


class Suppressions(Protocol):
    def secret(self, name: str) -> bytes:
        """32 random bytes, made when they are first asked for and the same for ever, for all who work on the store. Not
        to be asked for within a unit."""
        ...

    def suppressed(self, those: Sequence[Address]) -> set[Address]:
        """Those that are on the list, for whatever cause."""
        ...

    def suppressions(self, to: Address | None = None) -> Iterator[SuppressionRow]:
        """All that is on the list, or what is about one address, in the order of the hashes."""
        ...

    def count_suppressions(self) -> dict[tuple[str, Cause], int]:
        """How many, by channel and cause."""
        ...
