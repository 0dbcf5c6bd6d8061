"""The engine's work on a stream of events, a stage a topic:

    care.inbox → `InboxStage` → care.events → `EventsStage` → the store
                      └→ care.rejected ←┘

Laws
1. A batch is done whole or not at all; the same batch again changes nothing but the number of duplicates.
2. What a stage read is let go of (its offset) only after all that came of it is durable.
3. An input that is wrong, and an event that the decision cannot bear, are set aside with the reason; the others go on.
4. A partition has one owner. What a worker does for it is fenced by a token in the store, so that one that was taken
   for dead, and is not, does no harm.
5. By the events' clock, time passes for all when every event up to there was decided (`Watermark`).
"""

from engine.runtime.stages.events import EventsStage
from engine.runtime.stages.inbox import InboxStage
from engine.runtime.stages.topics import Topics, sent_again
from engine.runtime.stages.watermark import Watermark

__all__ = ["EventsStage", "InboxStage", "Topics", "Watermark", "sent_again"]
