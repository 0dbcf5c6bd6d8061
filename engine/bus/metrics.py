"""The port `Metrics` on prometheus_client, with a registry of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import prometheus_client
from prometheus_client import CollectorRegistry, generate_latest

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 120)

T = TypeVar("T")

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # a second line for each, of when it was made


class _Counter:
    def __init__(self, meter: prometheus_client.Counter) -> None:
        self._meter = meter

    def add(self, amount: float = 1, **labels: str) -> None:
        (self._meter.labels(**labels) if labels else self._meter).inc(amount)


class _Gauge:
    def __init__(self, meter: prometheus_client.Gauge, labels: Sequence[str]) -> None:
        self._meter = meter
        self._labels = labels

    def set(self, value: float, **labels: str) -> None:
        (self._meter.labels(**labels) if labels else self._meter).set(value)

    def remove(self, **labels: str) -> None:
        self._meter.remove(*(labels[name] for name in self._labels))


class _Histogram:
    def __init__(self, meter: prometheus_client.Histogram) -> None:
        self._meter = meter

    def observe(self, value: float, **labels: str) -> None:
        (self._meter.labels(**labels) if labels else self._meter).observe(value)


class PrometheusMetrics:
    """All meters of one worker; `page` is what Prometheus reads."""

    content_type = "text/plain; version=0.0.4; charset=utf-8"

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._made: dict[str, object] = {}
        self._lock = threading.Lock()
        prometheus_client.ProcessCollector(registry=self._registry)

    def counter(self, name: str, help_text: str, labels: Sequence[str] = ()) -> _Counter:
        return self._once(
            name,
            _Counter,
            lambda: _Counter(prometheus_client.Counter(name, help_text, labels, registry=self._registry)),
        )

    def gauge(self, name: str, help_text: str, labels: Sequence[str] = ()) -> _Gauge:
        return self._once(
            name,
            _Gauge,
            lambda: _Gauge(prometheus_client.Gauge(name, help_text, labels, registry=self._registry), labels),
        )

    def histogram(self, name: str, help_text: str, labels: Sequence[str] = ()) -> _Histogram:
        return self._once(
            name,
            _Histogram,
            lambda: _Histogram(
                prometheus_client.Histogram(
                    name, help_text, labels, registry=self._registry, buckets=_SECONDS
                )
            ),
        )

    def page(self) -> bytes:
        return generate_latest(self._registry)

    def _once(self, name: str, kind: type[T], make: Callable[[], T]) -> T:
        with self._lock:
            meter = self._made.get(name)
            if meter is None:
                meter = self._made[name] = make()
            if not isinstance(meter, kind):
                raise TypeError(f"{name} is another kind of meter already")
            return meter
