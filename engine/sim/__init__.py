"""Layer 6: the same core on a virtual clock, in memory. Nothing is sent and nothing is written.

Laws
1. What a simulation says is what the engine does: it walks through `runtime.work` and `decide`, no copy of
   them.
2. Its memory grows with customers, their runs and what journeys ask of history; of an event that is past it
   keeps 12 bytes, to know a duplicate, and of a message whose it is, as a receipt may come.
3. The clock moves with the events' `recordedtime` (else `time`), never back. At equal moments: schedules
   first, then events, then timers.
"""

from engine.sim.simulation import Simulation

__all__ = ["Simulation"]
