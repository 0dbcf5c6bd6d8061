"""The environment in which pages are written: Jinja2, autoescaped, whose templates are a package's own and the shared
ones (`layout.html.j2`, `charts.j2`, `style.css`, `rows.js`).
"""

import shutil
from datetime import date
from pathlib import Path

import pylopdf_fonts_zh_cn
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from engine.pages.words import channel_name, tied

WIDE_PX = 960
NARROW_PX = 340
"""Every chart is drawn twice, for a desk and for a phone; the page shows the one that fits."""

_SHARED = Path(__file__).parent / "templates"


def pages_of(own: Path) -> Environment:
    """For the templates in the folder `own`."""
    environment = Environment(
        loader=FileSystemLoader([own, _SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"n": grouped, "day": day, "month": month, "channel": channel_name, "tied": tied}
    return environment


def lay_font(file: Path) -> None:
    """Copies the Chinese font, for machines that have none: pages show Chinese names."""
    shutil.copyfile(pylopdf_fonts_zh_cn.sans_path(), file)


def grouped(number: float) -> str:
    """`12 345`: digits in groups of three, with a narrow space, from five digits on."""
    text = f"{number:,.0f}"
    return text.replace(",", "" if abs(number) < 10_000 else "\u202f")


def day(one: date) -> str:
    return f"{one:%-d %b %Y}"


def month(one: date) -> str:
    return f"{one:%B %Y}"
