"""Pages in a real browser, from the disk."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium")
    if found is None:
        pytest.fail("there is no chromium; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=FLAGS)
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

    def assert_whole_and_quiet(self, file: Path) -> None:
        """Opens the file: it is as wide as the window, complains of nothing, and asks nothing of the network."""
        self.page.goto(file.as_uri())
        self.to_the_end()
        assert self.complaints == []
        assert all(url.startswith(("file:", "data:")) for url in self.requests)
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    def to_the_end(self) -> None:
        """Scrolls through, so that what is loaded late is loaded."""
        self.page.evaluate(
            "async () => { for (let y = 0; y < document.body.scrollHeight; y += 600) {"
            " window.scrollTo(0, y); await new Promise(requestAnimationFrame); } }"
        )
        self.page.wait_for_load_state("networkidle")
