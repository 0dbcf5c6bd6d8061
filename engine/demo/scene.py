"""What everything about a demo is made from."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.demo.telling import Words
from engine.language import Loaded
from engine.model.program import Program
from engine.ports import Renderer, Store


@dataclass(frozen=True, kw_only=True)
class Scene:
    """`now` is where the data's clock stands at the end."""

    out: Path
    project: Path
    sample: Path
    loaded: Loaded
    program: Program
    store: Store
    renderer: Renderer
    now: datetime

    @property
    def words(self) -> Words:
        return Words(self.program.dealers, self.loaded.templates.brands)
