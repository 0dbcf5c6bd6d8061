"""State in one SQLite file: the default, for everything that runs on one machine.

Laws
1. A unit is one `BEGIN IMMEDIATE` … `COMMIT`; units of all threads and processes come one after the other.
2. All SQL stands in `sql/*.sql` and `migrations/*.sql`, plain and complete; none is put together at run time.
3. A process may be killed at any moment: what was committed is there, nothing else is. By default
   (`synchronous="normal"`) the same holds when the machine loses power, but for the last few commits, which
   may be gone; never is one there in part, nor a later one without an earlier one. Events that are sent
   again after that are taken in, and a message whose file was written (they are, before the ledger says so)
   is found, not doubled. `"full"` keeps every commit through a power loss, at a disk's pace; `"off"` promises
   nothing when power fails.
4. The write-ahead log is bounded: the writer itself checkpoints it, under the write lock (`wal`).

`RunLock` keeps a second `milepost run` off the same file; `ingest` and `lookup` may work beside one.
"""

from engine.store.sqlite.lock import RunLock
from engine.store.sqlite.store import SqliteStore
from engine.store.sqlite.upkeep import migrate, schema_of

__all__ = ["RunLock", "SqliteStore", "migrate", "schema_of"]
