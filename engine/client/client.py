"""The client, as dealers' software uses it."""

import atexit
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from engine.client.addresses import hosts_of, reach
from engine.client.delivery import Backlog, Book, Delivery, Tell
from engine.client.events import Composer, Draft, name_of
from engine.client.security import Security
from engine.client.sender import Sender
from engine.client.spool import Spool
from engine.model.event_types import EVENT_TYPES, EventType

if TYPE_CHECKING:
    from engine.client.broker import Line

INBOX = "care.inbox"
BATCH_EVENTS = 500
BATCH_BYTES = 1024 * 1024


class Client:
    """Sends events of one `source` to the inbox of a Milepost.

    `bootstrap`: brokers, `host:port` with commas; left out, MILEPOST_KAFKA_BOOTSTRAP.
    `spool`: the folder where events wait; each process needs one of its own. At most `spool_limit_bytes` wait.
    `prefix`: stands before the topic's name (`test.` → `test.care.inbox`); left out, MILEPOST_KAFKA_PREFIX.
    `country`: how mobile numbers without a country are read; the engine's policy must say the same.
    `event_types`: those that the engine knows, with a project's own.
    `security`: TLS and login; left out, MILEPOST_KAFKA_PROTOCOL and so on.
    `on_delivery`: is called for each event that is done, those that an earlier process had left among them. From the
    client's own thread, as `Delivery.add_done_callback` says.

    Making one needs no broker. Raises `UsageError` for settings that cannot work, `ServiceUnavailable` where the
    spool cannot be used. It may be used by several threads; after a fork, only by the process that made it.
    """

    def __init__(  # noqa: PLR0913 - settings by name, all but one with a default
        self,
        bootstrap: str | None = None,
        *,
        source: str,
        spool: str | Path = "milepost-spool",
        spool_limit_bytes: int = 1024**3,
        prefix: str | None = None,
        country: str | None = "CN",
        event_types: Mapping[str, EventType] = EVENT_TYPES,
        security: Security | None = None,
        on_delivery: Tell | None = None,
    ) -> None:
        brokers = os.environ.get("MILEPOST_KAFKA_BOOTSTRAP", "") if bootstrap is None else bootstrap
        before = os.environ.get("MILEPOST_KAFKA_PREFIX", "") if prefix is None else prefix
        hosts_of(brokers)
        guarded = Security.from_environment() if security is None else security
        guarded.ssl_context()  # files that cannot be used are told now, not by the thread
        self._topic = before + INBOX
        self._composer = Composer(source, event_types, country)
        self._spool = Spool(Path(spool), spool_limit_bytes)
        self._book = Book(on_delivery)

        def opened(failing: Callable[[], None]) -> "Line":
            reach(brokers, guarded)
            from engine.client.broker import Line  # noqa: PLC0415 - for those who never send; see `sender`

            line = Line(brokers, guarded, failing)
            # Anew for each, so that it comes before kafka-python's own, which would wait in vain.
            atexit.unregister(self.close)
            atexit.register(self.close)
            return line

        self._sender = Sender(self._spool, self._book, opened)
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(0.0 if error else 10.0)

    def send(
        self,
        type: str,  # noqa: A002 - as CloudEvents has it
        data: Mapping[str, Any],
        *,
        id: str | None = None,  # noqa: A002
        time: datetime | str | None = None,
        recordedtime: datetime | str | None = None,
        check: bool = True,
    ) -> Delivery:
        """Sends what happened: when this returns, the event is in the spool, and will get to the broker.

        `id` names the event for ever, together with the source: give one that your software knows it by (an invoice's
        number), so that sending it again changes nothing; left out, one is made. `time` is when it happened (with a
        zone), left out: now; `recordedtime` likewise, when it was sent.
        Raises `EventRefused` for an event that is not right (not with `check=False`), `SpoolFull` where there is no
        room; neither is sent.
        """
        with self.batch() as batch:
            return batch.send(type, data, id=id, time=time, recordedtime=recordedtime, check=check)

    def send_raw(self, raw: bytes, *, check: bool = True) -> Delivery:
        """Sends a whole event, byte for byte as it is: a line of a `.jsonl` file. As `send` in all else."""
        with self.batch() as batch:
            return batch.send_raw(raw, check=check)

    def draft(self, raw: bytes, *, check: bool = True) -> Draft:
        """A whole event, checked and keyed but not sent; `Batch.add` sends it. Raises `EventRefused`."""
        return self._composer.checked(raw) if check else self._composer.unchecked(raw)

    def batch(self) -> "Batch":
        """Many events, kept together: `with client.batch() as batch: batch.send(…)`. What `send` promises when it
        returns, a batch promises when it ends; that makes it many times faster."""
        return Batch(self, self._composer)

    def keep(self, drafts: list[Draft], deliveries: list[Delivery]) -> None:
        """Writes drafts to the spool; for `Batch`."""
        records = [(one.key, one.raw) for one in drafts]
        self._spool.append(self._topic, records, lambda first: self._book.enter(first, deliveries))
        self._book.spooled(deliveries)
        self._sender.wake()

    def handle(self, draft: Draft) -> Delivery:
        """The handle of a draft; for `Batch`."""
        return Delivery(draft.source, draft.id, draft.notes, self._book)

    @property
    def backlog(self) -> Backlog:
        """What the broker has not acknowledged at this moment."""
        spool = self._spool
        return Backlog(spool.events, spool.size_bytes, spool.earlier, spool.refused, self._sender.trouble)

    def waiting(self, most: int = 100) -> list[tuple[str, str]]:
        """`source` and `id` of the events that the broker has not acknowledged, the oldest first, at most so many."""
        return [name_of(row.value) for row in self._spool.waiting(most)]

    def flush(self, timeout_s: float | None = None) -> Backlog:
        """Waits until the broker has acknowledged everything, at most `timeout_s`; says what it has not."""
        self._book.wait_for(lambda: self._spool.events <= 0, timeout_s)
        return self.backlog

    def close(self, timeout_s: float = 10.0) -> Backlog:
        """Flushes and ends. What is not acknowledged by then stays in the spool, and is what the next client with
        this spool sends first. Closing again does nothing; a program that ends without closing closes too."""
        if self._closed:
            return self.backlog
        self._closed = True
        atexit.unregister(self.close)
        left = self.flush(timeout_s)
        self._sender.stop(timeout_s=5.0)
        self._spool.close()
        return left


class Batch:
    """Collects events and keeps some hundreds at a time; for one thread. An error in the block does not take back what
    was sent in it."""

    def __init__(self, client: Client, composer: Composer) -> None:
        self._client = client
        self._composer = composer
        self._drafts: list[Draft] = []
        self._deliveries: list[Delivery] = []
        self._bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.keep()

    def send(
        self,
        type: str,  # noqa: A002
        data: Mapping[str, Any],
        *,
        id: str | None = None,  # noqa: A002
        time: datetime | str | None = None,
        recordedtime: datetime | str | None = None,
        check: bool = True,
    ) -> Delivery:
        """As `Client.send`; in the spool when the batch ends, or `keep` has been called."""
        return self.send_raw(self._composer.compose(type, data, id, time, recordedtime), check=check)

    def send_raw(self, raw: bytes, *, check: bool = True) -> Delivery:
        """As `Client.send_raw`; in the spool when the batch ends, or `keep` has been called."""
        return self.add(self._client.draft(raw, check=check))

    def add(self, draft: Draft) -> Delivery:
        """Sends what `Client.draft` made."""
        delivery = self._client.handle(draft)
        self._drafts.append(draft)
        self._deliveries.append(delivery)
        self._bytes += len(draft.raw)
        if len(self._drafts) >= BATCH_EVENTS or self._bytes >= BATCH_BYTES:
            self.keep()
        return delivery

    @property
    def collected(self) -> int:
        """How many events are not in the spool yet."""
        return len(self._drafts)

    def keep(self) -> None:
        """Writes what is collected to the spool. Where that raises (`SpoolFull`), it stays collected."""
        if self._drafts:
            self._client.keep(self._drafts, self._deliveries)
            self._drafts, self._deliveries, self._bytes = [], [], 0
