"""Pictures of the journeys that come with the project, for their how-tos; as `milepost graph` draws them."""

from collections.abc import Iterator
from pathlib import Path

from engine.language.report import Report
from engine.language.source import read_yaml_file
from engine.render.graph import picture_of, svg

JOURNEYS = Path(__file__).parent.parent / "journeys"
NOT_JOURNEYS = ("policy", "dealers", "events")


def pictures() -> Iterator[tuple[str, str]]:
    """The name of each picture, and the picture as SVG."""
    for path in sorted(JOURNEYS.glob("*.yaml")):
        if path.stem in NOT_JOURNEYS:
            continue
        node = read_yaml_file(path, f"journeys/{path.name}", Report())
        if node is not None:
            yield f"{path.stem}.svg", svg(picture_of(node))
