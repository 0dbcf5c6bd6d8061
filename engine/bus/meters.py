"""What a worker measures of its own work."""

from engine.ports import Metrics

_PARTITION = ("topic", "partition")


class Meters:
    def __init__(self, metrics: Metrics, restarts: int = 0) -> None:
        """`restarts` is how often the worker was started again."""
        self._lag = metrics.gauge(
            "milepost_lag_records", "Records not done of each owned partition", _PARTITION
        )
        self._records = metrics.counter("milepost_records_total", "Records done", ("topic",))
        self._batches = metrics.counter("milepost_batches_total", "Batches done", ("topic",))
        self._produced = metrics.counter(
            "milepost_produced_total", "Records written for what was read", ("topic",)
        )
        self._seconds = metrics.histogram(
            "milepost_batch_seconds", "From a batch's hand-over to its end, with what it wrote", ("topic",)
        )
        self._again = metrics.counter(
            "milepost_try_again_total", "Calls that asked to be repeated", ("topic",)
        )
        self._rebalances = metrics.counter(
            "milepost_rebalances_total", "Times that partitions were shared out anew"
        )
        self._stages = metrics.gauge(
            "milepost_owned_partitions", "Partitions that this worker owns", ("topic",)
        )
        metrics.counter(
            "milepost_worker_restarts_total", "Times that the supervisor started the worker again"
        ).add(restarts)

    def batch(self, topic: str, records: int, produced: int, seconds: float) -> None:
        self._records.add(records, topic=topic)
        self._batches.add(topic=topic)
        self._produced.add(produced, topic=topic)
        self._seconds.observe(seconds, topic=topic)

    def tried_again(self, topic: str) -> None:
        self._again.add(topic=topic)

    def rebalanced(self, owned: dict[str, int]) -> None:
        """`owned` is how many partitions of each topic are owned now."""
        self._rebalances.add()
        for topic, count in owned.items():
            self._stages.set(count, topic=topic)

    def lag(self, topic: str, partition: int, records: int) -> None:
        self._lag.set(records, topic=topic, partition=str(partition))

    def forget(self, topic: str, partition: int) -> None:
        """The partition is another worker's to tell of."""
        self._lag.remove(topic=topic, partition=str(partition))
