"""Charts as geometry: numbers in, places on a drawing of so many units out; `charts.j2` draws them.

Every chart is made for a given width and height, so that a phone gets a drawing of its own whose letters are
as large as those beside it. Units are CSS pixels at full size; y grows downwards.
"""

from engine.pages.charts.bars import Bars, stacked_bars
from engine.pages.charts.days import Days, days_chart
from engine.pages.charts.flow import Flow, flow_chart
from engine.pages.charts.line import Happening, Line, time_line
from engine.pages.charts.pairs import Pairs, paired_bars

__all__ = [
    "Bars",
    "Days",
    "Flow",
    "Happening",
    "Line",
    "Pairs",
    "days_chart",
    "flow_chart",
    "paired_bars",
    "stacked_bars",
    "time_line",
]
