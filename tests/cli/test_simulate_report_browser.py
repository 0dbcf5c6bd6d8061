"""The pages of a report in a real browser: nothing is asked of the network, filters and clicks work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import Watched, chromium
from tests.cli.histories import NAMES, UNTIL, write_history
from tests.support import milepost

pytestmark = pytest.mark.xdist_group("demo")

SECTIONS = ("sent", "busiest", "held", "not-sent", "cost", "runs", "read")
PAGES = ("index.html", "customers.html", "now/index.html", "now/customers.html", "before/index.html")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of two versions; `now` in it is as that of one."""
    site = write_history(tmp_path_factory.mktemp("site"))
    options = ("--until", UNTIL, "--compare", "before", "--report", "out")
    milepost("--project", "now", "simulate", "events.jsonl", *options, cwd=site)
    return site / "out"


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 844})
    yield page
    page.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_quiet_and_as_wide_as_the_window(
    out: Path, browser: Browser, name: str, width: int, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    Watched(page).assert_whole_and_quiet(out / name)
    page.close()


def test_every_section_can_be_seen_and_a_chart_for_each_width(out: Path, browser: Browser) -> None:
    for width in (1280, 390):
        page = browser.new_page(viewport={"width": width, "height": 844})
        page.goto((out / "now" / "index.html").as_uri())
        assert [one for one in SECTIONS if not page.locator(f"#{one} h2").is_visible()] == []
        charts = page.locator("figure svg")
        assert (charts.count(), page.locator("figure svg:visible").count()) == (6, 3)
        page.close()


def test_a_click_on_a_customer_opens_their_own_list(out: Path, desk: Page) -> None:
    desk.goto((out / "now" / "index.html").as_uri())
    desk.locator(".busy a", has_text=NAMES[0]).click()
    desk.wait_for_url("**/customers.html#c-*")
    opened = desk.locator("details[open]")
    assert opened.count() == 1
    assert NAMES[0] in opened.inner_text()
    assert opened.locator("tbody tr").first.is_visible()


def test_customers_can_be_narrowed_down(out: Path, desk: Page) -> None:
    desk.goto((out / "now" / "customers.html").as_uri())
    people = desk.locator("details.person:visible")
    assert people.count() == 3
    desk.locator("select[name=channel]").select_option("sms")
    assert people.count() == int(desk.locator("#shown").inner_text()) == 1
    desk.locator("select[name=channel]").select_option("")
    desk.locator("select[name=reason]").select_option("no consent")
    assert NAMES[2] in desk.locator("details.person:visible").all_inner_texts()[-1]
    desk.locator("select[name=reason]").select_option("")
    desk.locator("input[name=who]").fill("o’neil")
    assert people.count() == 1
    desk.locator("input[name=who]").fill("京A12343")
    assert people.count() == 1


def test_before_and_now_stand_side_by_side(out: Path, desk: Page) -> None:
    desk.goto((out / "index.html").as_uri())
    desk.locator(".busy a").first.click()
    desk.wait_for_url("**/customers.html#c-*")
    row = desk.locator("details[open] .beside > .moved").first
    before, now = row.locator("time").all()
    left, right = before.bounding_box(), now.bounding_box()
    assert left is not None
    assert right is not None
    assert left["x"] + left["width"] < right["x"]
    desk.locator("select[name=change]").select_option("gone")
    assert desk.locator("details.person:visible").count() == 0
    desk.locator("select[name=change]").select_option("added")
    assert desk.locator("details.person:visible").count() == 2


def test_both_reports_can_be_reached(out: Path, desk: Page) -> None:
    desk.goto((out / "index.html").as_uri())
    desk.get_by_role("link", name="All about before").click()
    desk.wait_for_url("**/before/index.html")
    desk.get_by_role("link", name="Back to both versions").click()
    desk.wait_for_url("**/out/index.html")


def test_without_scripts_everything_can_be_read(out: Path, browser: Browser) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((out / "now" / "customers.html").as_uri())
    assert page.locator("details.person:visible").count() == 3
    assert not page.locator(".filters").is_visible()
    page.locator("details.person summary").first.click()
    assert page.locator("details[open] tbody tr").first.is_visible()
    page.context.close()
