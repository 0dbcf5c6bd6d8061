"""What providers post: believed by its proof, kept before it is answered, counted once."""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest

from engine.model.ids import derive_copy
from tests.support import SHANGHAI
from tests.web.gateways import Gateway, Site
from tests.web.test_unsubscribe import ALL, mobile

KEY = "only-they-know-this-one"


@pytest.fixture(scope="module")
def gateway(site: Site) -> Iterator[Gateway]:
    with site.gateway(MILEPOST_ALIYUN_HOOK_KEY=KEY) as running:
        yield running


def answers(number: int, text: str) -> list[dict[str, object]]:
    """As Alibaba Cloud tells of an answer to an SMS."""
    return [
        {
            "phone_number": mobile(number).removeprefix("+86"),
            "content": text,
            "send_time": f"{datetime.now(SHANGHAI):%Y-%m-%d %H:%M:%S}",
            "sequence_id": number,
        }
    ]


def test_an_answer_withdraws_consent_once_however_often_it_is_posted(site: Site, gateway: Gateway) -> None:
    notices = answers(4, "退订")
    for _ in range(2):
        answer = gateway.http.post(f"/hooks/aliyun?key={KEY}", json=notices)
        assert (answer.status_code, answer.json()["code"]) == (200, 0)
    assert site.may(mobile(4)) == {one for one in ALL if not one.startswith("sms/")}
    assert site.said(mobile(4)) == ["consent.withdrawn sms/all"]
    assert 'hook_events_total{type="consent.withdrawn",way="aliyun"} 2.0' in gateway.http.get("/metrics").text


def test_what_becomes_of_a_test_copy_is_passed_by(gateway: Gateway) -> None:
    def ignored() -> float:
        told = re.findall(r'hook_ignored_total\{way="aliyun"\} (\S+)', gateway.http.get("/metrics").text)
        return sum(map(float, told))

    before = ignored()
    notice = {"out_id": derive_copy("any"), "biz_id": "1", "success": True, "phone_number": "13800000009"}
    answer = gateway.http.post(f"/hooks/aliyun?key={KEY}", json=[notice])
    assert (answer.status_code, ignored() - before) == (200, 1.0)


@pytest.mark.parametrize("path", ["/hooks/aliyun", "/hooks/aliyun?key=", "/hooks/aliyun?key=guessed"])
def test_who_does_not_prove_who_they_are_is_not_heard(site: Site, gateway: Gateway, path: str) -> None:
    answer = gateway.http.post(path, json=answers(5, "退订"))
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert site.may(mobile(5)) == ALL
    assert "guessed" not in gateway.log.read_text("utf-8")


def test_what_cannot_be_read_is_refused_and_who_is_not_set_up_is_not_there(gateway: Gateway) -> None:
    assert gateway.http.post(f"/hooks/aliyun?key={KEY}", content=b"{").status_code == 400
    assert gateway.http.post("/hooks/twilio", data={"MessageSid": "SM1"}).status_code == 404
    assert gateway.http.post("/hooks/sms", json={}).status_code == 404
    log = gateway.log.read_text("utf-8")
    assert "MILEPOST_TWILIO_AUTH_TOKEN is not set" in log
    assert "MILEPOST_SMS_SECRET is not set" in log
    large = b"[" + b" " * (8 * 1024 * 1024) + b"]"
    assert gateway.http.post(f"/hooks/aliyun?key={KEY}", content=large).status_code == 413
