"""Layer 5: where state is kept. One package an adapter; they know nothing of each other. What they share
stands here: `codec`, documents as bytes; `rows`, what tables hold of them; `queries`, SQL by name; `schema`, the
numbered steps by which tables change.

Laws
1. What `engine/ports/store.py` says holds for every adapter; `tests/contracts` proves it of each.
2. A unit of work is one transaction: all of it is there after it, or nothing.
3. What is stored stays readable: documents only gain members, tables change by numbered migrations, and a
   database newer than the code is refused, never guessed at, unless the migration says that it can be read.

Stores: `sqlite` (one machine, the default), `postgres` (several workers, on one machine or many) and `memory`
(simulations and tests; gone with the process).
"""
