"""The page in a real browser, from the disk: nothing is asked of the network, nothing sticks out, links open."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import Watched, chromium
from tests.demo.demos import Demo

pytestmark = pytest.mark.xdist_group("demo")

SECTIONS = ("came-in", "refused", "sent", "not-sent", "open", "story", "next")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(params=[(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")], ids=str)
def watched(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Watched]:
    width, scheme = request.param
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    yield Watched(page)
    page.close()


@pytest.mark.parametrize("name", ["index.html", "ledger.html"])
def test_a_page_is_whole_quiet_and_as_wide_as_the_window(demo: Demo, watched: Watched, name: str) -> None:
    watched.assert_whole_and_quiet(demo.out / name)


def test_every_section_and_a_chart_for_this_width_can_be_seen(demo: Demo, watched: Watched) -> None:
    page = watched.page
    page.goto((demo.out / "index.html").as_uri())
    for section in SECTIONS:
        assert page.locator(f"#{section} h2").is_visible()
    assert page.locator("figure svg").count() == 6
    assert page.locator("figure svg:visible").count() == 3


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 844})
    yield page
    page.close()


def test_pictures_of_letters_are_loaded(demo: Demo, desk: Page) -> None:
    desk.goto((demo.out / "index.html").as_uri())
    pictures = desk.locator(".look img")
    assert pictures.count() > 0
    desk.evaluate("for (const one of document.querySelectorAll('.look img')) one.loading = 'eager'")
    desk.wait_for_function(
        "() => [...document.querySelectorAll('.look img')].every((one) => one.naturalWidth > 0)"
    )


def test_an_email_of_the_gallery_opens(demo: Demo, desk: Page) -> None:
    desk.goto((demo.out / "index.html").as_uri())
    email = desk.locator('[data-channel="email"] a.look').first
    email.click()
    desk.wait_for_url("**/emails/**")
    assert desk.locator("body").inner_text().strip()


def test_an_email_is_shown_in_its_place_without_any_right(demo: Demo, desk: Page) -> None:
    desk.goto((demo.out / "index.html").as_uri())
    frame = desk.locator(".look iframe").first
    frame.scroll_into_view_if_needed()
    assert frame.get_attribute("sandbox") == ""
    assert frame.content_frame.locator("body").inner_text().strip()


def test_the_ledger_can_be_narrowed_down(demo: Demo, desk: Page) -> None:
    desk.goto((demo.out / "ledger.html").as_uri())
    desk.locator("select[name=channel]").select_option("letter")
    letters = sum(row.message.channel == "letter" for row in demo.rows)
    assert desk.locator("#shown").inner_text() == str(letters)
    assert desk.locator("tbody tr:visible").count() == letters
