"""Charts as geometry: numbers in, places on a drawing of so many units out; the page's templates draw them.

Every chart is made for a given width and height, so that a phone gets a drawing of its own whose letters are
as large as those beside it. Units are CSS pixels at full size; y grows downwards.
"""

from engine.demo.charts.bars import Bars, stacked_bars
from engine.demo.charts.flow import Flow, flow_chart
from engine.demo.charts.odometer import OdometerChart, odometer_chart

__all__ = ["Bars", "Flow", "OdometerChart", "flow_chart", "odometer_chart", "stacked_bars"]
