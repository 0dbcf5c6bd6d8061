"""Why a customer did, did not, or will get a journey's messages.

    explain(program, store, customer, journey, now, …) → Account

The store keeps each customer's events in the order in which they were taken in, and when. They are played once more
for this one customer, in memory, by the same decision that runs, with the journeys as they are now, and watched: each
condition with the values it saw, each channel asked, each wait reckoned, each rule that held a message back. Beside it
lies the ledger, row by row by the ids of the messages, which are the same, as they are derived.

Laws
1. The ledger is what happened. Where the replay comes to something else (journeys were changed since, or a worker was
   late) the account says so, and says which is which.
2. Watching changes no decision: the replay decides what the same program decides unwatched.
3. Nothing is written: not a row, not a clock.
4. Where a run stands today is read from the customer's document, not from the replay.

The way: `history` gathers, `replay` plays and watches, `starts`, `by_hand`, `runs` and `sends` tell what was seen,
`account` puts it in order.
"""

from engine.why.account import Asked, explain
from engine.why.replay import Recorder
from engine.why.told import Account, Chapter, Condition, Entry, MessageTold, OdometerTold

__all__ = [
    "Account",
    "Asked",
    "Chapter",
    "Condition",
    "Entry",
    "MessageTold",
    "OdometerTold",
    "Recorder",
    "explain",
]
