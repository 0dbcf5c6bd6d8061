"""What a worker is told about the broker and itself."""

from dataclasses import dataclass, field

from engine.client.addresses import hosts_of
from engine.client.security import Security
from engine.model.errors import UsageError

LARGEST_BATCH_RECORDS = 500


@dataclass(frozen=True, kw_only=True)
class BusSettings:
    """`bootstrap` are brokers, `host:port` with commas; workers of one `group` share the partitions among them.

    `batch_records` at most go to a stage at once; `threads` stages work at once; `idle_s` apart at most come a
    partition's calls of `idle`. Offsets are committed `commit_interval_s` apart at most; that much is done again, and
    noticed as such, after a crash.

    Whoever is not heard of for `session_timeout_s` loses its partitions to others. When partitions move, the batch
    under way may take `revoke_s` to end, when the worker is told to stop, `stop_s`: one that takes longer is cut off
    with the whole process, before its offset is committed. A worker that has work and gets none of it done for
    `stall_s` ends itself.
    """

    bootstrap: str
    group: str = "milepost"
    security: Security = field(default_factory=Security)
    web_host: str = "127.0.0.1"
    web_port: int = 6066
    batch_records: int = LARGEST_BATCH_RECORDS
    threads: int = 8
    idle_s: float = 1.0
    commit_interval_s: float = 0.5
    session_timeout_s: float = 20.0
    request_timeout_s: float = 30.0
    revoke_s: float = 40.0
    stop_s: float = 6.0
    stall_s: float = 120.0
    compression: str | None = None

    def __post_init__(self) -> None:
        hosts_of(self.bootstrap)
        if not 1 <= self.batch_records <= LARGEST_BATCH_RECORDS:
            raise UsageError(f"A batch has 1 to {LARGEST_BATCH_RECORDS} records, not {self.batch_records}.")
        if self.session_timeout_s > self.request_timeout_s:
            raise UsageError(
                f"The session time-out of {self.session_timeout_s:g} s is longer than the request time-out of "
                f"{self.request_timeout_s:g} s.",
                "Shorten the one or lengthen the other: the clients refuse it.",
            )

    @property
    def servers(self) -> list[str]:
        return [
            f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in hosts_of(self.bootstrap)
        ]

    @property
    def patience_s(self) -> float:
        """How long a stage may wait for a database that is away: it says why it gives up, before the watchdog does."""
        return 0.75 * self.stall_s

    @property
    def heartbeat_s(self) -> float:
        """Several within a session, so that one that is late does no harm."""
        return self.session_timeout_s / 6

    @property
    def rebalance_timeout_s(self) -> float:
        """How long the group waits for a worker that has partitions to give up."""
        return self.revoke_s + 20.0
