"""Email by SendGrid is set up by settings, and what is missing is said."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.channels.hooks import Call, Refused
from engine.channels.sendgrid import SendGrid
from engine.model.errors import UsageError
from engine.model.policy import Policy
from engine.wiring.settings import load_settings
from engine.wiring.ways import channel, webhook, webhooks
from tests.services.sendgrid.client import SendGrid as Server
from tests.support import SHANGHAI


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy(zone=SHANGHAI, locale="zh-CN", brand="michelin", channels=("email",), purposes={})


def test_the_key_has_the_name_that_sendgrid_gives_it(
    policy: Policy, sendgrid: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILEPOST_EMAIL", "sendgrid")
    monkeypatch.setenv("SENDGRID_API_KEY", sendgrid.key)
    monkeypatch.setenv("MILEPOST_SENDGRID_URL", sendgrid.url)
    settings = load_settings()
    made = channel("email", settings, policy)
    assert isinstance(made, SendGrid)
    assert made.check() == f"by SendGrid, {sendgrid.url}"
    made.close()
    assert sendgrid.key not in repr(settings)


def test_a_file_may_hold_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("SG.secret\n", "utf-8")
    monkeypatch.setenv("SENDGRID_API_KEY_FILE", str(tmp_path / "key"))
    assert load_settings().sendgrid_api_key.get_secret_value() == "SG.secret"


@pytest.mark.parametrize("key", ["", "SG.\u200bkey"])
def test_without_a_key_it_says_what_to_set(policy: Policy, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("MILEPOST_EMAIL", "sendgrid")
    monkeypatch.setenv("SENDGRID_API_KEY", key)
    with pytest.raises(UsageError) as refused:
        channel("email", load_settings(), policy)
    assert "SENDGRID_API_KEY" in refused.value.hint


@pytest.mark.parametrize("url", ["http://api.sendgrid.com", "api.sendgrid.com", "ftp://127.0.0.1"])
def test_the_key_goes_over_no_open_line(policy: Policy, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("MILEPOST_EMAIL", "sendgrid")
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.key")
    monkeypatch.setenv("MILEPOST_SENDGRID_URL", url)
    with pytest.raises(UsageError, match="MILEPOST_SENDGRID_URL"):
        channel("email", load_settings(), policy)


def test_who_posts_is_known_by_the_key_that_is_set(sendgrid: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert webhook("sendgrid", load_settings()) is None
    monkeypatch.setenv("MILEPOST_SENDGRID_WEBHOOK_KEY", sendgrid.webhook_key())
    settings = load_settings()
    hook = webhook("sendgrid", settings)
    assert hook is not None
    assert list(webhooks(settings)) == ["sendgrid"]
    assert isinstance(hook(Call(url="", headers={}, body=b"[]"), datetime.now(UTC)), Refused)


def test_a_key_that_is_none_is_not_taken_for_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_SENDGRID_WEBHOOK_KEY", "junk")
    with pytest.raises(UsageError, match="MILEPOST_SENDGRID_WEBHOOK_KEY is no verification key"):
        webhooks(load_settings())
