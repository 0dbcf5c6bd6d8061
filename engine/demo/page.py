"""The page: everything the demo tells, put together and written.

The texts are Jinja2 templates in `pages/`, one a section, autoescaped; `index.html` shows it all,
`ledger.html` lists every message. Styles and the little script stand in the pages themselves.
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import msgspec
from msgspec.structs import asdict

from engine.demo import folder
from engine.demo.arrivals import ArrivalReport
from engine.demo.gallery import Shelf, gallery
from engine.demo.ledger import Line, lines_of
from engine.demo.next_steps import NextStep, next_steps
from engine.demo.odometer_chart import OdometerChart, odometer_chart
from engine.demo.pictures import FONT, with_pictures
from engine.demo.scene import Scene
from engine.demo.sent import report
from engine.demo.shipped import shipped_sample
from engine.demo.story import Story, tell_story
from engine.pages import lay_font, pages_of
from engine.pages.brands import BrandLook, looks_of
from engine.pages.calendar import local_day
from engine.pages.charts import Bars, Flow, flow_chart, stacked_bars
from engine.pages.tally import SentReport
from engine.pages.writing import NARROW_PX, WIDE_PX
from engine.ports import MessageFilter

_PAGES = Path(__file__).parent / "pages"


class Drawn(msgspec.Struct, frozen=True):
    """A chart for each width: (class of the drawing, drawing)."""

    flow: tuple[tuple[str, Flow], ...]
    bars: tuple[tuple[str, Bars], ...]
    odometer: tuple[tuple[str, OdometerChart], ...]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What `index.html` shows."""

    title: str
    index: Path
    about_data: str
    customers: int
    today: date
    came: ArrivalReport
    went: SentReport
    brands: dict[str, BrandLook]
    shelves: tuple[Shelf, ...]
    story: Story | None
    drawn: Drawn
    steps: tuple[NextStep, ...]
    ledger: str = folder.LEDGER
    font: str = FONT


def make_page(scene: Scene, came: ArrivalReport, tell: Callable[[float], None]) -> Page:
    """Writes `index.html`, `ledger.html` and the pictures; `tell` gets the share that is done."""
    tell(0.0)
    rows = list(scene.store.messages(MessageFilter()))
    today = local_day(scene.now, scene.program.policy.zone)
    went = report(rows, scene.program, came.first, max(came.last, today))
    story = tell_story(scene.program, scene.store, rows, scene.now, scene.words)
    page = Page(
        title=title_of(came),
        about_data=(
            "Sample data. Nobody in it is real."
            if scene.sample == shipped_sample()
            else f"Data of {scene.sample.name}"
        ),
        index=scene.out / folder.INDEX,
        customers=count_customers(scene),
        today=today,
        came=came,
        went=went,
        brands=looks_of(scene.loaded.templates.brands, [one.id for one in went.brands]),
        shelves=_pictured(scene, gallery(scene.out, scene.program, rows), tell),
        story=story,
        drawn=_drawn(came, went, story),
        steps=tuple(next_steps(scene, story)),
    )
    lay_font(scene.out / FONT)
    _write(page, tuple(lines_of(rows, scene.program)))
    tell(1.0)
    return page


def title_of(came: ArrivalReport) -> str:
    months = len(came.months)
    span = "A year" if 11 <= months <= 14 else f"{months} months" if months > 1 else "A month"
    return f"{span} of customer care"


def count_customers(scene: Scene) -> int:
    """How many customers are known."""
    n, cursor = 0, ""
    with scene.store.unit() as unit:
        while chunk := unit.after(cursor, 500):
            n += len(chunk)
            cursor = chunk[-1].id
    return n


def _pictured(scene: Scene, shelves: Sequence[Shelf], tell: Callable[[float], None]) -> tuple[Shelf, ...]:
    letters = sum(one.channel == "letter" for shelf in shelves for one in shelf.examples)
    done = 0

    def one_more() -> None:
        nonlocal done
        done += 1
        tell(done / (letters + 1))

    return with_pictures(scene.out, scene.project, scene.renderer, shelves, one_more)


def _drawn(came: ArrivalReport, went: SentReport, story: Story | None) -> Drawn:
    widths = (("wide", WIDE_PX), ("narrow", NARROW_PX))
    labels = [span.tick for span in went.spans]
    initials = [span.tiny for span in went.spans]
    car = story.odometer if story else None
    return Drawn(
        flow=tuple(
            (name, flow_chart(came.days, went.days, went.channels, width, 300 if name == "wide" else 260))
            for name, width in widths
        ),
        bars=tuple(
            (name, stacked_bars(labels if name == "wide" else initials, went.by_channel, width, 280))
            for name, width in widths
        ),
        odometer=tuple(
            (name, odometer_chart(car, width, 380 if name == "wide" else 320)) for name, width in widths
        )
        if car
        else (),
    )


def _write(page: Page, lines: Sequence[Line]) -> None:
    environment = pages_of(_PAGES)
    names = asdict(page)
    for name, file in (("index.html.j2", folder.INDEX), ("ledger.html.j2", folder.LEDGER)):
        text = environment.get_template(name).render(names | {"lines": lines})
        (page.index.parent / file).write_text(text, encoding="utf-8")
