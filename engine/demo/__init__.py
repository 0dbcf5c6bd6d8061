"""The main job on sample data: a dealer network's year goes in, letters, emails and SMS come out, and one
page shows it all.

Laws
1. It is the engine: the same `Advance`, `Worker` and delivery that `ingest` and `run` use, by the clock of
   the data.
2. What the page says is counted from what happened (the events as they were read, the ledger), never from
   what was meant to happen. The same data and project make the same page.
3. The page needs nothing: no network, no server, no script to be read.
4. Nothing is removed but what an earlier demo made; a folder that is somebody else's is refused.

`shipped` finds the project and the sample · `folder` makes room · `produce` does the job · `arrivals`,
`sent`, `gallery`, `story` and `ledger` are what the page tells, as plain data · `odometer_chart` is geometry · `page`
writes; what other pages are made of too lies in `engine.pages`.
"""

from engine.demo.produce import DemoResult, Watch, make_demo
from engine.demo.shipped import shipped_project, shipped_sample

__all__ = ["DemoResult", "Watch", "make_demo", "shipped_project", "shipped_sample"]
