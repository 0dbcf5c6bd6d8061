"""What stands around every request."""

import json
import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.web.gateways import CLICK, HTML, Gateway, Site
from tests.web.test_unsubscribe import mobile


def test_every_answer_forbids_what_a_page_does_not_need(site: Site, gateway: Gateway) -> None:
    unsubscribe, preferences = site.links(mobile(1))
    for path in (unsubscribe, preferences, "/u/x", "/hooks/x", "/health/live", "/assets/page.css"):
        headers = gateway.http.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers
        assert "set-cookie" not in headers
        assert headers["cache-control"] == ("public, max-age=86400" if "assets" in path else "no-store")


def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(gateway: Gateway) -> None:
    large = b"a" * (64 * 1024 + 1)
    assert gateway.http.post("/u/x", content=large).status_code in (404, 413)
    form = {"content-type": "application/x-www-form-urlencoded"}
    said = gateway.http.post("/u/x", content=large, headers=form)
    unsaid = gateway.http.post("/u/x", content=iter([large]), headers=form)
    for answer in (said, unsaid):
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PUT", "/u/x", 405), ("GET", "/hooks/twilio", 405), ("POST", "/hooks/nobody", 404), ("GET", "/x", 404)],
)
def test_programs_get_problem_details(gateway: Gateway, method: str, path: str, status: int) -> None:
    answer = gateway.http.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(answer.json())


@pytest.mark.parametrize(
    "body",
    [
        b"%ff%fe=\xff&=&&&",
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n",
        b"a=1&" * 5000,
    ],
)
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/x"]
)
def test_no_body_makes_it_fail(gateway: Gateway, body: bytes, kind: str) -> None:
    answer = gateway.http.post("/p/" + "A" * 43, content=body, headers={"content-type": kind})
    assert answer.status_code == 404


def test_neither_log_nor_numbers_hold_a_link_or_an_address(site: Site, gateway: Gateway) -> None:
    unsubscribe, preferences = site.links(mobile(1))
    gateway.http.get(unsubscribe)
    gateway.http.post(preferences, data={"action": "save"}, headers={"user-agent": "c1@example.cn"})
    gateway.http.get(f"/hooks/twilio?key={unsubscribe[3:]}")
    numbers = gateway.http.get("/metrics").text
    log = gateway.log.read_text("utf-8")
    for secret in (unsubscribe[3:], preferences[3:], "example.cn", "1380000", "127.0.0.1:5"):
        assert secret not in log
        assert secret not in numbers
    assert 'milepost_gateway_requests_total{method="GET",route="/u/{token}",status="200"}' in numbers
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {"route", "method", "status", "ms"} <= set(lines[-1])
    assert [one for one in lines if one["level"] != "info"] == []


def test_it_lives_and_is_ready(gateway: Gateway) -> None:
    assert gateway.http.get("/health/live").text == "alive\n"
    assert gateway.http.get("/health/ready").text == "ready\n"


def test_styles_are_of_the_brand_and_readable(gateway: Gateway) -> None:
    css = gateway.http.get("/assets/brands/michelin.css")
    assert css.headers["content-type"].startswith("text/css")
    assert "--primary: #27509b;" in css.text
    assert ".mark" in css.text
    for name in ("nobody", "..%5c..%5cjourneys", "a%00b"):
        assert "--primary: #27509b;" in gateway.http.get(f"/assets/brands/{name}.css").text
    assert gateway.http.get("/assets/brands/..%2f..%2fjourneys%2fpolicy.css").status_code == 404


def test_told_to_stop_it_answers_what_is_under_way_and_ends_well(site: Site) -> None:
    unsubscribe, _ = site.links(mobile(12))
    with site.gateway() as running:
        host, port = running.url.removeprefix("http://").split(":")
        slow = socket.create_connection((host, int(port)))
        slow.sendall(f"POST {unsubscribe} HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n".encode())
        slow.sendall(b"content-type: application/x-www-form-urlencoded\r\n\r\na")
        assert running.http.get("/health/live").status_code == 200
        running.process.terminate()
        give_up = time.monotonic() + 10
        while time.monotonic() < give_up:
            try:
                httpx.get(f"{running.url}/health/live", headers=HTML)
            except httpx.TransportError:
                break
        slow.sendall(b"=1&")
        assert slow.recv(1000).startswith(b"HTTP/1.1 200")
        slow.close()
        assert running.process.wait(15) == 0


def test_a_port_that_is_taken_is_told(site: Site, gateway: Gateway) -> None:
    port = gateway.url.rpartition(":")[2]
    with pytest.raises(AssertionError, match="cannot be at"):
        site.run("gateway", "--port", port)


def test_what_cannot_be_kept_is_not_said_to_be(site: Site) -> None:
    """The database is locked for longer than anybody waits."""
    unsubscribe, _ = site.links(mobile(13))
    with site.gateway() as running:
        before = running.http.get(unsubscribe)
        assert before.status_code == 200
        lock = sqlite3.connect(site.project / "milepost.db", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(2) as both:
            program = both.submit(running.http.post, unsubscribe, data=CLICK)
            person = both.submit(running.http.post, unsubscribe, data=CLICK, headers=HTML)
            said, shown = program.result(), person.result()
        lock.execute("ROLLBACK")
        lock.close()
    assert (said.status_code, said.headers["retry-after"]) == (503, "10")
    assert said.headers["content-type"] == "application/problem+json"
    assert (shown.status_code, "请稍后再试" in shown.text) == (503, True)
