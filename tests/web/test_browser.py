"""The pages in a real browser: on a desk and on a phone, with scripts forbidden, by mouse and by keyboard alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browsing import Watched, chromium
from tests.web.gateways import Gateway, Site
from tests.web.test_unsubscribe import ALL, mobile

SIZES = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 360, "height": 740}}
NAMES = {1: "米其林", 2: "BFGoodrich", 3: "回力"}

# What a screen reader and a thumb need, asked of the page itself; its own scripts are forbidden all the same.
FAULTS = """() => {
  const faults = [];
  const channel = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (one) => {
    for (; one; one = one.parentElement) {
      const colour = parts(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  for (const one of document.querySelectorAll("body *")) {
    const style = getComputedStyle(one);
    const said = [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!said || style.display === "none") continue;
    const [a, b] = [light(parts(style.color)), light(behind(one))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && style.fontWeight >= 700);
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) faults.push(`contrast: ${one.textContent.trim().slice(0, 40)}`);
  }
  for (const one of document.querySelectorAll("button, label.way")) {
    const box = one.getBoundingClientRect();
    if (box.height < 44 || box.width < 44) faults.push(`too small: ${one.textContent.trim()}`);
  }
  for (const one of document.querySelectorAll("input:not([type=hidden])"))
    if (!one.labels.length || !one.labels[0].textContent.trim()) faults.push("an input without a label");
  for (const one of document.querySelectorAll("fieldset"))
    if (!one.querySelector("legend")) faults.push("a fieldset without a legend");
  for (const one of document.querySelectorAll("a, button"))
    if (!one.textContent.trim()) faults.push("a link or button without a name");
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  if (new Set(ids).size !== ids.length) faults.push("an id twice");
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
  if (!document.documentElement.lang) faults.push("no language");
  if (!document.title.trim()) faults.push("no title");
  if (document.querySelector("script, iframe, img, [style], [onclick]")) faults.push("something that is not allowed");
  if (document.documentElement.scrollWidth > window.innerWidth) faults.push("wider than the window");
  return faults;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(params=list(SIZES))
def context(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    size = SIZES[request.param]
    made = browser.new_context(viewport=size, java_script_enabled=False, has_touch=request.param == "phone")
    yield made
    made.close()


def opened(context: BrowserContext, gateway: Gateway, path: str) -> Page:
    page = context.new_page()
    page.goto(gateway.url + path)
    return page


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("number", [1, 2, 3])
def test_pages_are_whole_readable_and_ask_nobody_else(
    browser: Browser, site: Site, gateway: Gateway, number: int, size: str
) -> None:
    context = browser.new_context(viewport=SIZES[size])
    page = context.new_page()
    watched = Watched(page)
    for path in (*site.links(mobile(number)), "/u/nothing"):
        page.goto(gateway.url + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(FAULTS) == []
        assert page.evaluate("getComputedStyle(document.querySelector('.head')).borderBottomWidth") != "0px"
        if path != "/u/nothing":
            assert NAMES[number] in page.locator(".mark").inner_text()
    assert {url.split("/")[2] for url in watched.requests if not url.startswith("data:")} == {
        gateway.url.removeprefix("http://")
    }
    assert [one for one in watched.complaints if "404" not in one] == []
    context.close()


def test_one_click_and_the_confirm_page_then_undo(
    context: BrowserContext, site: Site, gateway: Gateway
) -> None:
    unsubscribe, _ = site.links(mobile(14))
    page = opened(context, gateway, unsubscribe)
    page.get_by_role("button", name="确认退订").click()
    assert page.get_by_role("status").get_by_role("heading").inner_text() == "已为您退订"
    assert site.may(mobile(14)) == ALL - {"email/care"}
    page.reload()  # the browser posts the form again
    page.get_by_role("button", name="撤销").click()
    assert page.get_by_role("heading", name="欢迎回来").is_visible()
    assert site.may(mobile(14)) == ALL
    page.get_by_role("link", name="管理我的偏好").click()
    assert page.get_by_role("heading", name="您希望收到我们的哪些消息").is_visible()


def test_choices_are_made_by_keyboard_alone(context: BrowserContext, site: Site, gateway: Gateway) -> None:
    _, preferences = site.links(mobile(15))
    page = opened(context, gateway, preferences)
    care = page.get_by_role("group", name="爱车养护")
    before = care.get_by_label("短信").is_checked()
    care.get_by_label("信件").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert care.get_by_label("短信").is_checked() is not before
    page.keyboard.press("Enter")
    assert page.get_by_role("status").inner_text().endswith("已保存，即刻生效。")
    assert care.get_by_label("短信").is_checked() is not before
    assert ("sms/care" in site.may(mobile(15))) is not before


def test_a_break_is_taken_and_ended(context: BrowserContext, site: Site, gateway: Gateway) -> None:
    _, preferences = site.links(mobile(12))
    page = opened(context, gateway, preferences)
    page.get_by_role("button", name="暂停一个月").click()
    assert "已暂停" in page.get_by_role("status").inner_text()
    assert site.known(mobile(12))["paused_until"] is not None
    page.goto(gateway.url + preferences)
    page.get_by_role("button", name="现在恢复").click()
    assert page.get_by_role("button", name="暂停一个月").is_visible()
    assert site.known(mobile(12))["paused_until"] is None


def test_all_is_stopped_by_one_button(context: BrowserContext, site: Site, gateway: Gateway) -> None:
    _, preferences = site.links(mobile(13))
    page = opened(context, gateway, preferences)
    page.get_by_role("button", name="全部停止").click()
    assert page.locator("input:checked").count() == 0
    assert site.may(mobile(13)) == set()
