"""Unsubscribing: asked first, done by one button or by the mail program, undone as easily, and never by a GET."""

import re

import pytest

from tests.web.gateways import CLICK, HTML, Gateway, Site

ALL = {"email/care", "email/newsletter", "sms/care"}


def mobile(number: int) -> str:
    return f"+861380000{number:04}"


def page_of(html: str) -> str:
    found = re.search(r'name="page" value="(\d+)"', html)
    assert found is not None
    return found[1]


def test_following_the_link_asks_and_changes_nothing(site: Site, gateway: Gateway) -> None:
    unsubscribe, preferences = site.links(mobile(1))
    for _ in range(2):
        answer = gateway.http.get(unsubscribe, headers=HTML)
        assert answer.status_code == 200
        assert "确认退订邮件" in answer.text
        assert "爱车养护" in answer.text
        assert f"..{preferences}" in answer.text
    assert gateway.http.head(unsubscribe).status_code == 200
    assert site.may(mobile(1)) == ALL


def test_the_form_stops_such_messages_and_can_be_undone_and_used_again(site: Site, gateway: Gateway) -> None:
    unsubscribe, _ = site.links(mobile(2))
    asked = gateway.http.get(unsubscribe).text
    assert "Looking after your car" in asked
    stopped = gateway.http.post(unsubscribe, data={"action": "stop", "page": page_of(asked)})
    assert (stopped.status_code, "You are unsubscribed" in stopped.text) == (200, True)
    assert site.may(mobile(2)) == ALL - {"email/care"}
    assert "You are unsubscribed" in gateway.http.get(unsubscribe).text

    undone = gateway.http.post(unsubscribe, data={"action": "undo", "page": page_of(stopped.text)})
    assert "Good to have you back" in undone.text
    assert site.may(mobile(2)) == ALL

    asked = gateway.http.get(unsubscribe).text
    gateway.http.post(unsubscribe, data={"action": "stop", "page": page_of(asked)})
    assert site.may(mobile(2)) == ALL - {"email/care"}


@pytest.mark.parametrize(
    ("number", "body"),
    [
        (4, {"data": CLICK}),
        (
            5,
            {"files": {"List-Unsubscribe": (None, "One-Click")}},
        ),  # as multipart/form-data, which RFC 8058 allows
        (6, {"content": b"", "headers": {"content-type": "text/plain"}}),
    ],
)
def test_a_mail_program_stops_them_by_one_post_however_often(
    site: Site, gateway: Gateway, number: int, body: dict[str, object]
) -> None:
    unsubscribe, _ = site.links(mobile(number))
    for _ in range(3):
        assert gateway.http.post(unsubscribe, **body).status_code == 200  # type: ignore[arg-type]
    assert site.may(mobile(number)) == ALL - {"email/care"}
    assert site.said(mobile(number)) == ["consent.withdrawn email/care"]


def test_what_is_said_is_proven_and_names_the_message(site: Site, gateway: Gateway) -> None:
    unsubscribe, _ = site.links(mobile(7))
    gateway.http.post(unsubscribe, data=CLICK)
    [event] = [one for one in site.events(mobile(7)) if one.type == "consent.withdrawn"]
    assert event.source == "/gateway/unsubscribe"
    assert event.data["message_id"] in event.data["proof"]


@pytest.mark.parametrize("path", ["/u/x", "/u/" + "A" * 43, "/p/" + "A" * 43, "/u/", "/elsewhere"])
def test_a_link_that_is_none_of_ours_gets_a_kind_page_without_a_reason(gateway: Gateway, path: str) -> None:
    answer = gateway.http.get(path, headers={**HTML, "accept-language": "en-GB,en;q=0.8"})
    assert answer.status_code == 404
    assert "This link does not work" in answer.text
    chinese = gateway.http.get(path, headers={**HTML, "accept-language": "zh-CN"})
    assert "这个链接打不开" in chinese.text


def test_a_link_opens_its_own_page_only(site: Site, gateway: Gateway) -> None:
    unsubscribe, preferences = site.links(mobile(1))
    assert gateway.http.get(preferences.replace("/p/", "/u/")).status_code == 404
    assert gateway.http.post(unsubscribe.replace("/u/", "/p/"), data={"action": "none"}).status_code == 404
    assert gateway.http.post("/u/" + "A" * 43, data=CLICK).status_code == 404
    assert site.may(mobile(1)) == ALL
