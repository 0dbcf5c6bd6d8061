"""What of an address may be shown, and which customers can be led to."""

from typing import Any

import pytest

from engine.model.errors import UsageError
from engine.wiring.checkup import shown
from engine.wiring.checkup.shown import HIDDEN
from engine.wiring.settings import load_settings, variable


def shown_as(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv(variable(name), value)
    return next(one.value for one in shown(load_settings()) if one.name == variable(name))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("email", "smtp://mail.example:587", "smtp://mail.example:587"),
        ("email", "smtp://care:pw@mail.example:587", f"smtp://mail.example:587 {HIDDEN}"),
        ("email", "smtps://care@[2001:db8::1]:465", f"smtps://[2001:db8::1]:465 {HIDDEN}"),
        ("sms", "https://sms.example.com/hush", f"https://sms.example.com {HIDDEN}"),
        ("print_sftp", "sftp://us@printer.example:22/in", f"sftp://printer.example:22 {HIDDEN}"),
        ("public_url", "https://example.com/care/", "https://example.com/care/"),
        ("sendgrid_url", "https://u:pw@proxy.example/sg", f"https://proxy.example {HIDDEN}"),
        ("database_url", "postgresql://me:pw@db.example/care", "postgresql://me@db.example/care"),
        ("database_url", "sqlite:////var/lib/a@b.db", "sqlite:////var/lib/a@b.db"),
        ("kafka_bootstrap", "one:9092,two:9092", "one:9092,two:9092"),
    ],
)
def test_of_an_address_the_server_is_shown(
    name: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown_as(name, value, monkeypatch) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "smtp://care:p/ssw0rd@mail.example:587"),
        ("email", "smtp://care:12/ssw0rd@mail.example:587"),
        ("email", "smtp://care:p@ssw0rd@mail.example:587"),
        ("email", "smtp://care:p?ssw0rd@mail.example"),
        ("email", "smtp://x:y:z"),
        ("email", "smtp://care:70000"),
        ("email", "smtp://care:pass word"),
        ("sms", "https://u:p#w@sms.example.com/send"),
        ("database_url", "postgresql://me:12/pw@db.example/care"),
        ("database_url", "mysql://me:pw@db.example/care"),
        ("database_url", "sqlite:me:pw@db.example"),
        ("print_sftp", "sftp://us:pw"),
        ("twilio_url", "https://u:p/w@api.example"),
        ("kafka_bootstrap", "me:pw@one:9092"),
    ],
)
def test_what_cannot_be_read_for_certain_is_not_shown_at_all(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown_as(name, value, monkeypatch) == HIDDEN


@pytest.mark.parametrize(
    "value", ["care", "care.example.com", "ftp://care.example.com", "https://", "https://care.example.com?a=b",
              "https://me:hush@care.example.com", "https://care example.com", "https://care.example.com:port"],
)  # fmt: skip
def test_customers_can_only_be_led_to_a_web_server(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_PUBLIC_URL", value)
    with pytest.raises(UsageError, match=r"MILEPOST_PUBLIC_URL: .*https://care\.example\.com") as refused:
        load_settings()
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("value", ["https://example.com/care", "http://127.0.0.1:8080", "http://[::1]:8080/"])
def test_with_a_port_and_a_path_or_without(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_PUBLIC_URL", value)
    assert load_settings().public_url == value
