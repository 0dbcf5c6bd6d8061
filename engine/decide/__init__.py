"""Layer 2: the decision. What a customer gets, when, and why not.

    decide(program, customer, stimulus, now) → (customer′, effects)

Laws
1. Pure: the result depends on the arguments alone, and changes none of them.
2. A moment that counts is one of the journey's (`Run.at`, `due_at`), reckoned from what happened; `now` says
   only what is already due and what has come too late.
3. A duplicate never gets here (intake drops it); everything else about order is settled by `time`: the latest
   statement counts, an older start begins nothing.
4. One decision leaves nothing due: whatever is due at `now` has been done, in order of `due_at`.

The way of a stimulus: `facts` (what the event says is written into the document) → `starts` (runs that it
stops, runs that it begins) → `walk` (each run from step to step, until it must wait) with `due` (until
when) and `sends` (which channel, or why none); what the policy's `rules` hold back waits in `holds`.
"""

from engine.decide.consent import address, agreed, may_send, statement_on
from engine.decide.decision import Decide, decide
from engine.decide.rules import counted_since
from engine.decide.starts import concerns, in_audience

__all__ = [
    "Decide",
    "address",
    "agreed",
    "concerns",
    "counted_since",
    "decide",
    "in_audience",
    "may_send",
    "statement_on",
]
