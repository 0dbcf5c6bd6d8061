"""Sample data that comes with Milepost: a year of a small, made-up dealer network.

`events.jsonl` holds what some 300 customers of eight dealers (d001 … d008) did in 2025, one event a line, in
order of arrival, with what such data has: lines sent twice, lines that come weeks late, some that must be
refused, wrong odometers, untidy handwriting. No real person is in it. Most cars are driven 10 000 to 40 000
km a year, so that there is something to remind of.

Laws
1. The file is what `engine.sim.network` makes of its `SAMPLE`, byte for byte (a test makes it again);
   `python -m engine.sim.network --sample` writes it.
2. Nothing here imports the engine.
"""

from importlib.resources import files
from pathlib import Path

__all__ = ["events_path"]


def events_path() -> Path:
    """Where the sample's events lie."""
    return Path(str(files(__name__) / "events.jsonl"))
