"""From a letter's HTML to PDF, by PlutoPrint.

Laws
1. The same HTML makes the same bytes on every machine: fonts are our own, the only date in the file is the
   message's, and glyphs do not depend on the machine's language (`locl` is off; it would also give English
   digits forms that no text can be copied from).
2. Nothing is fetched but files of `templates/`; a letter that asks for more is an error.
3. A document that could keep the machine busy is refused before it is laid out: tables inside tables cost
   twice as much at each level, so their depth is bounded, as are the HTML's length and the pages.
"""

import io
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import plutoprint

from engine.model.errors import MilepostError, TemplateError
from engine.render.fonts import SANS, SERIF, use_own_fonts
from engine.render.resources import BASE_URL, Fetcher, Resources

MOST_HTML = 500_000
MOST_PAGES = 20
MOST_TABLES_DEEP = 10
MOST_ELEMENTS_DEEP = 200

_STYLE = f"<style>html {{ font-family: '{SANS}'; font-feature-settings: 'locl' 0, 'liga' 0 }}</style>"
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_LANGUAGE = re.compile(r"<html(?![^>]*\slang\s*=)", re.IGNORECASE)
_HEAD = re.compile(
    r"<head\b[^>]*>|<html\b[^>]*>(?!\s*<head\b)|<!doctype\b[^>]*>(?!\s*<(?:html|head)\b)", re.IGNORECASE
)
_UNCOUNTED = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "tr",
        "td",
        "th",
        "option",
        "html",
        "body",
    ]
)


def letter_pdf(html: str, resources: Resources, *, locale: str, at: datetime, name: str) -> bytes:
    """Sets `html` as PDF. `at` becomes the file's date; `name` is what errors call the letter.

    Raises `TemplateError` for a document that is too large, too deep, or asks for a file it may not have.
    """
    stream = io.BytesIO()
    with _set(html, resources, locale, name) as book:
        book.set_metadata(
            plutoprint.PDF_METADATA_CREATION_DATE, at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        )
        book.set_metadata(plutoprint.PDF_METADATA_CREATOR, "Milepost")
        book.write_to_pdf_stream(stream)
    return stream.getvalue()


def letter_picture(html: str, resources: Resources, *, locale: str, name: str, width_px: int) -> bytes:
    """The first page of the same letter as a PNG of that width. Raises as `letter_pdf` does."""
    stream = io.BytesIO()
    with _set(html, resources, locale, name) as book:
        size = book.get_page_size_at(0)
        scale = width_px / (size.width / plutoprint.UNITS_PX)
        canvas = plutoprint.ImageCanvas(width_px, round(size.height / plutoprint.UNITS_PX * scale))
        canvas.clear_surface(1, 1, 1, 1)
        canvas.scale(scale, scale)
        book.render_page(canvas, 0)
        canvas.write_to_png_stream(stream)
    return stream.getvalue()


@contextmanager
def _set(html: str, resources: Resources, locale: str, name: str) -> Iterator[plutoprint.Book]:
    """The letter, laid out; what fails in it or in its use is told as a `TemplateError`."""
    _refuse_bombs(html, name)
    use_own_fonts()
    fetcher = Fetcher(resources)
    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4, plutoprint.PAGE_MARGINS_NORMAL)
    book.custom_resource_fetcher = fetcher
    try:
        book.load_html(_with_basics(html, locale), base_url=BASE_URL)
        pages = book.get_page_count()
        if pages > MOST_PAGES:
            raise TemplateError(f"{name}: the letter has {pages} pages", f"{MOST_PAGES} is the most")
        yield book
    except plutoprint.Error as error:
        raise TemplateError(f"{name}: the letter cannot be set: {error}") from error
    if fetcher.refused:
        raise TemplateError(
            f"{name}: the letter asks for '{fetcher.refused[0]}', which is no file in templates/",
            "pictures and fonts lie in templates/; nothing is fetched from elsewhere",
        )


def _with_basics(html: str, locale: str) -> str:
    """`html` with its language said, and our own style before all of the author's."""
    html = _LANGUAGE.sub(f'<html lang="{locale}"', html, count=1)
    head = _HEAD.search(html)
    end = head.end() if head else 0
    return html[:end] + _STYLE + html[end:]


def _refuse_bombs(html: str, name: str) -> None:
    if len(html) > MOST_HTML:
        raise TemplateError(f"{name}: the letter is too long", f"{MOST_HTML} characters of HTML are the most")
    depth = tables = 0
    for closing, tag in _TAG.findall(html):
        step = -1 if closing else 1
        tag_name = tag.lower()
        if tag_name == "table":
            tables += step
        elif tag_name not in _UNCOUNTED:
            depth += step
        if tables > MOST_TABLES_DEEP or depth > MOST_ELEMENTS_DEEP:
            what = "tables" if tables > MOST_TABLES_DEEP else "elements"
            raise TemplateError(f"{name}: {what} lie too deep inside one another", "is an end tag missing?")


def check_letters() -> str:
    """Sets a small letter with our fonts, in Latin and Chinese. Returns, for the operator, in which; raises
    `MilepostError` where that cannot be done."""
    with tempfile.TemporaryDirectory(prefix="milepost-letter-") as empty:
        pdf = letter_pdf(
            f"<p>Milepost 里程碑</p><p style='font-family: {SERIF}'>里程碑</p>",
            Resources(Path(empty), ("",)),
            locale="zh-CN",
            at=datetime(2025, 1, 1, tzinfo=UTC),
            name="a letter to try",
        )
    missing = [one for one in (SANS, SERIF) if one.replace(" ", "").encode() not in pdf]
    if missing:
        raise MilepostError(f"The fonts {', '.join(missing)} are not found.", "Install milepost anew.")
    return f"{SANS} and {SERIF}"
