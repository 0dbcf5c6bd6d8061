"""Charts as geometry: numbers in, places on a drawing of so many units out; `charts.j2` draws them.

Every chart is made for a given width and height, so that a phone gets a drawing of its own whose letters are
as large as those beside it. Units are CSS pixels at full size; y grows downwards.
"""

from engine.pages.charts.bars import Bars, stacked_bars
from engine.pages.charts.flow import Flow, flow_chart

__all__ = ["Bars", "Flow", "flow_chart", "stacked_bars"]
