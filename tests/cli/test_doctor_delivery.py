"""`milepost doctor` of channels and of the providers that tell what became of messages."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call, Done
from tests.cli.sites import write_site
from tests.services.sendgrid.client import SendGrid
from tests.support import milepost

WELL = {"MILEPOST_CLOCK": "real", "MILEPOST_PUBLIC_URL": "https://care.example.net"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_site(tmp_path)


def of(done: Done, check: str) -> list[tuple[str, str]]:
    """Outcomes and messages."""
    found = json.loads(done.stdout)["checks"]
    return [(one["outcome"], one["message"]) for one in found if one["check"] == check]


def test_a_channel_that_cannot_be_used_keeps_none_of_the_others_from_being_told_of(
    site: Path, call: Call
) -> None:
    done = call("doctor", "--format", "json", cwd=site, **WELL, MILEPOST_EMAIL="sendgrid")
    letters, email, sms = of(done, "channels")
    assert (letters[0], email, sms[0]) == ("ok", ("error", "MILEPOST_EMAIL=sendgrid needs an API key."), "ok")
    assert (letters[1][:7], sms[1][:4]) == ("letter:", "sms:")


def test_clicks_that_would_be_counted_twice_are_a_warning(site: Path, call: Call, sendgrid: SendGrid) -> None:
    settings = {
        **WELL,
        "MILEPOST_EMAIL": "sendgrid",
        "SENDGRID_API_KEY": sendgrid.key,
        "MILEPOST_SENDGRID_URL": sendgrid.url,
        "MILEPOST_SENDGRID_TRACKING": "true",
    }
    assert len(of(call("doctor", "--format", "json", cwd=site, **settings), "channels")) == 3
    policy = site / "journeys" / "policy.yaml"
    policy.write_text(policy.read_text() + "\ncount_clicks: true\n")
    *_, last = of(call("doctor", "--format", "json", cwd=site, **settings), "channels")
    assert last[0] == "warning"
    assert "counted twice" in last[1]


def test_what_it_opened_it_closes(site: Path, sendgrid: SendGrid) -> None:
    settings = {
        "MILEPOST_EMAIL": "sendgrid",
        "SENDGRID_API_KEY": sendgrid.key,
        "MILEPOST_SENDGRID_URL": sendgrid.url,
        "MILEPOST_SENDGRID_WEBHOOK_KEY": sendgrid.webhook_key(),
    }
    done = milepost("doctor", cwd=site, **{**WELL, **settings})
    assert "email: by SendGrid" in done.stdout
    assert done.stderr == "0 errors, 0 warnings\n"
    assert "/hooks/sendgrid is believed by MILEPOST_SENDGRID_WEBHOOK_KEY" in done.stdout


@pytest.mark.parametrize(
    ("settings", "needed"),
    [
        ({"MILEPOST_EMAIL": "SendGrid"}, "MILEPOST_SENDGRID_WEBHOOK_KEY"),
        ({"MILEPOST_SMS": "twilio"}, "MILEPOST_TWILIO_AUTH_TOKEN"),
        ({"MILEPOST_SMS": "aliyun"}, "MILEPOST_ALIYUN_HOOK_KEY"),
        ({"MILEPOST_SMS": "http://127.0.0.1:9/send"}, "MILEPOST_SMS_SECRET"),
    ],
)
def test_a_provider_that_would_not_be_heard_is_a_warning(
    site: Path, call: Call, settings: dict[str, str], needed: str
) -> None:
    [(outcome, message)] = of(call("doctor", "--format", "json", cwd=site, **WELL, **settings), "hooks")
    assert (outcome, message.partition(":")[0]) == ("warning", f"{needed} is not set")


def test_a_key_that_cannot_be_used_is_an_error_whichever_way_is_in_use(site: Path, call: Call) -> None:
    done = call("doctor", "--format", "json", cwd=site, **WELL, MILEPOST_SENDGRID_WEBHOOK_KEY="junk")
    assert done.code == 2
    assert of(done, "hooks") == [("error", "MILEPOST_SENDGRID_WEBHOOK_KEY is no verification key.")]
    refused = call("gateway", "--port", "0", cwd=site, **WELL, MILEPOST_SENDGRID_WEBHOOK_KEY="junk")
    assert refused.code == 2
    assert "MILEPOST_SENDGRID_WEBHOOK_KEY is no verification key." in refused.stderr
    assert "Event Webhooks" in refused.stderr
