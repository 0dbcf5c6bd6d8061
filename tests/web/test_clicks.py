"""Links that are counted, from the email through `milepost gateway` into the log of what happened."""

import re
import sqlite3
import time
from pathlib import Path

import pytest

from tests.support import write_project
from tests.web.conftest import TITLES
from tests.web.gateways import HTML, JOURNEY, Gateway, Site, bought

TARGET = "https://shop.example.com/tyres?size=205/55R16&km=1%20000"
MOBILE = "+8613800000001"
EMAIL = f"""---
subject: hello
---
<p><a href="{TARGET.replace("&", "&amp;")}">shop</a> <a href="{{{{ message.unsubscribe_url }}}}">stop</a></p>
"""
SETTLES_S = 20


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A customer who got an email with a link to a shop."""
    folder = tmp_path_factory.mktemp("clicks")
    files = {f"templates/hello/email.{locale}.html": EMAIL for locale in ("zh-CN", "en")}
    write_project(folder, {"hello": JOURNEY}, policy=f"{TITLES}count_clicks: true\n", files=files)
    made = Site(folder)
    made.take(bought(1))
    made.send()
    return made


def link_of(site: Site) -> str:
    [page] = (site.project / "delivered" / "emails").rglob("*.html")
    [found] = re.findall(r'href="https://care\.example\.com(/c/[\w-]+)"', page.read_text("utf-8"))
    return str(found)


def clicks(site: Site) -> list[dict[str, object]]:
    return [one.data for one in site.events(MOBILE) if one.type == "message.clicked"]


def settled(site: Site, count: int) -> list[dict[str, object]]:
    """As soon as so many are counted."""
    give_up_at = time.monotonic() + SETTLES_S
    while len(found := clicks(site)) < count and time.monotonic() < give_up_at:
        time.sleep(0.05)
    return found


def test_who_follows_gets_there_and_is_counted_once(site: Site, gateway: Gateway) -> None:
    link = link_of(site)
    looks = [gateway.http.head(link), gateway.http.get(link, headers={"sec-purpose": "prefetch;prerender"})]
    assert clicks(site) == []
    answers = [gateway.http.get(link, headers=HTML) for _ in range(3)]
    for one in (*looks, *answers):
        assert (one.status_code, one.headers["location"]) == (302, TARGET)
        assert one.headers["cache-control"] == "no-store"
        assert one.headers["referrer-policy"] == "no-referrer"
    [click] = settled(site, 1)
    assert click["url"] == TARGET
    site.send()  # by when the other two have been taken in, if they were ever to be
    assert len(clicks(site)) == 1
    log = gateway.log.read_text("utf-8")
    assert "/c/{token}" in log
    assert link not in log
    assert "shop.example.com" not in log


@pytest.mark.parametrize("change", [lambda link: f"{link}A", lambda link: f"{link[:-1]}_", lambda _: "/c/x"])
def test_nothing_else_leads_anywhere(site: Site, gateway: Gateway, change: object) -> None:
    answer = gateway.http.get(change(link_of(site)), headers=HTML)  # type: ignore[operator]
    assert answer.status_code == 404
    assert "location" not in answer.headers


def test_a_database_that_is_away_delays_nobody_and_loses_nothing(site: Site, gateway: Gateway) -> None:
    """Somebody else writes for a while; the newest link is followed meanwhile."""
    site.take(bought(2))
    site.send()
    pages = sorted(
        (site.project / "delivered" / "emails").rglob("*.html"), key=lambda one: one.stat().st_mtime
    )
    link = re.findall(r"https://care\.example\.com(/c/[\w-]+)", pages[-1].read_text("utf-8"))[0]
    busy = sqlite3.connect(Path(site.project) / "milepost.db", isolation_level=None)
    busy.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    try:
        answer = gateway.http.get(link)
    finally:
        took_s = time.monotonic() - began
        busy.execute("ROLLBACK")
        busy.close()
    assert (answer.status_code, answer.headers["location"]) == (302, TARGET)
    assert took_s < 2
    give_up_at = time.monotonic() + SETTLES_S
    while not (found := [one for one in site.events("+8613800000002") if one.type == "message.clicked"]):
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
    assert len(found) == 1
