"""What deploying a project would change, before it is done: what differs (`changes`), where the runs under way go
(`runs`), and which of the coming messages appear, vanish or change (`messages`).

1. It is reckoned, not estimated: each customer's coming messages are decided by the core itself, with the journeys in
   force and with those to come.
2. Nothing is written to the store.
3. Memory does not grow with the number of customers: they are gone through in order of id, a portion at a time, and
   what stays of them is counts, and a few examples.
"""

from engine.plan.changes import NOTHING, Change, Files, changes_between
from engine.plan.messages import Example, Expected, Line
from engine.plan.plan import Plan, Watch, plan
from engine.plan.runs import Going

__all__ = [
    "NOTHING",
    "Change",
    "Example",
    "Expected",
    "Files",
    "Going",
    "Line",
    "Plan",
    "Watch",
    "changes_between",
    "plan",
]
