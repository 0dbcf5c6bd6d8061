"""What a simulation would do, on a page; and what two versions of a project would do, side by side.

Laws
1. The page says what the simulation said: it is counted from the same lines that `simulate` prints.
2. Of a message a few fields are kept, of an event none; how long a page gets is bounded, and the page says what it
   leaves out. Its counts are of everything.
3. The same history and project make the same page.

`history` is what a page is made from · `figures`, `holds`, `costs` and `people` are what it tells, as plain data ·
`beside` puts two versions side by side · `write` writes into a folder of its own.
"""

from engine.report.history import Came, Cause, History
from engine.report.write import ROOM, write_comparison, write_report

__all__ = ["ROOM", "Came", "Cause", "History", "write_comparison", "write_report"]
