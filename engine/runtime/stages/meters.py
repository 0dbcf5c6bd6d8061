"""What a worker counts about decisions."""

from engine.ports.metrics import Metrics
from engine.runtime.advance import Taken


class Meters:
    def __init__(self, metrics: Metrics) -> None:
        self._events = metrics.counter(
            "milepost_events_total", "Events decided on, by what became of them.", ["outcome"]
        )
        self._messages = metrics.counter("milepost_messages_decided_total", "Messages decided.")
        self._set_aside = metrics.counter(
            "milepost_set_aside_total", "Events that the decision could not bear: somebody must look."
        )
        self._seconds = metrics.histogram(
            "milepost_decide_batch_seconds", "From a batch's events to its commit."
        )

        self._overdue = metrics.gauge(
            "milepost_due_overdue",
            "Customers for whom something is due and was not done yet (10000: or more).",
            ["partition"],
        )

    def batch(self, taken: Taken, seconds: float) -> None:
        self._events.add(taken.accepted, outcome="accepted")
        self._events.add(taken.duplicates, outcome="duplicate")
        if taken.unplaced:
            self._events.add(len(taken.unplaced), outcome="rejected")
        if taken.set_aside:
            self._events.add(len(taken.set_aside), outcome="set aside")
            self._set_aside.add(len(taken.set_aside))
        self._messages.add(taken.messages)
        self._seconds.observe(seconds)

    def caught_up(self, messages: int) -> None:
        self._messages.add(messages)

    def overdue(self, partition: int, customers: int) -> None:
        self._overdue.set(customers, partition=str(partition))

    def forget(self, partition: int) -> None:
        self._overdue.remove(partition=str(partition))
