"""The page in a real browser, from the disk: nothing is asked of the network, nothing sticks out, links open."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.demo.demos import Demo

pytestmark = pytest.mark.xdist_group("demo")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECTIONS = ("came-in", "refused", "sent", "not-sent", "open", "story", "next")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("there is no chromium; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


class Watched:
    """A page whose complaints and requests are written down."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda one: self.complaints.append(one.text))
        page.on("pageerror", lambda one: self.complaints.append(str(one)))
        page.on("requestfailed", lambda one: self.complaints.append(one.url))
        page.on("request", lambda one: self.requests.append(one.url))

    def to_the_end(self) -> None:
        """Scrolls through, so that what is loaded late is loaded."""
        self.page.evaluate(
            "async () => { for (let y = 0; y < document.body.scrollHeight; y += 600) {"
            " window.scrollTo(0, y); await new Promise(requestAnimationFrame); } }"
        )
        self.page.wait_for_load_state("networkidle")


@pytest.fixture(params=[(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")], ids=str)
def watched(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Watched]:
    width, scheme = request.param
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    yield Watched(page)
    page.close()


@pytest.mark.parametrize("name", ["index.html", "ledger.html"])
def test_a_page_is_whole_quiet_and_as_wide_as_the_window(demo: Demo, watched: Watched, name: str) -> None:
    page = watched.page
    page.goto((demo.out / name).as_uri())
    watched.to_the_end()
    assert watched.complaints == []
    assert all(url.startswith(("file:", "data:")) for url in watched.requests)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


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
