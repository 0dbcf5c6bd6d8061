"""A dealer network's history, made up: who bought what, who came by, who agreed to what, as dealers would
have sent it, with everything that goes wrong on the way, and the truth beside it.

    python -m engine.sim.network --customers 300 --days 365 --seed 7 --out DIR

writes `events.jsonl`, in order of arrival, and `truth.json`: every car's odometer on every fifth day, every
fitting of tyres, which lines are duplicates, how many are broken, late, or carry a wrong reading.

Laws
1. A pure function of its arguments: the same seed gives the same bytes, on every machine and version of
   Python. So only `random()` itself is drawn, which the standard library promises to keep.
2. Every customer is drawn from a seed of their own; what one does changes nothing for the others.
3. Memory does not grow with the network: lines are sorted by SQLite, in a file that goes by itself.
4. Nobody in it is real. Mobiles are valid in form, and their last eight digits count up from zero; addresses
   lie in streets that every city has; emails end in example.cn or example.com.

Modules: `lots` (drawing), `people` (who, where, which car), `driving` (the true odometer), `story` (what one
customer does, and when), `sending` (how it is written down and sent), `broken` (lines that must be refused),
`history` (all customers, in order of arrival).
"""

from engine.sim.network.history import SAMPLE, Network, Setting, generate, made

__all__ = ["SAMPLE", "Network", "Setting", "generate", "made"]
