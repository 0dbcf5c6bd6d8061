"""What the page says is so: its numbers, its links, and that it needs nothing else."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from engine.intake.parse import Parser
from engine.model.events import Event
from engine.model.messages import Status
from tests.demo.demos import Demo

pytestmark = pytest.mark.xdist_group("demo")

VOID = frozenset({"meta", "link", "img", "br", "input", "hr"})


class Reader(HTMLParser):
    """Collects what the tests ask for: links, ids, numbers, the cells of rows with a `data-` name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.numbers: dict[str, int] = {}
        self.rows: dict[tuple[str, str], list[str]] = {}
        self.shelves: list[dict[str, str]] = []
        self.open: list[str] = []
        self._row: list[str] | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag not in VOID and tag not in {"path", "rect", "circle"}:
            self.open.append(tag)
        self.links += [told[name] for name in ("href", "src") if name in told]
        if "id" in told:
            self.ids.add(told["id"])
        if tag == "data":
            self.numbers[told["id"]] = int(told["value"])
        if tag == "tr":
            for name in ("data-journey", "data-brand", "data-reason"):
                if name in told:
                    self._row = self.rows[name, told[name]] = []
        if tag in {"td", "th"} and self._row is not None:
            self._row.append("")
        if tag == "li" and "data-channel" in told:
            self.shelves.append(told)

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr":
            self._row = None
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self._row:
            self._row[-1] += data.strip()


@pytest.fixture(scope="module")
def page(demo: Demo) -> Reader:
    return Reader(demo.index)


def counted(text: str) -> int:
    return int(text.replace("\u202f", ""))


def test_the_headline_is_the_ledgers_and_the_intakes(demo: Demo, page: Reader) -> None:
    names = ("read", "accepted", "duplicates", "rejected", "decided", "sent", "skipped")
    assert page.numbers == {f"n-{name}": getattr(demo.result, name) for name in names}


def test_each_journey_channel_and_brand_is_told_as_often_as_it_was_sent(demo: Demo, page: Reader) -> None:
    sent = [row.message for row in demo.rows if row.message.status is Status.SENT]
    by_channel = Counter((one.journey, one.channel) for one in sent)
    for journey in {row.message.journey for row in demo.rows}:
        cells = page.rows["data-journey", journey]
        told = [counted(text) for text in cells[1:5]]
        numbers = [by_channel[journey, channel] for channel in ("letter", "email", "sms")]
        assert told == [*numbers, sum(numbers)]
    for brand, n in Counter(one.brand for one in sent).items():
        assert counted(page.rows["data-brand", brand][-1]) == n


def test_each_reason_is_told_as_often_as_it_stopped_something(demo: Demo, page: Reader) -> None:
    reasons = Counter(str(row.message.reason) for row in demo.rows if row.message.reason)
    told = {name: counted(cells[-1]) for (kind, name), cells in page.rows.items() if kind == "data-reason"}
    assert told == reasons


def test_each_refused_line_is_told_with_its_place_and_reason(demo: Demo) -> None:
    parser = Parser(demo.program.event_types, demo.program.policy.country)
    refused = 0
    for number, raw in enumerate(demo.sample.read_bytes().splitlines(), 1):
        parsed = parser.parse(raw)
        if not isinstance(parsed, Event):
            refused += 1
            assert f"events.jsonl, line {number}" in demo.index
    assert demo.index.count("<details><summary>events.jsonl, line") == refused


def test_what_came_in_is_shown_as_text_never_as_markup(demo: Demo) -> None:
    assert b"<xml>" in demo.sample.read_bytes()
    assert "<xml>" not in demo.index
    assert "&lt;xml&gt;" in demo.index


def test_the_gallery_has_every_brand_and_channel_that_was_sent(demo: Demo, page: Reader) -> None:
    sent = {(row.message.brand, row.message.channel) for row in demo.rows if row.place}
    assert {(one["data-brand"], one["data-channel"]) for one in page.shelves} == sent
    locales = {row.message.locale for row in demo.rows if row.place}
    assert {one["data-locale"] for one in page.shelves} == locales


@pytest.mark.parametrize("name", ["index.html", "ledger.html"])
def test_every_link_leads_to_something_that_is_there(demo: Demo, name: str) -> None:
    reader = Reader((demo.out / name).read_text("utf-8"))
    for link in reader.links:
        if link.startswith("#"):
            assert link[1:] in reader.ids
        elif link != "data:,":
            assert (demo.out / unquote(link)).is_file(), link


@pytest.mark.parametrize("name", ["index.html", "ledger.html"])
def test_nothing_is_asked_of_any_network(demo: Demo, name: str) -> None:
    text = (demo.out / name).read_text("utf-8")
    assert not re.findall(r"(?:https?:|(?:src|href)=.?)//", text)
    assert all(address in {"pictures/chinese.otf"} for address in re.findall(r'url\("?([^")]*)', text))
    assert (demo.out / "pictures/chinese.otf").is_file()


@pytest.mark.parametrize("name", ["index.html", "ledger.html"])
def test_every_element_is_closed(demo: Demo, name: str) -> None:
    assert Reader((demo.out / name).read_text("utf-8")).open == []


def test_the_ledger_page_has_every_message_and_links_every_file(demo: Demo) -> None:
    text = (demo.out / "ledger.html").read_text("utf-8")
    assert text.count("<tr data-f=") == len(demo.rows)
    for row in demo.rows:
        if row.place:
            assert f'href="{row.place}"' in text
    assert Path(demo.out / "index.html").is_file()
