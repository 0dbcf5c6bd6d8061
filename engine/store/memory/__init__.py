"""State in memory: for tests, and wherever nothing needs to outlive the process.

Laws
1. It does what every store does, as `tests/contracts` proves: units are whole or nothing, and exclude each
   other.
2. Documents stay the objects they were: nothing is encoded. They are frozen, so nobody can change one behind
   the store's back.
3. Memory grows with customers, identifiers and messages kept. Of an event only that it was there is kept, in
   about 18 bytes (`seen`); with `keep_log` the event too. Messages are handed on instead of kept where
   `on_message` is given.
"""

from engine.store.memory.seen import SeenKeys
from engine.store.memory.store import MemoryStore

__all__ = ["MemoryStore", "SeenKeys"]
