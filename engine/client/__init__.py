"""The dealers' side: events from a dealer's software to the inbox, in five lines.

    from engine.client import Client

    with Client("broker:9092", source="/dealers/d001") as milepost:
        milepost.send("purchase.recorded", {"customer": {…}, "tyres": [{…}]})

    send ─ check ─▶ spool (this machine's disk) ─ sender ─▶ care.inbox

Laws
1. When `send` returns, the event is on the disk. From then on it gets to the broker, whatever happens to the process,
   the network or the broker; it leaves the disk when all of the broker's copies have it. It may get there twice, under
   the same id, which the engine counts once.
2. Events with the same key (the customer's mobile, else email, member number, plate) get there in the order in which
   they were sent, across failures and restarts.
3. What the engine would refuse is refused here, before anything is sent, by the very same checker, with the member at
   fault. Whoever knows better sends unchecked.
4. Memory does not grow with what waits; the disk, no further than its limit. A full spool is an error, never a loss.
5. It imports nothing of the engine but events and how they are read, and needs no project.

Modules: `client` (what dealers use), `events` (drafts), `spool` and `spool_file` (the disk), `sender` (the thread),
`broker` (the line), `delivery` (what became of it); `addresses` and `security` (brokers, TLS, login: for the engine
itself too).
"""

from engine.client.client import Batch, Client
from engine.client.delivery import Backlog, Delivery, State
from engine.client.events import EventRefused
from engine.client.security import Security
from engine.client.spool import SpoolFull

__all__ = ["Backlog", "Batch", "Client", "Delivery", "EventRefused", "Security", "SpoolFull", "State"]
