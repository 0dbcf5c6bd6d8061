"""Numbers about the work, for those who run it. Names are those of Prometheus: `milepost_…`, with the unit last."""

from collections.abc import Sequence
from typing import Protocol


class Counter(Protocol):
    """What only grows."""

    def add(self, amount: float = 1, **labels: str) -> None: ...


class Gauge(Protocol):
    """What goes up and down."""

    def set(self, value: float, **labels: str) -> None: ...

    def remove(self, **labels: str) -> None:
        """Forgets the value of these labels, if there was one."""
        ...


class Histogram(Protocol):
    """How values are spread."""

    def observe(self, value: float, **labels: str) -> None: ...


class Metrics(Protocol):
    """Gives each meter by its name; asked again for a name, the same one. All of it may be used from any thread. No
    label's value may tell of a person."""

    def counter(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Counter: ...

    def gauge(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge: ...

    def histogram(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Histogram:
        """For durations in seconds, from a millisecond to two minutes."""
        ...
