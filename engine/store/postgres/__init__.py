"""State in PostgreSQL (15 or newer): for several workers at once, each with its share of the customers, or for one
process that works alone.

Laws
1. A unit is one transaction (READ COMMITTED). What it reads of customers it locks, in order of id, so that nobody else
   changes them before it ends; what it writes must be of the version that it read, or be new. Where two units get in
   one another's way, one gives up (`TryAgain`) and has done nothing.
2. A partition has one owner, who proves it by a token in each transaction. A take-over waits for those of the former
   owner that are under way; what begins after it is `Fenced`. A process that was stopped in the middle of a
   transaction is cut off by the server (`Timeouts`).
3. The store as a whole, which nobody shares out, is worked on by one unit at a time, as a SQLite file is; looking,
   learning identifiers and keeping refused inputs waits for nobody. `RunLock` keeps a second `milepost run` off.
4. All SQL stands in `sql/*.sql` and `migrations/*.sql`, plain and complete. What a batch reads or writes is one
   statement, its rows as arrays, a column each; a unit takes as many round trips as it has questions, and three.
5. A server may be restarted, killed, moved: what was committed is there, and the store connects again by itself. A
   connection that is lost while a unit commits leaves open whether it did; doing the same again is always right.
6. The schema is changed by `migrate` alone. The store refuses one that it cannot work on, older or newer; the one step
   newer it takes where that step says so.
7. No error tells a password, nor the values of a row.

Connections hold settings and locks of their own, so between Milepost and the server there may be no pool that gives
each transaction another connection (PgBouncer's `transaction` mode).
"""

from engine.store.postgres.address import Address, is_postgres
from engine.store.postgres.connections import Timeouts
from engine.store.postgres.examination import Facts, examine
from engine.store.postgres.lock import RunLock
from engine.store.postgres.migrations import migrate, schema_of
from engine.store.postgres.ownership import WrongPartitions, refuse_other_partitions
from engine.store.postgres.store import PostgresStore

__all__ = [
    "Address",
    "Facts",
    "PostgresStore",
    "RunLock",
    "Timeouts",
    "WrongPartitions",
    "examine",
    "is_postgres",
    "migrate",
    "refuse_other_partitions",
    "schema_of",
]
