"""The gateway killed with -9 between a customer's post and its answer: what was answered is there, what was not is
there or not, and said again it counts once."""

import signal
from pathlib import Path

import httpx
import pytest

from tests.support import write_project
from tests.web.gateways import CLICK, JOURNEY, Site, bought

MOBILE = "+8613800000001"
LINKS = "---\nsubject: hello\n---\n<p>{{ message.unsubscribe_url }} {{ message.preferences_url }}</p>\n"


@pytest.mark.parametrize("step", [f"advance.{n}" for n in range(1, 7)])
def test_what_a_killed_gateway_had_taken_is_there_and_counts_once(tmp_path: Path, step: str) -> None:
    write_project(tmp_path, {"hello": JOURNEY}, files={"templates/hello/email.zh-CN.html": LINKS})
    site = Site(tmp_path)
    site.take(bought(1))
    site.send()
    unsubscribe, preferences = site.links(MOBILE)
    with site.gateway(MILEPOST_CRASH_AT=step) as first:
        with pytest.raises(httpx.TransportError):
            first.http.post(unsubscribe, data=CLICK)
        assert first.process.wait(10) == -signal.SIGKILL
    assert len(site.said(MOBILE)) == (1 if step == "advance.6" else 0)
    with site.gateway() as second:
        assert second.http.post(unsubscribe, data=CLICK).status_code == 200
        assert site.said(MOBILE) == ["consent.withdrawn email/care"]
        form = {"action": "save", "page": "17", "shown": ["sms/care"], "want": []}
        for _ in range(2):
            assert second.http.post(preferences, data=form).status_code == 200
    assert site.said(MOBILE) == ["consent.withdrawn email/care", "consent.withdrawn sms/care"]


def test_beside_a_worker_what_is_said_stops_what_was_decided(tmp_path: Path) -> None:
    """Two processes on one file: one sends, one listens."""
    later = JOURNEY.rstrip() + "\n      - wait: 1 day\n      - {send: hello, by: email}\n"
    write_project(tmp_path, {"hello": later}, files={"templates/hello/email.zh-CN.html": LINKS})
    site = Site(tmp_path)
    site.take(bought(1))
    site.send()
    unsubscribe, _ = site.links(MOBILE)
    with site.gateway() as gateway:
        assert gateway.http.post(unsubscribe, data=CLICK).status_code == 200
        site.send()
    assert site.known(MOBILE)["consents"]["care"]["email"] is False
    assert all(one["reason"] == "no consent" for one in site.known(MOBILE)["next"])
