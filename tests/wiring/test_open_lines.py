"""Numbers, texts and keys go over no open line, except within this machine."""

import pytest

from engine.model.errors import UsageError
from engine.model.policy import Policy
from engine.wiring.settings import load_settings
from engine.wiring.ways import channel
from tests.support import SHANGHAI

TWILIO = {"MILEPOST_SMS": "twilio", "MILEPOST_TWILIO_AUTH_TOKEN": "t", "MILEPOST_TWILIO_ACCOUNT_SID": "AC1"}
ALIYUN = {"MILEPOST_SMS": "aliyun", "MILEPOST_ALIYUN_KEY_ID": "i", "MILEPOST_ALIYUN_KEY_SECRET": "s"}
POLICY = Policy(zone=SHANGHAI, locale="zh-CN", brand="michelin", channels=("sms",), purposes={})


def made(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    channel("sms", load_settings(), POLICY).close()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"MILEPOST_SMS": "http://sms.example.com/hush"}, "MILEPOST_SMS"),
        ({"MILEPOST_SMS": "https://:443/hush"}, "MILEPOST_SMS"),
        ({**TWILIO, "MILEPOST_TWILIO_URL": "http://api.example.com"}, "MILEPOST_TWILIO_URL"),
        ({**ALIYUN, "MILEPOST_ALIYUN_ENDPOINT": "http://sms.example.com"}, "MILEPOST_ALIYUN_ENDPOINT"),
    ],
)
def test_an_open_line_is_refused(
    settings: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match=named) as refused:
        made(monkeypatch, settings)
    assert "hush" not in refused.value.message + refused.value.hint


@pytest.mark.parametrize(
    "settings",
    [
        {"MILEPOST_SMS": "https://sms.example.com/send"},
        {"MILEPOST_SMS": "http://127.0.0.1:9/send"},
        {"MILEPOST_SMS": "http://localhost:9/send"},
        {**TWILIO, "MILEPOST_TWILIO_URL": "http://[::1]:9"},
        ALIYUN,
    ],
)
def test_one_that_is_guarded_or_stays_on_this_machine_is_taken(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made(monkeypatch, settings)
