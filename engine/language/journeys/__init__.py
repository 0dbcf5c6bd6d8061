"""Journeys: from the nodes of a file to `engine.model.journeys`.

Laws
1. Every fault of a journey is found in one go: what is faulty reads as None, and the rest is still checked.
2. A verb is one entry of `steps.VERBS`; nothing else knows which verbs there are.
3. Steps, however nested, become one flat table in the order of the file; each knows what follows it.

The way: `outline` finds the verbs and their nested blocks, `layout` gives ids and indexes, each verb builds
its step; `start` and `stops` build what begins and ends a run.
"""

from engine.language.journeys.context import Context, SendSite
from engine.language.journeys.journey import read_journey

__all__ = ["Context", "SendSite", "read_journey"]
