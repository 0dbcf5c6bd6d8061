"""The gallery: one page with every brand, channel and locale of each template, whole in itself."""

from base64 import b64encode
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from engine.language.template_files import Brand
from engine.render import segments

_PAGES = Path(__file__).parent / "pages"
_CHANNELS = {"letter": "Letter", "email": "Email", "sms": "SMS"}


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One variant of a template: what there is to see of it, or the `fault` that keeps it from being made. `picture` is
    the PNG of a letter's first page."""

    template: str
    brand: str
    channel: str
    locale: str
    subject: str = ""
    preheader: str = ""
    html: str = ""
    text: str = ""
    picture: bytes = b""
    fault: str = ""

    @property
    def anchor(self) -> str:
        return f"{self.template}.{self.brand}.{self.channel}.{self.locale}".replace("/", "-")

    @property
    def channel_name(self) -> str:
        return _CHANNELS.get(self.channel, self.channel)

    @property
    def picture_url(self) -> str:
        return f"data:image/png;base64,{b64encode(self.picture).decode()}"

    @property
    def size(self) -> str:
        """Of an SMS: `1 part, 58 of 70 characters` and how they are counted."""
        counted = segments(self.text)
        parts = f"{counted.parts} part{'s' * (counted.parts != 1)}"
        return f"{parts}, {counted.units} units ({counted.encoding})"


class _Row(msgspec.Struct, frozen=True):
    brand: str
    brand_name: str
    cards: list[Card]


class _Section(msgspec.Struct, frozen=True):
    template: str
    rows: list[_Row]


def gallery_page(title: str, cards: Sequence[Card], brands: dict[str, Brand], locale: str) -> str:
    """The page's HTML."""
    sections = []
    for template, theirs in groupby(cards, key=lambda one: one.template):
        rows = [
            _Row(brand, brands[brand].name(locale) if brand in brands else brand, list(of_brand))
            for brand, of_brand in groupby(theirs, key=lambda one: one.brand)
        ]
        sections.append(_Section(template, rows))
    environment = Environment(
        loader=FileSystemLoader(_PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("gallery.html.j2").render(
        title=title,
        sections=sections,
        faults=[one for one in cards if one.fault],
        count=len(cards),
        language=locale,
    )
