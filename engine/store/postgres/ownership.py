"""To how many partitions customers are shared out, who owns which, and from what the stages read."""

import threading
from contextlib import suppress

from psycopg import errors

from engine.model.errors import MilepostError, ServiceUnavailable, UsageError
from engine.store.postgres.connections import Connection, Connections, Timeouts
from engine.store.postgres.transactions import ALONE, SQL

_CUT_OFF = (
    "SELECT pg_terminate_backend(pid) FROM unnest(pg_blocking_pids(%(waiting_pid)s::integer)) AS b (pid)"
)
_LOCK_TIMEOUT = "SELECT set_config('lock_timeout', %s, true)"


class WrongPartitions(UsageError):  # noqa: N818 - named for what is so
    """The database's customers are shared out to another number of partitions than is asked for."""


def set_up(connections: Connections, wanted: int | None) -> int:
    """Makes sure that there are as many partitions as `wanted`, where that is given. Returns how many there are; 0
    where nobody has said yet."""
    if wanted is not None and wanted < 1:
        raise ValueError(f"{wanted} partitions are asked for; there is at least one")

    def settle(connection: Connection) -> int:
        with connection.transaction():
            connection.execute(SQL["lock_alone"])
            count = _count(connection)
            if not count and wanted:
                connection.execute(SQL["set_up_partitions"], {"count": wanted})
                count = wanted
        return count

    count = connections.ask(_count)
    if not count and wanted:
        count = connections.ask(settle)
    if wanted is not None:
        refuse_other_partitions(count, wanted, connections.address)
    return count


def refuse_other_partitions(count: int, wanted: int, database: object) -> None:
    """Raises `WrongPartitions` where there are not as many as wanted."""
    if count != wanted:
        raise WrongPartitions(
            f"The database {database} is set up for {count} partitions, not for {wanted}.",
            f"Its customers are filed by that number. Set MILEPOST_KAFKA_PARTITIONS to {count}, which the topic\n"
            "  care.events has too (without a broker it is 1), or use a database of its own.",
        )


def _count(connection: Connection) -> int:
    return int(connection.execute(SQL["count_partitions"]).fetchall()[0][0])


def follow(connections: Connections, stage: str, source: str) -> bool:
    """See `SharedStore.follow`. Where several workers say so at once, one after the other does."""
    fact = {"part": ALONE, "name": f"source of {stage}"}

    def settle(connection: Connection) -> bool:
        with connection.transaction():
            connection.execute(SQL["lock_alone"])
            former = connection.execute(SQL["get_fact"], fact).fetchone()
            if former == (source,):
                return False
            connection.execute(SQL["set_fact"], {**fact, "value": source})
            if former is not None:
                connection.execute(SQL["forget_progress"], {"stage": stage})
        return former is not None

    return connections.ask(settle)


def take_over(connections: Connections, partition: int, owner: str, timeouts: Timeouts) -> int:
    """The new owner's token, once the units that the former one has under way have ended. Those that have not after
    `idle_ms` are cut off: they are of a process that hangs, and would come to nothing."""
    most_ms = timeouts.idle_ms + timeouts.lock_ms

    def take(connection: Connection) -> int | None:
        with connection.transaction():
            connection.execute(_LOCK_TIMEOUT, (str(most_ms),))
            found = connection.execute(SQL["take_over"], {"part": partition, "owner": owner}).fetchone()
        return None if found is None else int(found[0])

    with connections.lent(_pid) as (connection, pid):
        cutting_off = threading.Timer(timeouts.idle_ms / 1000, _cut_off, (connections, pid))
        cutting_off.start()
        try:
            token = take(connection)
        except errors.LockNotAvailable:
            raise ServiceUnavailable(
                f"Partition {partition} was not let go of within {most_ms / 1000:g} s by whoever works on it.",
                "See pg_stat_activity for who holds a transaction open on the table partitions, and end it.",
            ) from None
        finally:
            cutting_off.cancel()
    if token is None:
        raise ValueError(f"there is no partition {partition}")
    return token


def _pid(connection: Connection) -> int:
    return int(connection.execute("SELECT pg_backend_pid()").fetchall()[0][0])


def _cut_off(connections: Connections, waiting_pid: int) -> None:
    """Ends the sessions that keep this one waiting. Where it may not, or cannot, the wait ends by itself."""
    with suppress(MilepostError):
        connections.ask(
            lambda connection: connection.execute(_CUT_OFF, {"waiting_pid": waiting_pid}).fetchall()
        )
