"""Layer 1: what Milepost talks about. Plain data, no behaviour beyond what its own meaning needs.

Laws
1. Nothing here reads a clock, draws a lot, or does I/O.
2. Every moment is an aware `datetime` in UTC; a local time appears only with its time zone beside it.
3. What is stored (`customer`) only gains members, each with a default: old documents always read.
4. An id is a hash of what it names (`ids`); it is never drawn.

Modules, from the ground up: `errors`, `ids`, `times`, `event_types` (which events there are and what they
must hold), `events`, `customer` (the document), `policy`, `journeys` (as compiled), `program` (all of what a
decision needs), `messages` (the ledger's rows and their states), `tasks`, `diagnostics` (faults as values).
"""
