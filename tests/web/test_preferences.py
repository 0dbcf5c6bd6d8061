"""The preference centre: what is shown is what is known, and what differs becomes an event each."""

import re

from tests.web.gateways import Gateway, Site
from tests.web.test_unsubscribe import ALL, mobile, page_of


def checked(html: str) -> set[str]:
    return set(re.findall(r'name="want" value="([^"]+)" checked', html))


def shown(html: str) -> list[str]:
    return re.findall(r'name="shown" value="([^"]+)"', html)


def save(gateway: Gateway, path: str, html: str, want: set[str]) -> str:
    form = {"action": "save", "page": page_of(html), "shown": shown(html), "want": sorted(want)}
    answer = gateway.http.post(path, data=form)
    assert answer.status_code == 200
    return answer.text


def test_saving_says_what_has_changed_and_nothing_else(site: Site, gateway: Gateway) -> None:
    _, path = site.links(mobile(8))
    page = gateway.http.get(path).text
    assert checked(page) == set(shown(page)) == ALL
    assert "爱车养护" in page  # by the policy's title
    assert "电子通讯" in page  # by ours
    want = {"email/newsletter", "sms/care", "letter/care"}
    saved = save(gateway, path, page, want)
    assert "已保存" in saved
    assert checked(saved) == want == site.may(mobile(8))
    said = site.said(mobile(8))
    assert sorted(said) == ["consent.granted letter/care", "consent.withdrawn email/care"]
    save(gateway, path, page, want)  # the same page once more
    assert site.said(mobile(8)) == said
    assert "没有改动" in save(gateway, path, saved, want)


def test_two_pages_at_once_keep_each_others_choices(site: Site, gateway: Gateway) -> None:
    _, path = site.links(mobile(9))
    first, second = gateway.http.get(path).text, gateway.http.get(path).text
    save(gateway, path, first, ALL - {"sms/care"})
    answer = save(gateway, path, second, ALL - {"email/newsletter"})
    assert site.may(mobile(9)) == {"email/care"} == checked(answer)


def test_all_off_is_about_what_needs_consent(site: Site, gateway: Gateway) -> None:
    _, path = site.links(mobile(10))
    page = gateway.http.get(path).text
    answer = gateway.http.post(path, data={"action": "none", "page": page_of(page)})
    assert checked(answer.text) == site.may(mobile(10)) == set()
    assert all(site.known(mobile(10))["consents"]["service"].values())
    again = save(gateway, path, answer.text, {"sms/care"})
    assert checked(again) == site.may(mobile(10)) == {"sms/care"}


def test_a_pause_of_a_month_and_its_end(site: Site, gateway: Gateway) -> None:
    _, path = site.links(mobile(11))
    page = gateway.http.get(path).text
    paused = gateway.http.post(path, data={"action": "pause", "page": page_of(page)}).text
    assert "已暂停" in paused
    assert site.known(mobile(11))["paused_until"] is not None
    assert site.may(mobile(11)) == ALL
    page = gateway.http.get(path).text
    assert 'value="resume"' in page
    gateway.http.post(path, data={"action": "resume", "page": page_of(page)})
    assert site.known(mobile(11))["paused_until"] is None
    assert 'value="pause"' in gateway.http.get(path).text


def test_what_was_never_shown_cannot_be_chosen(site: Site, gateway: Gateway) -> None:
    _, path = site.links(mobile(1))
    form = {
        "action": "save",
        "page": "1",
        "shown": ["email/care"],
        "want": ["fax/care", "email/x", "a" * 5000],
    }
    before = site.events(mobile(1))
    gateway.http.post(path, data={**form, "shown": ["email/nothing"]})
    assert site.events(mobile(1)) == before
