"""The line to the broker: kafka-python's producer, opened with a word on why it cannot be, and given up at once when
a record fails.

Why given up: the producer keeps the order of a partition as long as it may try a record again. It may for ever here
(no delivery timeout), so what does fail will not be mended by trying, and the producer would go on with the records
behind it. A line that has failed sends nothing more; a new one begins with what is left, in order.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any, Self

from kafka import KafkaProducer
from kafka.errors import (
    AuthorizationError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    SaslAuthenticationFailedError,
)
from kafka.partitioner import DefaultPartitioner, murmur2

from engine.client.security import Security
from engine.client.spool import Row
from engine.model.errors import ServiceUnavailable

Future = Any
"""kafka-python's future of a record: `is_done`, then `exception`, or as `value` its `partition` and `offset`."""

_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)
Headers = list[tuple[str, bytes]]
CONTENT_TYPE: Headers = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
"""As CloudEvents' binding for Kafka has it, for a whole event in a record's value."""

_FOREVER_MS = 2**31 - 1
_hash = lru_cache(maxsize=65_536)(murmur2)  # in Python, byte by byte; customers come again


class ByKey(DefaultPartitioner):  # type: ignore[misc]  # kafka-python has no types
    """As the default does it, for keys with less ado."""

    def partition(
        self,
        topic: str,
        key: Any,
        serialized_key: bytes | None,
        value: Any,
        serialized_value: Any,
        cluster: Any,
    ) -> int:
        if serialized_key is None:
            chosen: int = super().partition(topic, key, serialized_key, value, serialized_value, cluster)
            return chosen
        count: int = len(cluster.partitions_for_topic(topic))
        hashed: int = _hash(serialized_key)
        return (hashed & 0x7FFFFFFF) % count


OPTIONS: dict[str, Any] = {
    "client_id": "milepost-client",
    "acks": "all",
    "enable_idempotence": True,  # said, so that it is refused where it cannot be, instead of left out
    "delivery_timeout_ms": _FOREVER_MS,
    "request_timeout_ms": 15_000,
    "reconnect_backoff_max_ms": 1_000,  # or a broker that comes back waits half a minute for us
    "bootstrap_timeout_ms": 5_000,
    "max_block_ms": 5_000,  # for the topic to be known
    "partitioner": ByKey(),
    "linger_ms": 25,  # few large batches: the threads of this process wait for one another at each
    "batch_size": 256 * 1024,  # one batch of a partition is under way at a time
    "max_request_size": 2 * 1024 * 1024,
    "allow_auto_create_topics": False,  # a misspelt prefix is told, not made
    "metrics_enabled": False,
}


class Line:
    """An open line to brokers that `addresses.reach` reaches. It has `failed` with the first record that does; then
    `failing` is called, from another thread, and `trouble` says why, unless it was about that record alone. Raises
    `ServiceUnavailable` where it cannot be opened."""

    def __init__(self, bootstrap: str, security: Security, failing: Callable[[], None]) -> None:
        servers = [one.strip() for one in bootstrap.split(",") if one.strip()]
        _spare_logs()
        with _Reasons() as reasons:
            try:
                self._producer = KafkaProducer(
                    bootstrap_servers=servers, **OPTIONS, **security.kafka_python()
                )
            except (KafkaError, OSError) as error:
                raise ServiceUnavailable(*_not_opened(error, bootstrap, security, reasons.last)) from error
        self._bootstrap = bootstrap
        self._failing = failing
        self.failed = False
        self.trouble = ""

    def send(self, row: Row, headers: Headers = CONTENT_TYPE) -> Future:
        """Hands a row over. Raises `ServiceUnavailable` where it could not even be handed over."""
        try:
            future: Future = self._producer.send(row.topic, row.value, row.key, headers)
        except KafkaTimeoutError as error:
            raise ServiceUnavailable(
                f"The broker at {self._bootstrap} has no topic {row.topic}.",
                "`milepost topics` makes it; see also whether the prefix is the right one.",
            ) from error
        except (KafkaError, AssertionError, ValueError) as error:
            raise ServiceUnavailable(*_told(error, self._bootstrap)) from error
        future.add_errback(self._fail)
        return future

    def _fail(self, error: Exception) -> None:
        """From the producer's thread, before it can send anything else. What fails after the first only fails by our
        giving up."""
        if not self.failed:
            self.trouble = "" if self.never(error) else self.why(error)
        self.abandon()
        self._failing()

    def why(self, error: Exception) -> str:
        """What a failure means, in our words."""
        return _told(error, self._bootstrap)[0]

    def never(self, error: Exception) -> bool:
        """Whether this is about one record, which will fare no better another time."""
        return isinstance(error, _TOO_LARGE)

    def abandon(self) -> None:
        """Sends nothing more; what is under way fails, without having been heard of."""
        if not self.failed:
            self.failed = True
            # Its own `close` waits for what cannot be sent, and then gives up closing.
            self._producer._sender.force_close()

    def close(self, timeout_s: float) -> None:
        """Ends it, within about `timeout_s`."""
        self.abandon()
        self._producer._sender.join(timeout_s)
        with suppress(KafkaError):  # there is nothing left that it could wait for
            self._producer.close(timeout=timeout_s)


class _Reasons(logging.Handler):
    """Hears why a connection fails while a line is opened: kafka-python tells only its log, and raises that time ran
    out."""

    _logger = logging.getLogger("kafka.net.manager")

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last: BaseException | None = None

    def __enter__(self) -> Self:
        self._logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        for one in record.args if isinstance(record.args, tuple) else ():
            if isinstance(one, BaseException) and not isinstance(one, KafkaTimeoutError):
                self.last = one


def _not_opened(
    error: Exception, bootstrap: str, security: Security, reason: BaseException | None
) -> tuple[str, str]:
    """Why a line could not be opened, and what to do. A broker may refuse a login by hanging up."""
    if not isinstance(error, KafkaTimeoutError):
        return _told(error, bootstrap)
    if isinstance(reason, SaslAuthenticationFailedError):
        return _told(reason, bootstrap)
    login = "refuses the login, or " if security.protocol.asks_who else ""
    why = "" if reason is None else f" ({reason})"
    return (
        f"The broker at {bootstrap} {login}does not answer as a Kafka{why}.",
        f"{_LOGIN_HINT if login else ''}See MILEPOST_KAFKA_PROTOCOL, and whether the port is that of this protocol.",
    )


def _told(error: Exception, bootstrap: str) -> tuple[str, str]:
    """What happened to a record, and what to do."""
    if isinstance(error, SaslAuthenticationFailedError):
        return f"The broker at {bootstrap} refuses the login.", _LOGIN_HINT
    if isinstance(error, AuthorizationError):
        return (
            f"The broker at {bootstrap} does not let this user write.",
            "Ask for the right to write to the inbox.",
        )
    if isinstance(error, _TOO_LARGE):
        return f"The broker at {bootstrap} does not take events of this size.", "See its message.max.bytes."
    return f"The broker at {bootstrap} failed: {error}.", "See the broker's log."


_LOGIN_HINT = "See MILEPOST_KAFKA_USERNAME, …_PASSWORD and …_MECHANISM. "


def _spare_logs() -> None:
    """kafka-python's debug lines tell whole records: personal data does not go there, whatever the root's level."""
    logger = logging.getLogger("kafka")
    if logger.getEffectiveLevel() < logging.INFO:
        logger.setLevel(logging.INFO)
