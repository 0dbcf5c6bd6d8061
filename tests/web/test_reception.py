"""The look-up for the reception, in a real Chromium, as large as a tablet and as a phone."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browsing import Watched, chromium
from tests.support import write_project
from tests.web.gateways import JOURNEY, Gateway, Site, bought
from tests.web.test_browser import FAULTS
from tests.web.test_staff import PASSWORD, hire

SIZES = {"tablet": {"width": 768, "height": 1024}, "phone": {"width": 360, "height": 740}}
DEALERS = "d001: {name: 乐平店}\nd002: {name: 宝山店}\n"
WAIT = """\
    title: 更换轮胎
    purpose: care
    start: {on: purchase.recorded, per: vehicle}
    steps:
      - wait: 2 months
      - send: hello
        by: [sms]
    """


def told(name: str, kind: str, number: int, dealer: str, days: int, **data: Any) -> dict[str, Any]:
    """An event about the customer of that number, so many days ago."""
    return {
        "specversion": "1.0",
        "id": name,
        "source": f"/dealers/{dealer}",
        "type": kind,
        "time": (datetime.now(UTC) - timedelta(days=days)).isoformat(),
        "data": {"dealer": dealer, "customer": {"mobile": f"+861380000{number:04}"}, **data},
    }


def visited(name: str, number: int, dealer: str, days: int, km: int, work: str) -> dict[str, Any]:
    car = {"plate": f"京A{number:05}", "odometer_km": km}
    return told(name, "service.visited", number, dealer, days, vehicle=car, work=[work])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("reception")
    write_project(folder, {"hello": JOURNEY, "later": WAIT}, files={"journeys/dealers.yaml": DEALERS})
    site = Site(folder, MILEPOST_PUBLIC_URL="http://127.0.0.1")
    other = {**bought(9), "source": "/dealers/d002"}
    other["data"] = {
        "dealer": "d002",
        "customer": {"mobile": "+8613800000009", "name": "赵六"},
        "vehicle": {"plate": "粤Z77788"},
        "tyres": [{"brand": "michelin", "quantity": 2}],
    }
    angry = told(
        "c1", "complaint.opened", 2, "d001", 3, complaint_id="k1", severity="serious", text="轮胎漏气"
    )
    fleet = [
        told(f"f{n}", "purchase.recorded", 3, "d001", 9, vehicle={"plate": f"京F{n:05}"}, tyres=[])
        for n in range(1, 4)
    ]
    site.take(
        *(bought(n) for n in (1, 2, 3)),
        other,
        visited("v1", 1, "d001", 200, 30_000, "oil"),
        visited("v2", 1, "d002", 40, 41_234, "alignment"),
        angry,
        *fleet,
    )
    for name, options in {"wang": ("--dealer", "d001"), "chief": ("--role", "headquarters")}.items():
        hire(site, name, *options)
    return site


@pytest.fixture(scope="module")
def gateway(site: Site) -> Iterator[Gateway]:
    with site.gateway() as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(params=list(SIZES))
def context(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport=SIZES[request.param], locale="zh-CN", has_touch=True)
    yield made
    made.close()


def logged_in(context: BrowserContext, gateway: Gateway, name: str = "wang") -> Page:
    page = context.new_page()
    page.goto(gateway.url + "/reception")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="登录").click()
    return page


def look_up(page: Page, asked: str) -> None:
    page.get_by_label("车牌、手机号、姓名或邮箱").fill(asked)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def trail(site: Site, *more: str) -> list[dict[str, Any]]:
    return [json.loads(one) for one in site.run("lookups", "list", "--format", "jsonl", *more).splitlines()]


def test_who_logs_in_looks_up_and_logs_out(context: BrowserContext, site: Site, gateway: Gateway) -> None:
    page = logged_in(context, gateway)
    watched = Watched(page)
    assert page.evaluate(FAULTS) == []
    look_up(page, "京A00001")
    assert page.get_by_role("heading", level=1).inner_text().startswith("王芳")
    assert page.evaluate(FAULTS) == []
    text = page.locator("main").inner_text()
    assert "13800000001" in text
    assert "更换机油" in text
    assert "更换轮胎" in text
    assert "公里" in text
    assert watched.complaints == []
    newest = trail(site)[0]
    assert (newest["staff"], newest["dealer"], newest["kind"]) == ("wang", "d001", "opened")
    assert newest["customers"] == ["+8613800000001"]
    with page.expect_navigation():
        page.get_by_role("button", name="退出").click()
    page.goto(gateway.url + "/reception")
    assert page.get_by_role("heading", name="登录").is_visible()


def test_of_other_dealers_nothing_is_shown(context: BrowserContext, gateway: Gateway) -> None:
    page = logged_in(context, gateway)
    look_up(page, "京A00001")
    text = page.locator("main").inner_text().replace("\u00a0", "")
    assert "四轮定位" not in text
    assert "41234" not in text
    for asked in ("粤Z77788", "赵六", "13800000009"):
        page.goto(gateway.url + "/reception")
        look_up(page, asked)
        assert page.get_by_role("heading", name="没有找到").is_visible()


def test_headquarters_sees_all(context: BrowserContext, gateway: Gateway) -> None:
    page = logged_in(context, gateway, "chief")
    look_up(page, "0009")
    assert "赵六" in page.locator("main").inner_text()
    page.goto(gateway.url + "/reception")
    look_up(page, "京A00001")
    assert "四轮定位" in page.locator("main").inner_text()


def test_a_slip_and_a_part_lead_to_a_list_and_the_list_to_the_customer(
    context: BrowserContext, gateway: Gateway
) -> None:
    page = logged_in(context, gateway)
    look_up(page, "京A0O001")
    assert "相近的车牌" in page.get_by_role("status").inner_text()
    assert page.evaluate(FAULTS) == []
    with page.expect_navigation():
        page.get_by_role("link", name="王芳").first.click()
    assert "京A00001" in page.locator("main").inner_text()
    with page.expect_navigation():
        page.get_by_role("link", name="返回列表").click()
    assert page.get_by_role("link", name="王芳").first.is_visible()


def test_an_open_complaint_comes_first_and_offers_nothing(context: BrowserContext, gateway: Gateway) -> None:
    page = logged_in(context, gateway)
    look_up(page, "京A00002")
    assert "轮胎漏气" in page.get_by_role("alert").inner_text()
    assert page.get_by_role("heading", name="今天可以提醒").count() == 0
    assert page.evaluate(FAULTS) == []


def test_of_a_fleet_the_car_that_was_asked_for_comes_first(context: BrowserContext, gateway: Gateway) -> None:
    page = logged_in(context, gateway)
    look_up(page, "京F00002")
    assert page.locator(".plate").first.inner_text() == "京F00002"
    assert "另外 3 辆车" in page.locator("summary").first.inner_text()


def test_consent_is_asked_for_where_nothing_was_said_by_ways_that_there_are(
    context: BrowserContext, gateway: Gateway
) -> None:
    page = logged_in(context, gateway, "chief")
    look_up(page, "粤Z77788")
    sentences = " ".join(page.locator(".sentence").all_inner_texts())
    assert "短信" in sentences
    assert "邮件" not in sentences.replace("电子通讯", "")
    assert "信件" not in sentences


def test_the_page_speaks_english_to_who_reads_english(browser: Browser, gateway: Gateway) -> None:
    context = browser.new_context(viewport=SIZES["tablet"], locale="en-GB")
    page = context.new_page()
    page.goto(gateway.url + "/reception")
    page.get_by_label("Name").fill("wang")
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Log in").click()
    page.get_by_label("Plate, mobile, name or email").fill("京F00002")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "3 more cars" in page.locator("summary").first.inner_text()
    context.close()


def test_nothing_is_shown_that_is_not_in_the_trail(site: Site, gateway: Gateway) -> None:
    page = gateway.http.get("/reception/found/1")
    assert page.status_code == 303
    assert trail(site, "--customer", "+8613800000009") is not None
    assert "13800000001" not in json.dumps([one["asked"] for one in trail(site)])
